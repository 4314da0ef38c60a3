import { isAppError } from '@smart-vault/core';
import { isConfirmed } from '../command-line/confirm.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { textTable } from '../terminal/text-table.ts';
import { count } from '../terminal/words.ts';
import { openQueue } from '../vault/adapters.ts';
import { findSourceVault, type VaultQueue } from '../vault/find-vault.ts';
import { type Choice, classOf, isChosen, noneMeant } from './choose.ts';
import { type DeadLetterView, giveBack, peekDeadLetters, receiveAll } from './dead-letters.ts';
import { mustBeNamed } from './redrive-command.ts';
import { deadLetterQueues, lettersIn } from './redrive-plan.ts';

/** Letters of one queue that are shown and deleted at most, in one go. */
const LETTERS_MAX = 2_000;
const HOLD_SECONDS = 60;
/** Letters that are named before the question. */
const NAMED_MAX = 20;

interface LettersIn {
  readonly queue: VaultQueue;
  readonly letters: readonly DeadLetterView[];
}

/** `dlq discard`: deletes letters for good, after it has said what is lost. */
export async function dlqDiscard(context: CommandContext, choice: Choice): Promise<ExitStatus> {
  mustBeNamed(choice);
  const found = await readLetters(context);
  const doomed = found
    .map(({ queue, letters }) => ({ queue, letters: letters.filter((letter) => isChosen(letter, choice)) }))
    .filter(({ letters }) => letters.length > 0);
  const total = doomed.reduce((sum, { letters }) => sum + letters.length, 0);
  if (total === 0) {
    context.print([], () =>
      noneMeant(
        found.flatMap(({ letters }) => letters),
        'discard',
      ),
    );
    return choice.id.length > 0 ? EXIT.attention : EXIT.done;
  }
  if (!context.yes || !context.json) context.terminal.err(lossText(doomed, context));
  if (!(await isConfirmed(context, `Discard ${count(total, 'letter')} for good?`))) {
    context.terminal.err('Nothing was discarded.');
    return EXIT.attention;
  }
  const outcomes: { queue: string; chosen: number; discarded: number }[] = [];
  for (const { queue, letters } of doomed) {
    outcomes.push({
      queue: queue.name,
      chosen: letters.length,
      discarded: await discard(context, queue, letters),
    });
  }
  context.print(outcomes, () =>
    outcomes.map(({ queue, discarded }) => `${queue}: ${count(discarded, 'letter')} discarded`).join('\n'),
  );
  return outcomes.every(({ chosen, discarded }) => chosen === discarded) ? EXIT.done : EXIT.attention;
}

async function readLetters(context: CommandContext): Promise<readonly LettersIn[]> {
  const { queues } = await findSourceVault(context);
  const filled = deadLetterQueues(queues).filter(({ queue }) => lettersIn(queue) > 0);
  return Promise.all(
    filled.map(async ({ queue }) => ({
      queue,
      letters: await peekDeadLetters(openQueue(context)(queue), LETTERS_MAX),
    })),
  );
}

/** What nobody will do any more, in words for the person who is about to say yes. */
function lossText(doomed: readonly LettersIn[], { terminal }: CommandContext): string {
  return doomed
    .map(({ queue, letters }) => {
      const rows = letters
        .slice(0, NAMED_MAX)
        .map((letter) => [letter.messageId, classOf(letter), letter.subject, letter.cause]);
      const more = letters.length > NAMED_MAX ? `\nand ${letters.length - NAMED_MAX} more` : '';
      const table = textTable(['ID', 'CLASS', 'ABOUT', 'CAUSE'], rows, terminal.columns);
      return `${queue.name}: ${count(letters.length, 'letter')}\n${table}${more}\nLost with them: ${lossOf(queue)}`;
    })
    .join('\n\n');
}

function lossOf({ role, destination }: VaultQueue): string {
  switch (role) {
    case 'volumes-dlq':
      return 'the points of these volumes for these slots will not be made; the newest slot alone is tried again by the reconciler.';
    case 'copies-dlq':
      return `why these copies to ${destination} failed; the reconciler tries again what is still without a copy, within the hour.`;
    case 'reports-dlq':
      return 'these runs will not be reported.';
    case 'jobs-dlq':
      return 'these starts of a job will not be made up for; the next one comes by its schedule.';
    default:
      return 'these events; the reconciler enqueues within the hour what they should have caused.';
  }
}

/** Deletes exactly those that were shown. @returns how many; others may have been taken out meanwhile */
async function discard(
  context: CommandContext,
  queue: VaultQueue,
  letters: readonly DeadLetterView[],
): Promise<number> {
  const work = openQueue(context)(queue);
  const doomed = new Set(letters.map(({ messageId }) => messageId));
  const messages = await receiveAll(work, LETTERS_MAX, HOLD_SECONDS);
  const others = messages.filter(({ id }) => !doomed.has(id));
  let discarded = 0;
  try {
    for (const message of messages) {
      if (!doomed.has(message.id)) continue;
      try {
        await work.delete(message);
        discarded += 1;
      } catch (error) {
        if (!isAppError(error, 'NOT_FOUND')) throw error;
      }
    }
  } finally {
    await giveBack(work, others);
  }
  return discarded;
}
