import type { VolumeId } from '../ids.ts';
import type { Snapshot } from '../model.ts';
import { compare } from '../order.ts';
import { type Point, pointOf } from '../point.ts';
import { type Slot, slotMs } from '../slot.ts';
import type { VolumeSpec } from '../volume-map.ts';
import type { Problem, RestoreRequest } from './types.ts';

/** A good snapshot with what its tags say. */
export interface RestorePoint {
  readonly snapshot: Snapshot;
  readonly point: Point;
}

/** All points of one slot of a policy. */
export interface PointSet {
  readonly policy: string;
  readonly slot: Slot;
  readonly points: readonly RestorePoint[];
  /** What the tags say that the set should have; sorted by device. */
  readonly expected: readonly VolumeSpec[];
  readonly missing: readonly VolumeSpec[];
}

/** The set to restore from, or why there is none. */
export interface SetChoice {
  readonly set?: PointSet;
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

/**
 * Which set of points is restored: the one of the slot that was asked for; else the one that an earlier run has begun
 * with and not ended, though a newer slot may have come since; else the newest complete one. An incomplete one is
 * taken only when forced, and a complete one is preferred even then.
 */
export function chooseSet(
  snapshots: readonly Snapshot[],
  request: RestoreRequest,
  isBegun: (set: PointSet) => boolean,
): SetChoice {
  const { points, notices } = goodPoints(snapshots, request);
  const sets = setsOf(points, request);
  const asked = sets.filter(({ slot }) => isAskedFor(slot, request));
  const complete = asked.find(({ missing }) => missing.length === 0);
  const [newest] = asked;
  if (newest === undefined) return { problems: [noPoint(sets, request)], notices };
  const fresh = complete ?? newest;
  const begun =
    request.slot === undefined && request.at === undefined
      ? asked.find((each) => (each.missing.length === 0 || request.force) && isBegun(each))
      : undefined;
  const set = begun ?? fresh;
  const told =
    set === fresh
      ? asked.slice(0, asked.indexOf(set)).map((each) => skippedText(each, set))
      : [
          `an earlier run began with ${set.slot} and did not end, so this goes on with it; ` +
            `give --slot ${fresh.slot} for the newest`,
        ];
  const problems = set.missing.length === 0 || request.force ? [] : [incomplete(set, request)];
  return { set, problems, notices: [...notices, ...told] };
}

const isAskedFor = (slot: Slot, { slot: exactly, at }: RestoreRequest): boolean =>
  (exactly === undefined || slot === exactly) && (at === undefined || slotMs(slot) <= at);

/** Points that a volume can be made of, and what was found that cannot serve. */
function goodPoints(
  snapshots: readonly Snapshot[],
  { vault, subject }: RestoreRequest,
): { points: readonly RestorePoint[]; notices: readonly string[] } {
  const points: RestorePoint[] = [];
  const notices: string[] = [];
  for (const snapshot of [...snapshots].sort((a, b) => compare(a.id, b.id))) {
    const ownership = pointOf(snapshot, vault);
    if (ownership.kind === 'foreign') continue;
    if (ownership.kind === 'malformed') {
      notices.push(`${snapshot.id} is not used: ${ownership.problems.join('; ')}`);
      continue;
    }
    const { point } = ownership;
    if ((subject.kind === 'volume' ? point.volumeId : point.instanceId) !== subject.id) continue;
    const unfit = unfitReason(snapshot);
    if (unfit === undefined) points.push({ snapshot, point });
    else notices.push(`${snapshot.id} (${point.volumeId}, ${point.slot}) is not used: ${unfit}`);
  }
  return { points, notices };
}

function unfitReason({ state, stateMessage, storageTier }: Snapshot): string | undefined {
  if (state !== 'completed')
    return `it is ${state}${stateMessage === undefined ? '' : ` (${stateMessage})`}, not completed`;
  return storageTier === 'archive' ? 'it is archived; restore its tier first' : undefined;
}

/** Newest slot first; of two snapshots of one volume and slot, the one that comes first. */
function setsOf(points: readonly RestorePoint[], request: RestoreRequest): readonly PointSet[] {
  const groups = new Map<string, RestorePoint[]>();
  for (const each of points) {
    const { slot, policy, volumeId } = each.point;
    const key = `${slot} ${policy}`;
    const group = groups.get(key) ?? [];
    if (!group.some(({ point }) => point.volumeId === volumeId)) group.push(each);
    groups.set(key, group);
  }
  const sorted = [...groups.entries()].sort(([a], [b]) => compare(b, a)).map(([, group]) => group);
  return sorted.map((group, index) => setOf(group, sorted.slice(index + 1), request));
}

function setOf(
  group: readonly RestorePoint[],
  older: readonly (readonly RestorePoint[])[],
  { subject }: RestoreRequest,
): PointSet {
  const [{ point }] = group as [RestorePoint];
  const { policy, slot } = point;
  const before = older.find(([first]) => first?.point.policy === policy) ?? [];
  // Points that know only themselves were snapshotted one by one: then the slot before tells what else there was.
  const alone = group.every((each) => each.point.volumes.length <= 1);
  const mapped = distinct(specsOf(alone ? [...group, ...before] : group));
  const expected = subject.kind === 'volume' ? mapped.filter((spec) => spec.volumeId === subject.id) : mapped;
  const have = new Set(group.map((each) => each.point.volumeId));
  return {
    policy,
    slot,
    points: group,
    expected,
    missing: expected.filter((spec) => !have.has(spec.volumeId)),
  };
}

const specsOf = (points: readonly RestorePoint[]): readonly VolumeSpec[] =>
  points.flatMap(({ point }) => point.volumes);

const distinct = (specs: readonly VolumeSpec[]): readonly VolumeSpec[] => {
  const byId = new Map<VolumeId, VolumeSpec>();
  for (const spec of specs) if (!byId.has(spec.volumeId)) byId.set(spec.volumeId, spec);
  return [...byId.values()].sort(
    (a, b) => compare(a.deviceName, b.deviceName) || compare(a.volumeId, b.volumeId),
  );
};

const namesOf = (specs: readonly VolumeSpec[]): string =>
  specs.map(({ volumeId, deviceName }) => `${volumeId} (${deviceName || 'no device'})`).join(', ');

const skippedText = (skipped: PointSet, taken: PointSet): string =>
  `the newer slot ${skipped.slot} is passed over for ${taken.slot}: it lacks ${namesOf(skipped.missing)}`;

const incomplete = (set: PointSet, { region }: RestoreRequest): Problem => ({
  text: `the set of ${set.slot} is incomplete in ${region}: no good snapshot of ${namesOf(set.missing)}`,
  fix: 'give another --slot, or --force to restore without these volumes',
});

function noPoint(sets: readonly PointSet[], { subject, region, slot, at, vault }: RestoreRequest): Problem {
  const [newest] = sets;
  if (newest === undefined) {
    return {
      text: `there is no good snapshot of ${subject.id} by the vault "${vault}" in ${region}`,
      fix: 'give another --region, the source or a destination of the vault, or its name with --vault',
    };
  }
  const when =
    slot === undefined ? `at or before ${new Date(at ?? 0).toISOString()}` : `for the slot ${slot}`;
  const known = sets.slice(0, 5).map((set) => set.slot);
  return {
    text: `there is no point of ${subject.id} ${when} in ${region}`,
    fix: `give one of these with --slot: ${known.join(', ')}${sets.length > known.length ? ', …' : ''}`,
  };
}
