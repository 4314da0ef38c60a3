import { AppError, bodyText, slotMs } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { instantText, minuteText } from '../terminal/words.ts';
import { openQueue } from '../vault/adapters.ts';
import { findSourceVault } from '../vault/find-vault.ts';
import { hasId } from './choose.ts';
import { type DeadLetterView, peekDeadLetters } from './dead-letters.ts';
import { deadLetterQueues, lettersIn } from './redrive-plan.ts';

const LETTERS_MAX = 2_000;

interface FoundLetter extends DeadLetterView {
  readonly queue: string;
  readonly backTo: string | null;
}

/** `dlq show <id>`: everything about one letter, or all about one volume or snapshot. @throws AppError `INVALID` */
export async function dlqShow(context: CommandContext, id: string): Promise<void> {
  const { queues } = await findSourceVault(context);
  const filled = deadLetterQueues(queues).filter(({ queue }) => lettersIn(queue) > 0);
  const found = await Promise.all(
    filled.map(async ({ queue, source }): Promise<readonly FoundLetter[]> => {
      const letters = await peekDeadLetters(openQueue(context)(queue), LETTERS_MAX);
      return letters
        .filter((letter) => hasId(letter, [id]))
        .map((letter) => ({ ...letter, queue: queue.name, backTo: source?.name ?? null }));
    }),
  );
  const letters = found.flat();
  if (letters.length === 0) {
    const text = `no dead letter ${id} in vault "${context.vault}"; ${context.command} dlq list shows what there is`;
    throw new AppError('INVALID', text);
  }
  context.print(letters, () => letters.map((letter) => renderLetter(letter, context)).join('\n\n'));
}

function renderLetter(letter: FoundLetter, { clock }: CommandContext): string {
  const lines: readonly (readonly [string, string])[] = [
    ['Letter', letter.messageId],
    ['Queue', letter.queue],
    ['Back to', letter.backTo ?? 'nowhere: EventBridge or Lambda wrote it'],
    ['About', letter.subjects.join(' ') || '-'],
    ...(letter.slot === undefined ? [] : [['Slot', `${minuteText(slotMs(letter.slot))} UTC`] as const]),
    ['Class', letter.failureClass],
    ['Code', letter.code],
    ['Attempts', letter.attempts === undefined ? 'not recorded' : String(letter.attempts)],
    ['Failed', `${instantText(letter.failedAt, clock.now())} UTC`],
    ['Cause', bodyText(letter.cause)],
  ];
  const head = lines.map(([name, value]) => `${`${name}:`.padEnd(10)} ${value}`).join('\n');
  return `${head}\nMessage:\n${indented(letter.body)}`;
}

function indented(body: string): string {
  try {
    return bodyText(JSON.stringify(JSON.parse(body), null, 2)).replaceAll(/^/gm, '  ');
  } catch {
    return bodyText(body).replaceAll(/^/gm, '  ');
  }
}
