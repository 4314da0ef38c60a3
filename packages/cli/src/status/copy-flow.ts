import {
  DAY_MS,
  type Point,
  pointOf,
  type Region,
  type Slot,
  type Snapshot,
  type SnapshotId,
  slotMs,
  type VolumeId,
} from '@smart-vault/core';

/** Completed copies that the pace is taken from. */
const SAMPLE = 50;

/** What goes on towards one destination. Times are milliseconds. */
export interface CopyFlow {
  readonly region: Region;
  /** Copies of this vault that EC2 is making. */
  readonly inFlight: number;
  /** Good snapshots that have no copy yet and no dead letter; without those whose copy retention would not keep. */
  readonly waiting: number;
  /** How long the oldest of those has been good, or pending at the latest; null when none waits. */
  readonly oldestMs: number | null;
  /** When all of it is done, by the pace below; null when nothing is to do, or no copy has been completed yet. */
  readonly expectedEndAt: number | null;
  /** What the expected end assumes: so many at a time, each taking so long as the last ones did. */
  readonly pace: { readonly atATime: number; readonly meanMs: number; readonly sample: number } | null;
}

export interface CopyFlowInput {
  readonly vault: string;
  readonly region: Region;
  readonly sources: readonly Snapshot[];
  readonly copies: readonly Snapshot[];
  /** Ids of sources that have a letter in this destination's dead-letter queue. */
  readonly dead: ReadonlySet<string>;
  /** Copies at a time that the quota allows. */
  readonly permits: number;
  readonly retentionDays: number;
  readonly now: number;
}

/** Copies in flight to a destination, what waits for one, and when it ends if copies go on as they did. Pure. */
export function copyFlow(input: CopyFlowInput): CopyFlow {
  const { copies, now } = input;
  const ours = copies.filter((copy) => pointOf(copy, input.vault).kind === 'owned');
  const inFlight = ours.filter(({ state }) => state === 'pending').length;
  const owed = owedSources(input, ours);
  const pace = paceOf(ours, input.permits);
  const left = inFlight + owed.length;
  const oldest = owed.reduce((min, source) => Math.min(min, source.completedAt ?? source.startedAt), now);
  return {
    region: input.region,
    inFlight,
    waiting: owed.length,
    oldestMs: owed.length === 0 ? null : now - oldest,
    expectedEndAt: left === 0 || pace === null ? null : now + Math.ceil(left / pace.atATime) * pace.meanMs,
    pace,
  };
}

function owedSources(
  { vault, sources, dead, retentionDays, now }: CopyFlowInput,
  copies: readonly Snapshot[],
): readonly Snapshot[] {
  const copied = new Set<SnapshotId>();
  for (const copy of copies) {
    const ownership = pointOf(copy, vault);
    const original = ownership.kind === 'owned' ? ownership.point.originalSnapshotId : undefined;
    if (original !== undefined && copy.state !== 'error') copied.add(original);
  }
  const newest = newestSlots([...sources, ...copies], vault);
  const wouldStay = ({ slot, volumeId }: Point): boolean =>
    slotMs(slot) + retentionDays * DAY_MS > now || newest.get(volumeId) === slot;
  return sources.filter((source) => {
    if (source.state !== 'completed' || source.storageTier === 'archive') return false;
    if (copied.has(source.id) || dead.has(source.id)) return false;
    const ownership = pointOf(source, vault);
    return (
      ownership.kind === 'owned' &&
      ownership.point.copiedFrom === undefined &&
      ownership.point.condemnedAt === undefined &&
      wouldStay(ownership.point)
    );
  });
}

/** Of each volume, the newest slot with a good point in either region. */
function newestSlots(snapshots: readonly Snapshot[], vault: string): ReadonlyMap<VolumeId, Slot> {
  const newest = new Map<VolumeId, Slot>();
  for (const snapshot of snapshots) {
    const ownership = pointOf(snapshot, vault);
    if (ownership.kind !== 'owned' || snapshot.state !== 'completed') continue;
    const { slot, volumeId } = ownership.point;
    if (slot > (newest.get(volumeId) ?? '')) newest.set(volumeId, slot);
  }
  return newest;
}

function paceOf(copies: readonly Snapshot[], permits: number): CopyFlow['pace'] {
  const spans = copies
    .flatMap(({ state, startedAt, completedAt }) =>
      state === 'completed' && completedAt !== undefined
        ? [{ completedAt, ms: completedAt - startedAt }]
        : [],
    )
    .sort((a, b) => b.completedAt - a.completedAt)
    .slice(0, SAMPLE);
  if (spans.length === 0) return null;
  const meanMs = Math.round(spans.reduce((sum, { ms }) => sum + ms, 0) / spans.length);
  return { atATime: permits, meanMs, sample: spans.length };
}
