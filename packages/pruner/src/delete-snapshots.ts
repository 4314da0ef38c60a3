import {
  type AppError,
  assert,
  type Clock,
  condemnedTags,
  deletedTags,
  errorText,
  isAppError,
  type Log,
  type PruneDecision,
  type PruneInputs,
  type SnapshotId,
  type SnapshotStore,
} from '@smart-vault/core';
import { Pacer } from '@smart-vault/lambda-kit';
import { outcomeOf, type PruneOutcome, setbackOf } from './outcome.ts';
import { type Progress, record } from './progress.ts';
import { failedOutcome, type StopSign, tagSnapshots } from './tag-snapshots.ts';
import {
  VERIFIED_FOR_MS,
  VERIFY_AT_ONCE_MAX,
  type Verification,
  type VerifiedDeletion,
  verifyDeletions,
} from './verify-deletions.ts';

/** What deleting in one region needs. */
export interface DeletePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: SnapshotStore;
  readonly pacer: DeletePacer;
}

/** Makes a call as soon as the rate allows: DeleteSnapshot refills 5 a second per account and region. */
export interface DeletePacer {
  run<T>(call: () => Promise<T>): Promise<T>;
}

/** DeleteSnapshot refills 5 a second; its burst of 100 we leave to others. */
const DELETES_PER_SECOND = 5;

/** A pacer for the deletes of one region. */
export const newDeletePacer = (clock: Clock): DeletePacer =>
  new Pacer({ capacity: DELETES_PER_SECOND, refillPerSecond: DELETES_PER_SECOND, clock });

/**
 * Deletes these condemned snapshots of one region, in the order of the plan: oldest slot first. Each is looked at again
 * at most a minute before its call, and each has its own outcome: one that is refused or denied never stops the rest. A
 * spent rate or quota, or little time left, ends the work; the next run goes on.
 */
export async function deleteSnapshots(
  ports: DeletePorts,
  inputs: PruneInputs,
  decisions: readonly PruneDecision[],
  progress: Progress,
  stopSign: StopSign,
): Promise<readonly PruneOutcome[]> {
  const outcomes: PruneOutcome[] = [];
  let waiting = decisions;
  let stopped = stopSign();
  // Every round settles one decision at least, or time runs out: a look that has gone stale is repeated, not trusted.
  while (waiting.length > 0 && stopped === undefined) {
    const round = await deleteChunk(ports, inputs, waiting.slice(0, VERIFY_AT_ONCE_MAX), progress, stopSign);
    outcomes.push(...round.outcomes);
    const settled = new Set(round.outcomes.map((outcome) => outcome.snapshotId));
    waiting = waiting.filter((decision) => !settled.has(decision.snapshotId));
    stopped = round.stopped ?? stopSign();
  }
  const rest = deferAll(waiting, stopped ?? '');
  for (const outcome of rest) record(progress, outcome);
  return [...outcomes, ...rest];
}

interface Round {
  readonly outcomes: readonly PruneOutcome[];
  /** Why the whole work ends here. */
  readonly stopped?: string | undefined;
}

/** Verifies up to fifty, and deletes them while the look is fresh. */
async function deleteChunk(
  ports: DeletePorts,
  inputs: PruneInputs,
  chunk: readonly PruneDecision[],
  progress: Progress,
  stopSign: StopSign,
): Promise<Round> {
  const verification = await verify(ports, inputs, chunk, progress);
  if (isAppError(verification)) return unverified(ports, chunk, progress, verification);
  const outcomes = [...verification.outcomes];
  for (const outcome of outcomes) {
    record(progress, outcome);
    ports.log.info('snapshot.spared', { ...outcome });
  }
  for (const batch of batchesOf(verification.verified)) {
    const round = await deleteBatch(ports, batch, progress, stopSign);
    outcomes.push(...round.outcomes);
    if (round.stopped !== undefined || round.isStale) return { outcomes, stopped: round.stopped };
  }
  return { outcomes };
}

/** So many are marked with one call, at most: what a run that is cut off leaves marked and not deleted. */
const MARK_AT_ONCE_MAX = 10;

/** Neighbours that were condemned at one instant: these get the same mark. */
function batchesOf(verified: readonly VerifiedDeletion[]): readonly (readonly VerifiedDeletion[])[] {
  const batches: VerifiedDeletion[][] = [];
  for (const item of verified) {
    const last = batches.at(-1);
    if (last?.[0]?.condemnedAt === item.condemnedAt && last.length < MARK_AT_ONCE_MAX) last.push(item);
    else batches.push([item]);
  }
  return batches;
}

/** Marks a batch as deleted, deletes what could be marked, and takes the mark from what is still there. */
async function deleteBatch(
  ports: DeletePorts,
  batch: readonly VerifiedDeletion[],
  progress: Progress,
  stopSign: StopSign,
): Promise<BatchRound> {
  const { marked, outcomes, stopped } = await mark(ports, batch, stopSign);
  for (const outcome of outcomes) record(progress, outcome);
  const round =
    stopped === undefined ? await deleteMarked(ports, marked, progress, stopSign) : { stopped, outcomes: [] };
  const gone = new Set(round.outcomes.filter(isGone).map(({ snapshotId }) => snapshotId));
  await unmark(
    ports,
    marked.filter(({ decision }) => !gone.has(decision.snapshotId)),
  );
  return { ...round, outcomes: [...outcomes, ...round.outcomes] };
}

interface BatchRound extends Round {
  /** The look is too old for what is left. */
  readonly isStale?: boolean;
}

const isGone = ({ kind }: PruneOutcome): boolean => kind === 'deleted' || kind === 'gone';

async function deleteMarked(
  ports: DeletePorts,
  marked: readonly VerifiedDeletion[],
  progress: Progress,
  stopSign: StopSign,
): Promise<BatchRound> {
  const outcomes: PruneOutcome[] = [];
  for (const item of marked) {
    const stopped = stopSign();
    if (stopped !== undefined) return { outcomes, stopped };
    const answer = await deleteVerified(ports, item);
    if (answer === 'stale') return { outcomes, isStale: true };
    if (answer !== 'deleted' && setbackOf(answer).stop) {
      return { outcomes, stopped: `${answer.code}: ${errorText(answer)}` };
    }
    const outcome = settle(ports.log, item.decision, answer === 'deleted' ? undefined : answer);
    record(progress, outcome);
    outcomes.push(outcome);
  }
  return { outcomes };
}

/**
 * Writes on the condemned tag that the snapshot was deleted, before it is. Somebody may take it back from the Recycle Bin
 * with all its tags: then the next run sees what it is, and it has the grace period once more.
 */
async function mark(
  { clock, log, store }: DeletePorts,
  batch: readonly VerifiedDeletion[],
  stopSign: StopSign,
): Promise<{ marked: readonly VerifiedDeletion[]; outcomes: readonly PruneOutcome[]; stopped?: string }> {
  const tags = deletedTags(batch[0]?.condemnedAt ?? Number.NaN, clock.now());
  const write = (ids: readonly SnapshotId[]) => store.addTags(ids, tags);
  const tagged = await tagSnapshots(decisionsIn(batch), 'condemned', write, stopSign);
  const kinds = new Map(tagged.map(({ kind, snapshotId }) => [snapshotId, kind]));
  const marked = batch.filter(({ decision }) => kinds.get(decision.snapshotId) === 'condemned');
  const outcomes = tagged.filter(({ kind }) => kind !== 'condemned' && kind !== 'deferred');
  for (const outcome of outcomes)
    if (outcome.kind === 'failed') log.error('snapshot.tag-failed', { ...outcome });
  const stopped = tagged.find(({ kind }) => kind === 'deferred')?.reason;
  return { marked, outcomes, ...(stopped === undefined ? {} : { stopped }) };
}

/** Where this fails too, the next run takes the snapshot for one that came back: it stays for one more grace period. */
async function unmark({ log, store }: DeletePorts, left: readonly VerifiedDeletion[]): Promise<void> {
  const [first] = left;
  if (first === undefined) return;
  const write = (ids: readonly SnapshotId[]) => store.addTags(ids, condemnedTags(first.condemnedAt));
  for (const outcome of await tagSnapshots(decisionsIn(left), 'condemned', write, () => undefined))
    if (outcome.kind !== 'condemned') log.warn('snapshot.still-marked', { ...outcome });
}

const decisionsIn = (items: readonly VerifiedDeletion[]): readonly PruneDecision[] =>
  items.map(({ decision }) => decision);

/** The verification, or why there is none: then nothing is deleted. */
async function verify(
  ports: DeletePorts,
  inputs: PruneInputs,
  chunk: readonly PruneDecision[],
  progress: Progress,
): Promise<Verification | AppError> {
  try {
    return await verifyDeletions(ports, inputs, chunk, progress);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

/** What could not be looked at again is not deleted. Unless a rate is spent, it counts as failed: somebody has to know. */
function unverified(
  { log, store }: DeletePorts,
  chunk: readonly PruneDecision[],
  progress: Progress,
  error: AppError,
): Round {
  const { region } = store;
  const cause = errorText(error);
  const reason = `it could not be looked at again (${error.code}: ${cause})`;
  if (setbackOf(error).stop) {
    log.warn('prune.unverified', { region, code: error.code, cause });
    return { outcomes: [], stopped: reason };
  }
  log.error('prune.unverified', { region, code: error.code, cause });
  const outcomes = chunk.map((decision) => outcomeOf(decision, 'failed', reason));
  for (const outcome of outcomes) record(progress, outcome);
  return { outcomes };
}

/**
 * The only place of the system that deletes a snapshot. The log has the line before EC2 has the call.
 * `stale`: the rate made it wait for so long that the look no longer counts; nothing was called.
 */
async function deleteVerified(
  ports: DeletePorts,
  item: VerifiedDeletion,
): Promise<'deleted' | 'stale' | AppError> {
  const { kind, snapshotId, region, rule, reason, slot, sizeGiB } = item.decision;
  assert(kind === 'delete', `${snapshotId} is to be deleted, but the decision is ${kind}`);
  assert(region === ports.store.region, `${snapshotId} of ${region} is deleted in ${ports.store.region}`);
  try {
    return await ports.pacer.run(async () => {
      if (ports.clock.now() - item.verifiedAt > VERIFIED_FOR_MS) return 'stale';
      ports.log.info('snapshot.deleting', { snapshotId, region, slot, sizeGiB, rule, reason });
      await ports.store.deleteSnapshot(snapshotId);
      return 'deleted';
    });
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

function settle(log: Log, decision: PruneDecision, error: AppError | undefined): PruneOutcome {
  const outcome =
    error === undefined ? outcomeOf(decision, 'deleted', decision.reason) : failedOutcome(decision, error);
  if (outcome.kind === 'failed') log.error('snapshot.delete-failed', { ...outcome });
  else log.info(outcome.kind === 'deleted' ? 'snapshot.deleted' : 'snapshot.delete-refused', { ...outcome });
  return outcome;
}

/** Everything that was not tried. */
export function deferAll(decisions: readonly PruneDecision[], reason: string): PruneOutcome[] {
  return decisions.map((decision) => outcomeOf(decision, 'deferred', reason));
}
