import { type AppError, errorText, isAppError, type PruneDecision, type SnapshotId } from '@smart-vault/core';
import { outcomeOf, type PruneOutcome, setbackOf } from './outcome.ts';

/** How many snapshots one tag call names. */
const TAG_AT_ONCE_MAX = 50;

/** Whether work has to end here, and why. `undefined`: go on. */
export type StopSign = () => string | undefined;

/**
 * Adds or removes the condemned tag on these snapshots, many with one call. When EC2 refuses such a call (it does so
 * as a whole when one snapshot is gone) its snapshots are done one by one, so that each has its own outcome.
 */
export async function tagSnapshots(
  decisions: readonly PruneDecision[],
  done: 'condemned' | 'pardoned',
  call: (ids: readonly SnapshotId[]) => Promise<void>,
  stopSign: StopSign,
): Promise<readonly PruneOutcome[]> {
  const outcomes: PruneOutcome[] = [];
  const waiting = chunksOf(decisions, TAG_AT_ONCE_MAX);
  for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
    const result = stopSign() ?? (await attempt(call, chunk));
    if (result === undefined)
      outcomes.push(...chunk.map((decision) => outcomeOf(decision, done, decision.reason)));
    else if (typeof result === 'string' || setbackOf(result).stop) {
      const reason = typeof result === 'string' ? result : `${result.code}: ${errorText(result)}`;
      outcomes.push(...[chunk, ...waiting].flat().map((decision) => outcomeOf(decision, 'deferred', reason)));
      return outcomes;
    } else if (chunk.length > 1) waiting.unshift(...chunksOf(chunk, 1));
    else outcomes.push(...chunk.map((decision) => failedOutcome(decision, result)));
  }
  return outcomes;
}

async function attempt(
  call: (ids: readonly SnapshotId[]) => Promise<void>,
  decisions: readonly PruneDecision[],
): Promise<AppError | undefined> {
  try {
    await call(decisions.map((decision) => decision.snapshotId));
    return undefined;
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

/** The outcome of an item whose call failed with something other than a spent rate or quota. */
export function failedOutcome(decision: PruneDecision, error: AppError): PruneOutcome {
  const setback = setbackOf(error);
  return outcomeOf(decision, setback.stop ? 'deferred' : setback.kind, `${error.code}: ${errorText(error)}`);
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
