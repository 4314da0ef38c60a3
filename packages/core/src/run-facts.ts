import type { InstanceId, Region, VolumeId } from './ids.ts';
import type { Snapshot } from './model.ts';
import { compare } from './order.ts';
import { type Point, pointOf } from './point.ts';
import type { AssessInput, DeadLetter } from './run-types.ts';
import { type Slot, slotMs } from './slot.ts';
import { oneLine } from './text.ts';

/** A snapshot of ours and what its tags say. */
export interface OwnPoint {
  readonly snapshot: Snapshot;
  readonly point: Point;
}
type PointsByVolume = ReadonlyMap<VolumeId, readonly OwnPoint[]>;
/** What a run is judged by, looked up by id. */
export interface Facts {
  readonly sources: PointsByVolume;
  readonly copies: ReadonlyMap<Region, PointsByVolume>;
  /** By the volume or snapshot id that they are about. */
  readonly letters: ReadonlyMap<string, readonly DeadLetter[]>;
  readonly names: ReadonlyMap<InstanceId, string>;
  /** Attached volumes that nobody opted out and whose hardware has failed: no snapshot can be made of them. */
  readonly broken: ReadonlySet<VolumeId>;
}

/** Sorts out what belongs to the run's vault and policy. */
export function factsOf(input: AssessInput): Facts {
  return {
    sources: pointsOf(input, input.sourceSnapshots, false),
    copies: new Map([...input.copies].map(([region, list]) => [region, pointsOf(input, list, true)])),
    letters: lettersOf(input),
    names: new Map(
      input.instances.flatMap(({ id, tags }) =>
        tags['Name'] ? [[id, oneLine(tags['Name'], 60)] as const] : [],
      ),
    ),
    broken: brokenOf(input),
  };
}

function brokenOf({ selection, volumesNow }: AssessInput): ReadonlySet<VolumeId> {
  const failed = new Set(volumesNow.filter(({ state }) => state === 'error').map(({ id }) => id));
  const leftOut = selection.excluded.filter(({ reason }) => reason === 'gone');
  return new Set(leftOut.map(({ volumeId }) => volumeId).filter((id) => failed.has(id)));
}

function pointsOf({ run }: AssessInput, snapshots: readonly Snapshot[], areCopies: boolean): PointsByVolume {
  const found = new Map<VolumeId, OwnPoint[]>();
  for (const snapshot of snapshots) {
    const ownership = pointOf(snapshot, run.vault);
    if (ownership.kind !== 'owned' || ownership.point.policy !== run.policy) continue;
    const { point } = ownership;
    if ((point.copiedFrom !== undefined) !== areCopies) continue;
    const list = found.get(point.volumeId);
    if (list === undefined) found.set(point.volumeId, [{ snapshot, point }]);
    else list.push({ snapshot, point });
  }
  return found;
}

/** Letters of this slot, or of none that is known. */
function lettersOf({ deadLetters, run }: AssessInput): ReadonlyMap<string, readonly DeadLetter[]> {
  const found = new Map<string, DeadLetter[]>();
  for (const letter of deadLetters) {
    if (letter.slot !== undefined && letter.slot !== run.slot) continue;
    for (const subject of letter.subjects) {
      const list = found.get(subject);
      if (list === undefined) found.set(subject, [letter]);
      else list.push(letter);
    }
  }
  return found;
}

const RANK = { completed: 0, pending: 1, recovering: 2, recoverable: 3, error: 4 } as const;

/** The snapshot that says most for this slot: a good one before a pending one before a failed one. */
export function bestOf(points: readonly OwnPoint[], slot: Slot): OwnPoint | undefined {
  return points
    .filter(({ point }) => point.slot === slot)
    .sort(
      (a, b) => RANK[a.snapshot.state] - RANK[b.snapshot.state] || compare(a.snapshot.id, b.snapshot.id),
    )[0];
}

/** Start of the newest good point, by slot. */
export function newestOf(points: readonly OwnPoint[]): { newestPointAt?: number } {
  const good = points.filter(({ snapshot }) => snapshot.state === 'completed');
  const newest = good.reduce<OwnPoint | undefined>(
    (max, each) => (max === undefined || each.point.slot > max.point.slot ? each : max),
    undefined,
  );
  return newest === undefined ? {} : { newestPointAt: newest.point.startedAt };
}

/** From when on a volume owes a point wherever it has none: see `VolumeOutcome.owedSince`. */
export function owedSinceOf(facts: Facts, volumeId: VolumeId): { owedSince?: number } {
  const sources = facts.sources.get(volumeId) ?? [];
  const good = sources.filter(({ snapshot }) => snapshot.state === 'completed');
  const any = [...sources, ...[...facts.copies.values()].flatMap((copies) => copies.get(volumeId) ?? [])];
  const slots = (good.length > 0 ? good : any).map(({ point }) => slotMs(point.slot));
  return slots.length === 0 ? {} : { owedSince: slots.reduce((min, each) => Math.min(min, each)) };
}
