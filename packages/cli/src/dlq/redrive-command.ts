import { AppError } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { type Progress, withProgress } from '../terminal/terminal.ts';
import { count } from '../terminal/words.ts';
import { openQueue } from '../vault/adapters.ts';
import { findSourceVault, type Vault, type VaultQueue } from '../vault/find-vault.ts';
import { type Choice, isAll, isChosen, isNamed, noneMeant } from './choose.ts';
import { type DeadLetterView, peekDeadLetters } from './dead-letters.ts';
import { createMessageMover } from './message-mover.ts';
import { type RedriveOptions, redriveQueue, wakeUpAfter } from './redrive.ts';
import { deadLetterQueues, planRedrive, type RedriveStep } from './redrive-plan.ts';

export interface RedriveFlags extends Choice {
  readonly dryRun?: boolean;
  readonly rate?: number;
  /** False by `--no-wait`. */
  readonly wait: boolean;
}

/** What became of one dead-letter queue; `left` are letters that were not meant. */
interface RedriveOutcome {
  readonly queue: string;
  readonly to: string | null;
  readonly letters: number;
  readonly moved: number;
  readonly left: number;
  readonly note: string;
}

/** Letters that are looked at to find out whether SQS may move all of them by itself. */
const LOOK_MAX = 200;

/** `dlq redrive`: moves letters back to the queues they came from, or only says what it would do. */
export async function dlqRedrive(context: CommandContext, flags: RedriveFlags): Promise<ExitStatus> {
  const vault = await findSourceVault(context);
  const outcomes: RedriveOutcome[] = [];
  const others: DeadLetterView[] = [];
  for (const step of planRedrive(deadLetterQueues(vault.queues))) {
    const outcome =
      step.kind === 'leave' ? staying(step, flags) : await redriveOne(step, vault, context, flags);
    if (outcome === undefined) continue;
    if ('others' in outcome) others.push(...outcome.others);
    else outcomes.push(outcome);
  }
  const moved = outcomes.filter((outcome) => outcome.moved > 0);
  const drained =
    flags.wait && flags.dryRun !== true && moved.length > 0
      ? await waitUntilDrained(context, vault, moved)
      : undefined;
  context.print(outcomes, () => renderOutcomes(outcomes, flags, others));
  if (drained !== undefined) context.terminal.err(drained.text);
  const wantsAttention = drained?.isDone === false || (flags.id.length > 0 && outcomes.length === 0);
  return wantsAttention ? EXIT.attention : EXIT.done;
}

function staying(
  { from, letters, reason }: Extract<RedriveStep, { kind: 'leave' }>,
  flags: Choice,
): RedriveOutcome | undefined {
  if (isNamed(flags) && !isAll(flags)) return undefined;
  return {
    queue: from.name,
    to: null,
    letters,
    moved: 0,
    left: letters,
    note: `${count(letters, 'letter')} left: ${reason}`,
  };
}

type Move = Extract<RedriveStep, { kind: 'move' }>;

async function redriveOne(
  step: Move,
  vault: Vault,
  context: CommandContext,
  flags: RedriveFlags,
): Promise<RedriveOutcome | { readonly others: readonly DeadLetterView[] }> {
  const { from, to, letters } = step;
  const seen = isAll(flags) ? [] : await peekDeadLetters(openQueue(context)(from), LOOK_MAX);
  const chosen = seen.filter((letter) => isChosen(letter, flags));
  const seesAll = seen.length >= letters;
  if (isNamed(flags) && !isAll(flags) && seesAll && chosen.length === 0) return { others: seen };
  const everything = isAll(flags) || (flags.id.length === 0 && seesAll && chosen.length === seen.length);
  const base = { queue: from.name, to: to.name, letters };
  if (flags.dryRun === true) {
    const would = everything ? letters : chosen.length;
    const atLeast = everything || seesAll ? '' : 'at least ';
    const note = `${atLeast}${count(would, 'letter')} would go back to ${to.name}`;
    return { ...base, moved: 0, left: letters - would, note: note + leftNote(letters - would, seen, flags) };
  }
  const { moved, left, by } = await redriveWithProgress(step, context, {
    ...(flags.rate !== undefined && { perSecond: flags.rate }),
    ...(everything ? {} : { isChosen: (letter) => isChosen(letter, flags) }),
  });
  if (moved > 0) await wake(to, vault, context);
  const how = by === 'sqs' ? 'by SQS' : 'one by one';
  const note = `${count(moved, 'letter')} moved back to ${to.name}, ${how}`;
  return { ...base, moved, left, note: note + leftNote(left, seen, flags) };
}

const leftNote = (left: number, seen: readonly DeadLetterView[], flags: Choice): string => {
  if (left <= 0) return '';
  const isPermanent =
    flags.id.length === 0 &&
    !flags.class.includes('permanent') &&
    seen.some(({ failureClass }) => failureClass === 'permanent');
  return `; ${left} left${isPermanent ? ': they cannot succeed, unless named with --class permanent' : ''}`;
};

function redriveWithProgress(step: Move, context: CommandContext, options: RedriveOptions) {
  const { from } = step;
  const ports = {
    mover: createMessageMover(context),
    clock: context.clock,
    workQueue: openQueue(context),
  };
  return withProgress(context.terminal, from.name, (progress) =>
    redriveQueue(
      step,
      ports,
      (done, total) => progress.update(`${from.name}: ${done} of ${count(total, 'letter')} moved`),
      options,
    ),
  );
}

/** Best effort: without it the pump sees the letters at its next tick, within five minutes. */
async function wake(to: VaultQueue, { name, queues }: Vault, context: CommandContext): Promise<void> {
  const now = context.clock.now();
  const wakeUp = wakeUpAfter(name, to, `redrive-${now}`);
  const queue = queues.find((each) => each.name === wakeUp?.queueName);
  if (wakeUp === undefined || queue === undefined) return;
  const { groupId, body } = wakeUp;
  await openQueue(context)(queue).send([{ body, groupId, deduplicationId: `redrive-${groupId}-${now}` }]);
}

const POLL_MS = 3_000;
/** Looks without any change after which the rest is left to the pump: it waits for permits or for a retry. */
const STILL_MAX = 40;

/** Follows the queues until the pump has taken everything out of them, some of it has died again, or nothing moves. */
async function waitUntilDrained(
  context: CommandContext,
  vault: Vault,
  moved: readonly RedriveOutcome[],
): Promise<{ readonly isDone: boolean; readonly text: string }> {
  const queues = vault.queues.filter(({ name }) => moved.some(({ to }) => to === name));
  const dlqs = vault.queues.filter(({ name }) => moved.some(({ queue }) => queue === name));
  const left = moved.reduce((sum, outcome) => sum + outcome.left, 0);
  return withProgress(context.terminal, 'waiting for the pump', async (progress) => {
    let before = Number.POSITIVE_INFINITY;
    for (let still = 0; still < STILL_MAX && !context.signal.aborted; still += 1) {
      const waiting = await total(context, queues, progress);
      const died = (await total(context, dlqs)) - left;
      if (died > 0) {
        return {
          isDone: false,
          text: `${count(died, 'letter')} died again: see ${context.command} dlq list`,
        };
      }
      if (waiting === 0) return { isDone: true, text: 'All of it has been taken up.' };
      if (waiting < before) still = 0;
      before = waiting;
      await context.clock.sleep(POLL_MS);
    }
    const text = `${count(before, 'message')} still waiting for the pump: see ${context.command} status`;
    return { isDone: true, text };
  });
}

async function total(
  context: CommandContext,
  queues: readonly VaultQueue[],
  progress?: Progress,
): Promise<number> {
  const depths = await Promise.all(queues.map((queue) => openQueue(context)(queue).depth()));
  const sum = depths.reduce((all, { visible, inFlight, delayed }) => all + visible + inFlight + delayed, 0);
  progress?.update(`${count(sum, 'message')} left for the pump to take`);
  return sum;
}

function renderOutcomes(
  outcomes: readonly RedriveOutcome[],
  flags: Choice,
  others: readonly DeadLetterView[],
): string {
  if (outcomes.length === 0) {
    return isNamed(flags) ? noneMeant(others, 'redrive') : 'No dead letters: nothing to redrive.';
  }
  return outcomes.map(({ queue, note }) => `${queue}: ${note}`).join('\n');
}

/** @throws AppError `INVALID` when nobody said which letters. */
export function mustBeNamed(flags: Choice): void {
  if (isNamed(flags)) return;
  throw new AppError(
    'INVALID',
    'say which letters: --class retryable, configuration, permanent or all, or --id <id>',
  );
}
