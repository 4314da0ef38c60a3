import type { Clock } from '@smart-vault/core';
import { count } from '../text-table.ts';
import { listDeadLetters, renderListing } from './list.ts';
import type { VaultQueue } from './ports.ts';
import { redriveQueue, wakeUpAfter } from './redrive.ts';
import { deadLetterQueues, planRedrive, type RedriveStep } from './redrive-plan.ts';
import { createMessageMover, findVaultQueues, openQueue, type VaultLocation } from './vault-queues.ts';

/** Where a command writes: results to `out`, progress to `progress`. */
export interface Output {
  out(text: string): void;
  progress(text: string): void;
}

/** What both commands are given. */
export interface DlqContext {
  readonly location: VaultLocation;
  readonly clock: Clock;
  readonly output: Output;
  readonly json: boolean;
}

/** `dlq list`: every dead-letter queue of the vault and, of each, up to `max` letters. */
export async function dlqList({ location, clock, output, json }: DlqContext, max: number): Promise<void> {
  const dlqs = deadLetterQueues(await findVaultQueues(location));
  const listings = await listDeadLetters(dlqs, openQueue(location), max);
  output.out(json ? JSON.stringify(listings, null, 2) : renderListing(listings, clock.now()));
}

/** What became of one dead-letter queue. */
interface RedriveOutcome {
  readonly queue: string;
  readonly to: string | null;
  readonly letters: number;
  readonly moved: number;
  readonly note: string;
}

/** `dlq redrive`: moves the letters of every queue back, or only says what it would do. */
export async function dlqRedrive(
  context: DlqContext,
  options: { dryRun: boolean; perSecond?: number },
): Promise<void> {
  const { location, output, json } = context;
  const queues = await findVaultQueues(location);
  const outcomes: RedriveOutcome[] = [];
  for (const step of planRedrive(deadLetterQueues(queues))) {
    outcomes.push(
      step.kind === 'leave' || options.dryRun
        ? untouched(step)
        : await redriveOne(step, queues, context, options.perSecond),
    );
  }
  output.out(json ? JSON.stringify(outcomes, null, 2) : renderOutcomes(outcomes));
}

function untouched(step: RedriveStep): RedriveOutcome {
  const { from, letters } = step;
  return step.kind === 'move'
    ? { queue: from.name, to: step.to.name, letters, moved: 0, note: `would go back to ${step.to.name}` }
    : { queue: from.name, to: null, letters, moved: 0, note: `stay: ${step.reason}` };
}

async function redriveOne(
  step: Extract<RedriveStep, { kind: 'move' }>,
  queues: readonly VaultQueue[],
  { location, clock, output }: DlqContext,
  perSecond: number | undefined,
): Promise<RedriveOutcome> {
  const { from, to, letters } = step;
  const ports = { mover: createMessageMover(location), clock, workQueue: openQueue(location) };
  const onProgress = (moved: number, total: number): void => {
    if (isMilestone(moved, total))
      output.progress(`${from.name}: ${moved} of ${count(total, 'letter')} moved`);
  };
  const { moved, by } = await redriveQueue(
    step,
    ports,
    onProgress,
    perSecond === undefined ? {} : { perSecond },
  );
  await wake(to, queues, location, clock);
  const how = by === 'sqs' ? 'by SQS' : 'one by one';
  return { queue: from.name, to: to.name, letters, moved, note: `moved back to ${to.name}, ${how}` };
}

/** Ten lines for a long redrive, one for a short one. */
const isMilestone = (moved: number, total: number): boolean =>
  moved >= total || moved % Math.max(10, Math.ceil(total / 10)) === 0;

/** Best effort: without it the pump sees the letters at its next tick, within five minutes. */
async function wake(
  to: VaultQueue,
  queues: readonly VaultQueue[],
  location: VaultLocation,
  clock: Clock,
): Promise<void> {
  const wakeUp = wakeUpAfter(location.vault, to, `redrive-${clock.now()}`);
  const queue = queues.find(({ name }) => name === wakeUp?.queueName);
  if (wakeUp === undefined || queue === undefined) return;
  const { groupId, body } = wakeUp;
  await openQueue(location)(queue).send([
    { body, groupId, deduplicationId: `redrive-${groupId}-${clock.now()}` },
  ]);
}

function renderOutcomes(outcomes: readonly RedriveOutcome[]): string {
  if (outcomes.length === 0) return 'No dead letters: nothing to redrive.';
  return outcomes
    .map(({ queue, letters, moved, note }) =>
      moved > 0
        ? `${queue}: ${count(moved, 'letter')} ${note}`
        : `${queue}: ${count(letters, 'letter')} ${note}`,
    )
    .join('\n');
}
