import { COPY_ATTEMPTS_MAX } from './copies-plan.ts';
import type { Region, VolumeId } from './ids.ts';
import type { CopyMessage, SnapshotUnitMessage } from './messages.ts';
import type { Snapshot } from './model.ts';
import { compare } from './order.ts';
import { type Point, pointKey, pointOf } from './point.ts';
import { DAY_MS, HOUR_MS, type Policy } from './policy.ts';
import { reasonToWait } from './reconcile-back-off.ts';
import type { DeadLetter } from './run-types.ts';
import type { Selection, Unit } from './selection.ts';
import { type Slot, slotMs } from './slot.ts';

export interface ReconcileInputs {
  readonly now: number;
  readonly vault: string;
  readonly policy: Policy;
  /** The newest slot that is due; left out when the schedule has not had one. */
  readonly latestSlot?: Slot;
  readonly selection: Selection;
  /** Every snapshot of the vault in the source region. */
  readonly sourceSnapshots: readonly Snapshot[];
  /** Every snapshot of the vault in each destination that could be listed. */
  readonly copies: ReadonlyMap<Region, readonly Snapshot[]>;
  readonly queues: {
    /** Messages in `volumes.fifo`: visible, in flight and delayed. */
    readonly volumesWaiting: number;
    readonly copiesWaiting: ReadonlyMap<Region, number>;
  };
  /** What lies in the dead-letter queues, as far as they could be read; nothing when left out. */
  readonly deadLetters?: {
    readonly units: readonly DeadLetter[];
    readonly copies: ReadonlyMap<Region, readonly DeadLetter[]>;
  };
  /** Time between two runs of the reconciler; 1 h when left out. */
  readonly intervalMs?: number;
}

export interface PlannedUnit {
  readonly message: SnapshotUnitMessage;
  /** It has died before, and its letter still lies there: it needs no second one. */
  readonly hasLetter: boolean;
  readonly reason: string;
}

export interface PlannedCopy {
  readonly region: Region;
  readonly message: CopyMessage;
  /** As for a unit. */
  readonly hasLetter: boolean;
  readonly reason: string;
}

/** Something that is missing and deliberately left for later. `subject` is a unit, a snapshot or a region. */
export interface Waiting {
  readonly subject: string;
  readonly region: Region | 'source';
  readonly reason: string;
}

export interface ReconcilePlan {
  readonly snapshotUnits: readonly PlannedUnit[];
  readonly copies: readonly PlannedCopy[];
  readonly waiting: readonly Waiting[];
}

/**
 * What is missing although something should have made it: work whose event or message was lost, or that has failed.
 * It only enqueues. Only the newest slot of a volume is made up for, as an older one would hold nothing newer, and
 * nothing is enqueued that retention would remove. Events and queues get an hour first; then work is enqueued when
 * its age crosses 1, 2, 4 and 8 hours unless its queue holds something, and every 12 hours from there on whatever the
 * queue holds. What has died already, and whose letter
 * still lies in its dead-letter queue, is an operator's: it is tried once a day only, so that a poisoned thing does
 * not bury its cause under more letters, and yet heals without anybody once the cause is gone.
 */
export function planReconcile(inputs: ReconcileInputs): ReconcilePlan {
  const points = ownPoints(inputs, inputs.sourceSnapshots, undefined);
  const units = planUnits(inputs, points);
  const copies = inputs.policy.destinations.map((region) => planCopies(inputs, points, region));
  return {
    snapshotUnits: units.planned,
    copies: copies.flatMap((each) => each.planned),
    waiting: [...units.waiting, ...copies.flatMap((each) => each.waiting)],
  };
}

interface OwnPoint {
  readonly snapshot: Snapshot;
  readonly point: Point;
}

function ownPoints(
  { vault, policy }: ReconcileInputs,
  snapshots: readonly Snapshot[],
  copiedFrom: Region | undefined,
): readonly OwnPoint[] {
  return snapshots.flatMap((snapshot) => {
    const ownership = pointOf(snapshot, vault);
    if (ownership.kind !== 'owned' || ownership.point.policy !== policy.name) return [];
    if (copiedFrom === undefined && ownership.point.copiedFrom !== undefined) return [];
    return [{ snapshot, point: ownership.point }];
  });
}

/** The volumes or snapshots that these letters are about. */
const subjectsOf = (letters: readonly DeadLetter[] = []): ReadonlySet<string> =>
  new Set(letters.flatMap((letter) => letter.subjects));

const isStanding = ({ snapshot }: OwnPoint): boolean =>
  snapshot.state === 'completed' || snapshot.state === 'pending';

// ---- snapshots of the newest slot

function planUnits(
  inputs: ReconcileInputs,
  points: readonly OwnPoint[],
): { planned: readonly PlannedUnit[]; waiting: readonly Waiting[] } {
  const { latestSlot: slot } = inputs;
  if (slot === undefined) return { planned: [], waiting: [] };
  const standing = points.filter((each) => each.point.slot === slot && isStanding(each));
  const done = new Set(standing.map(({ point }) => point.volumeId));
  const died = subjectsOf(inputs.deadLetters?.units.filter((letter) => letter.slot === slot));
  const planned: PlannedUnit[] = [];
  const waiting: Waiting[] = [];
  for (const unit of inputs.selection.units) {
    const missing = unit.volumeIds.filter((volumeId) => !done.has(volumeId));
    if (missing.length === 0) continue;
    const hasLetter = missing.every((volumeId) => died.has(volumeId));
    const later = reasonToWait({
      ageMs: inputs.now - slotMs(slot),
      queued: inputs.queues.volumesWaiting,
      hasLetter,
      intervalMs: inputs.intervalMs ?? HOUR_MS,
    });
    if (later !== undefined) waiting.push({ subject: unit.id, region: 'source', reason: later });
    else {
      const reason = missingText(missing, unit, slot);
      planned.push({ message: unitMessage(inputs, unit, slot), hasLetter, reason });
    }
  }
  return { planned, waiting };
}

const missingText = (missing: readonly VolumeId[], unit: Unit, slot: Slot): string =>
  `${missing.length} of ${unit.volumeIds.length} volumes have no snapshot for ${slot}`;

/** The whole unit, so that its volume map is complete; the snapshotter takes what is missing only. */
const unitMessage = (
  { vault, policy, now }: ReconcileInputs,
  unit: Unit,
  slot: Slot,
): SnapshotUnitMessage => ({
  v: 1,
  kind: 'snapshot-unit',
  vault,
  policy: policy.name,
  slot,
  unit: unit.id,
  instanceId: unit.instanceId,
  volumeIds: unit.volumeIds,
  firstSeenAt: now,
});

// ---- copies of completed snapshots

function planCopies(
  inputs: ReconcileInputs,
  sources: readonly OwnPoint[],
  region: Region,
): { planned: readonly PlannedCopy[]; waiting: readonly Waiting[] } {
  const listed = inputs.copies.get(region);
  if (listed === undefined) {
    return {
      planned: [],
      waiting: [{ subject: region, region, reason: 'its snapshots could not be listed' }],
    };
  }
  const copies = ownPoints(inputs, listed, region).filter(
    (copy) => copy.point.originalSnapshotId !== undefined,
  );
  const copied = new Set(copies.filter(isStanding).map(({ point }) => pointKey(point)));
  const died = subjectsOf(inputs.deadLetters?.copies.get(region));
  const planned: PlannedCopy[] = [];
  const waiting: Waiting[] = [];
  for (const { snapshot, point } of owedCopies(inputs, sources, copies)) {
    if (copied.has(pointKey(point))) continue;
    const hasLetter = died.has(snapshot.id);
    const later = reasonToWait({
      ageMs: inputs.now - (snapshot.completedAt ?? snapshot.startedAt),
      queued: inputs.queues.copiesWaiting.get(region) ?? 0,
      hasLetter,
      intervalMs: inputs.intervalMs ?? HOUR_MS,
    });
    if (later !== undefined) {
      waiting.push({ subject: snapshot.id, region, reason: later });
      continue;
    }
    const failed = copies.filter(
      (copy) =>
        copy.snapshot.state === 'error' &&
        copy.point.originalSnapshotId === snapshot.id &&
        pointKey(copy.point) === pointKey(point),
    ).length;
    planned.push({
      region,
      message: copyMessage(inputs, snapshot, failed),
      hasLetter,
      reason: `no good copy of ${point.volumeId} for ${point.slot}${failed === 0 ? '' : `; ${failed} have failed`}`,
    });
  }
  return { planned, waiting };
}

/** Failed copies do not end the matter: each time, one more attempt is forgiven, and no more. */
const copyMessage = ({ vault, now }: ReconcileInputs, snapshot: Snapshot, failed: number): CopyMessage => ({
  v: 1,
  kind: 'copy',
  vault,
  snapshotId: snapshot.id,
  firstSeenAt: now,
  attemptsForgiven: Math.max(0, failed - (COPY_ATTEMPTS_MAX - 1)),
});

/**
 * Sources whose copy retention would keep: good, not condemned, and either young enough or newer than every good copy
 * of their volume. Of duplicates the one that was started first, the one that retention keeps.
 */
function owedCopies(
  { now, policy }: ReconcileInputs,
  sources: readonly OwnPoint[],
  copies: readonly OwnPoint[],
): readonly OwnPoint[] {
  const good = sources.filter((each) => isGoodPoint(each, now));
  const newest = newestSlots([...good, ...copies.filter((each) => isGoodPoint(each, now))]);
  const first = new Map<string, OwnPoint>();
  for (const each of [...good].sort(byStart)) {
    if (!first.has(pointKey(each.point))) first.set(pointKey(each.point), each);
  }
  return [...first.values()].filter(({ point }) => {
    const isYoung = slotMs(point.slot) + policy.retentionDays * DAY_MS > now;
    return point.condemnedAt === undefined && (isYoung || newest.get(point.volumeId) === point.slot);
  });
}

const isGoodPoint = ({ snapshot, point }: OwnPoint, now: number): boolean =>
  snapshot.state === 'completed' && snapshot.storageTier === 'standard' && slotMs(point.slot) <= now;

function newestSlots(points: readonly OwnPoint[]): ReadonlyMap<VolumeId, Slot> {
  const newest = new Map<VolumeId, Slot>();
  for (const { point } of points) {
    if (point.slot > (newest.get(point.volumeId) ?? '')) newest.set(point.volumeId, point.slot);
  }
  return newest;
}

const byStart = (a: OwnPoint, b: OwnPoint): number =>
  a.snapshot.startedAt - b.snapshot.startedAt || compare(a.snapshot.id, b.snapshot.id);
