import { emitCopySnapshot, emitCreateSnapshot, emitCreateSnapshots } from './events.ts';
import type { RegionState } from './region.ts';
import { fullSizeBytes } from './sizes.ts';
import type { SnapshotRecord } from './types.ts';

/** Puts a new snapshot into the books of its region. Its end is scheduled by the caller. */
export function begin(region: RegionState, snapshot: SnapshotRecord): void {
  const stats = region.account.stats.region(region.name);
  region.snapshots.put(snapshot);
  stats.snapshots = region.snapshots.size;
  if (snapshot.truth.copyOf === undefined) {
    region.activity(snapshot.volumeId).busy.add(snapshot.id);
    stats.snapshotsStarted += 1;
    stats.pending += 1;
    stats.pendingMax = Math.max(stats.pendingMax, stats.pending);
  } else {
    stats.copiesStarted += 1;
    stats.copiesInFlight += 1;
    stats.copiesInFlightMax = Math.max(stats.copiesInFlightMax, stats.copiesInFlight);
  }
}

/** Ends a snapshot of a volume and tells EventBridge, unless it was deleted meanwhile. */
export function endSnapshot(region: RegionState, id: string, failure?: string): void {
  const ended = end(region, id, failure);
  if (ended !== undefined) emitCreateSnapshot(region, ended, failure);
}

/**
 * Ends a multi-volume set: one failure makes all members fail. Members deleted meanwhile vanish and count
 * neither way.
 * @param failures why a member fails, by its id
 */
export function endSet(
  region: RegionState,
  ids: readonly string[],
  failures: ReadonlyMap<string, string>,
): void {
  const failed = ids.find((id) => failures.has(id) && !region.doomed.has(id));
  const cause = failed === undefined ? undefined : `Snapshot ${failed} is in status error`;
  const members: SnapshotRecord[] = [];
  for (const id of ids) {
    const member = end(region, id, cause === undefined ? undefined : (failures.get(id) ?? cause));
    if (member !== undefined) members.push(member);
  }
  if (members.length === 0) return;
  if (region.account.knobs.memberEventsOfSets) {
    for (const member of members) emitCreateSnapshot(region, member, member.stateMessage);
  }
  emitCreateSnapshots(region, members, cause);
}

/** Ends a copy and tells EventBridge in the destination region, unless it was deleted meanwhile. */
export function endCopy(region: RegionState, id: string, failure?: string): void {
  const cause = failure ?? sourceLost(region, id);
  const ended = end(region, id, cause);
  if (ended !== undefined) emitCopySnapshot(region, ended, cause);
}

function sourceLost(region: RegionState, id: string): string | undefined {
  const source = region.snapshots.get(id)?.truth.copyOf;
  if (source === undefined || region.account.knobs.copiesSurviveSourceDeletion) return undefined;
  const there = region.account.region(source.region).snapshots.get(source.snapshotId);
  return there === undefined ? 'Source snapshot is not found' : undefined;
}

/** The snapshot after its end; `undefined` when it is gone with it. */
function end(region: RegionState, id: string, failure: string | undefined): SnapshotRecord | undefined {
  const snapshot = region.snapshots.get(id);
  if (snapshot?.state !== 'pending') return undefined;
  const stats = region.account.stats.region(region.name);
  if (snapshot.truth.copyOf === undefined) stats.pending -= 1;
  else stats.copiesInFlight -= 1;
  if (region.doomed.delete(id)) {
    erase(region, snapshot);
    return undefined;
  }
  const ended = failure === undefined ? completed(snapshot, region.now()) : failedBecause(snapshot, failure);
  if (failure === undefined) stats.completed += 1;
  else stats.failed += 1;
  settle(region, ended);
  return region.snapshots.update(ended);
}

/** What the end of a snapshot changes in the books. */
function settle(region: RegionState, ended: SnapshotRecord): void {
  const { knobs, stats } = region.account;
  if (ended.truth.copyOf === undefined) {
    if (ended.state === 'error' && knobs.errorSnapshotsCountAsInProgress) return;
    region.activity(ended.volumeId).busy.delete(ended.id);
  } else if (ended.state === 'completed') {
    const keys = region.chains.get(ended.truth.lineage)?.keys ?? new Map<string, number>();
    const key = ended.kmsKeyId ?? '';
    keys.set(key, (keys.get(key) ?? 0) + 1);
    region.chains.set(ended.truth.lineage, { keys, latest: ended.id });
    if (ended.truth.incremental) stats.region(region.name).incrementalCopies += 1;
  }
}

function completed(snapshot: SnapshotRecord, now: number): SnapshotRecord {
  const { stateMessage: _, ...rest } = snapshot;
  return {
    ...rest,
    state: 'completed',
    completedAt: now,
    sizeGiB: snapshot.truth.sizeGiB,
    encrypted: snapshot.truth.encrypted,
    fullSizeBytes: fullSizeBytes(snapshot.truth.usedGiB),
  };
}

function failedBecause(snapshot: SnapshotRecord, failure: string): SnapshotRecord {
  return { ...snapshot, state: 'error', stateMessage: failure };
}

/** Takes a snapshot out of the region and its books. */
export function erase(region: RegionState, snapshot: SnapshotRecord): void {
  const { knobs, stats } = region.account;
  if (knobs.recycleBin && snapshot.state !== 'pending') region.bin.set(snapshot.id, snapshot);
  region.snapshots.remove(snapshot.id);
  region.locks.delete(snapshot.id);
  region.activity(snapshot.volumeId).busy.delete(snapshot.id);
  if (snapshot.truth.copyOf !== undefined && snapshot.state === 'completed') leaveChain(region, snapshot);
  const counters = stats.region(region.name);
  counters.snapshots = region.snapshots.size;
  counters.deleted += 1;
}

function leaveChain(region: RegionState, { truth, kmsKeyId = '' }: SnapshotRecord): void {
  const keys = region.chains.get(truth.lineage)?.keys;
  const left = (keys?.get(kmsKeyId) ?? 0) - 1;
  if (left > 0) keys?.set(kmsKeyId, left);
  else keys?.delete(kmsKeyId);
}
