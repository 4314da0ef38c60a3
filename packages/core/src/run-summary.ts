import type { InstanceId, Region, VolumeId } from './ids.ts';
import { compare } from './order.ts';
import { bestOf, type Facts, factsOf, newestOf, type OwnPoint, owedSinceOf } from './run-facts.ts';
import type {
  AssessInput,
  CopyOutcome,
  DeadLetter,
  RunAssessment,
  RunCounts,
  RunStatus,
  VolumeOutcome,
} from './run-types.ts';
import { oneLine } from './text.ts';

/** IAM tells at the end of some 600 characters which policy is missing. */
const CAUSE_MAX = 800;

const HARDWARE_FAILED =
  'its hardware has failed (state error), so EC2 makes no snapshot of it: restore it from its last good point';

/**
 * Desired against actual for one run: for each volume that it scheduled, whether EC2 holds a completed snapshot of the
 * slot, and a completed copy of it in each destination. Only what a Describe calls completed counts.
 *
 * `OK` when nothing is owed any more; `IN_PROGRESS` while something may still come and the deadline has not passed;
 * after that `PARTIAL`, or `FAILED` when not one volume has a good snapshot (a run that found nothing to back up
 * included: silence is no success).
 */
export function assessRun(input: AssessInput): RunAssessment {
  const facts = factsOf(input);
  const volumes = scheduledVolumes(input, facts).map((volume) => outcomeOf(input, facts, volume));
  const counts = countsOf(input, volumes);
  return {
    status: statusOf(input, facts, volumes, counts),
    vault: input.run.vault,
    policy: input.run.policy,
    slot: input.run.slot,
    at: input.now,
    volumes,
    counts,
  };
}

interface Scheduled {
  readonly volumeId: VolumeId;
  readonly instanceId: InstanceId;
  /** Why it owes no point, when it does not. */
  readonly off?: { readonly state: 'gone' | 'excluded'; readonly why: string };
}

/**
 * What the run scheduled, as far as it says so; else what is selected now, or has a snapshot of the slot. Also every
 * attached volume that is left out: none is passed over in silence, and one whose hardware has failed owes a point.
 */
function scheduledVolumes(input: AssessInput, facts: Facts): readonly Scheduled[] {
  const { run, selection } = input;
  const selected = new Map(
    selection.units.flatMap((unit) => unit.volumeIds.map((id) => [id, unit.instanceId] as const)),
  );
  const listed = new Map<VolumeId, Scheduled>();
  const add = (each: Scheduled): unknown => !listed.has(each.volumeId) && listed.set(each.volumeId, each);
  // Of a volume that is left out twice, the first says why; the second that it is attached elsewhere too.
  const left = new Map([...selection.excluded].reverse().map((each) => [each.volumeId, each]));
  const offOf = (volumeId: VolumeId, otherwise: string): Pick<Scheduled, 'off'> => {
    if (selected.has(volumeId) || facts.broken.has(volumeId)) return {};
    const state = left.get(volumeId)?.reason === 'opted-out' ? 'excluded' : 'gone';
    return { off: { state, why: left.get(volumeId)?.text ?? otherwise } };
  };
  const entries = run.scheduled === undefined ? undefined : Object.entries(run.scheduled);
  for (const [instanceId, volumeIds] of (entries ?? []) as [InstanceId, readonly VolumeId[]][]) {
    for (const volumeId of volumeIds) {
      const off = offOf(volumeId, 'it is not attached to a selected instance any more');
      add({ volumeId, instanceId, ...off });
    }
  }
  if (entries === undefined) {
    for (const [volumeId, instanceId] of selected) add({ volumeId, instanceId });
    for (const [volumeId, points] of facts.sources) {
      const ofSlot = points.find(({ point }) => point.slot === run.slot);
      const off = offOf(volumeId, 'it is not selected any more');
      if (ofSlot !== undefined) add({ volumeId, instanceId: ofSlot.point.instanceId, ...off });
    }
  }
  for (const { volumeId, instanceId, text } of selection.excluded) {
    if (!selected.has(volumeId)) add({ volumeId, instanceId, ...offOf(volumeId, text) });
  }
  return [...listed.values()].sort(
    (a, b) => compare(a.instanceId, b.instanceId) || compare(a.volumeId, b.volumeId),
  );
}

function outcomeOf(
  input: AssessInput,
  facts: Facts,
  { volumeId, instanceId, off }: Scheduled,
): VolumeOutcome {
  const points = facts.sources.get(volumeId) ?? [];
  const best = bestOf(points, input.run.slot);
  const name = facts.names.get(instanceId);
  const base = {
    volumeId,
    instanceId,
    ...(name === undefined ? {} : { instanceName: name }),
    ...(best === undefined ? {} : { snapshotId: best.snapshot.id }),
    ...newestOf(points),
    ...owedSinceOf(facts, volumeId),
  };
  if (off !== undefined && best?.snapshot.state !== 'completed') {
    return { ...base, snapshot: off.state, copies: [], problem: oneLine(off.why, 200) };
  }
  const letter = facts.letters.get(volumeId)?.[0];
  const { state, problem: said } = stateOf(best, letter, 'snapshot');
  const told = state === 'missing' ? blockedBy(input, volumeId, points) : said;
  const isBroken = state !== 'good' && facts.broken.has(volumeId);
  const problem = isBroken ? [HARDWARE_FAILED, ...(told === undefined ? [] : [told])].join('; ') : told;
  const copies = input.policy.destinations.map((region) => copyOutcome(input, facts, volumeId, region, best));
  return { ...base, snapshot: state, copies, ...(problem === undefined ? {} : { problem }) };
}

/** EC2 makes one snapshot at a time of these, and counts a failed one until it is deleted (docs/adr/0018). */
const ONE_AT_A_TIME: ReadonlySet<string> = new Set(['st1', 'sc1']);

/** What nobody could have started a snapshot for; `undefined` when nothing of the kind is to be seen. */
function blockedBy(
  { volumesNow }: AssessInput,
  volumeId: VolumeId,
  points: readonly OwnPoint[],
): string | undefined {
  const type = volumesNow.find(({ id }) => id === volumeId)?.volumeType ?? '';
  const failed = points.find(({ snapshot }) => snapshot.state === 'error');
  if (failed === undefined || !ONE_AT_A_TIME.has(type)) return undefined;
  return (
    `its failed snapshot of ${failed.point.slot} is still there, and EC2 counts that as in progress: an ${type} volume ` +
    'has no other until it is deleted (the pruner does, unless it is held or may not)'
  );
}

function copyOutcome(
  input: AssessInput,
  facts: Facts,
  volumeId: VolumeId,
  region: Region,
  source: OwnPoint | undefined,
): CopyOutcome {
  const points = facts.copies.get(region)?.get(volumeId) ?? [];
  const best = bestOf(points, input.run.slot);
  const letter = source === undefined ? undefined : copyLetter(input, facts, source.snapshot.id, region);
  const { state, problem } = stateOf(best, letter, 'copy');
  const text = facts.copies.has(region) ? problem : `the snapshots of ${region} could not be listed`;
  return {
    region,
    state,
    ...(best === undefined ? {} : { snapshotId: best.snapshot.id }),
    ...(text === undefined ? {} : { problem: text }),
    ...(facts.copies.has(region) ? {} : { isUnreadable: true as const }),
    ...newestOf(points),
  };
}

/** A letter about the copy to this region: its queue is called after the region. */
function copyLetter(
  { policy }: AssessInput,
  facts: Facts,
  sourceId: string,
  region: Region,
): DeadLetter | undefined {
  const letters = facts.letters.get(sourceId) ?? [];
  const isElsewhere = ({ queue }: DeadLetter): boolean =>
    !queue.includes(region) && policy.destinations.some((each) => queue.includes(each));
  return letters.find((letter) => !isElsewhere(letter));
}

function stateOf(
  best: OwnPoint | undefined,
  letter: DeadLetter | undefined,
  what: 'snapshot' | 'copy',
): { state: CopyOutcome['state']; problem?: string } {
  const dead = letter === undefined ? undefined : letterText(letter);
  switch (best?.snapshot.state) {
    case 'completed':
      return { state: 'good' };
    case 'pending':
      return { state: 'pending' };
    case 'error':
    case 'recoverable':
    case 'recovering': {
      const words =
        oneLine(best.snapshot.stateMessage ?? '', CAUSE_MAX) ||
        `its ${what} is in state ${best.snapshot.state}`;
      return { state: 'failed', problem: dead === undefined ? words : `${words}; ${dead}` };
    }
    case undefined:
      return dead === undefined ? { state: 'missing' } : { state: 'failed', problem: dead };
  }
}

/** The cause is last: it is the longest, and the only part that may be cut. */
const letterText = ({ queue, code, cause, attempts }: DeadLetter): string =>
  oneLine(`${code ?? 'no code'}${attempts === undefined ? '' : ` after ${attempts} attempts`}`, 100) +
  `, dead-lettered in ${oneLine(queue, 100)}: ${oneLine(cause ?? '', CAUSE_MAX) || 'no cause recorded'}`;

function countsOf({ run }: AssessInput, volumes: readonly VolumeOutcome[]): RunCounts {
  const tally = (state: VolumeOutcome['snapshot']): number =>
    volumes.filter((each) => each.snapshot === state).length;
  const copies = volumes.flatMap((volume) => volume.copies);
  const copyTally = (state: CopyOutcome['state']): number =>
    copies.filter((copy) => copy.state === state).length;
  const gone = tally('gone');
  const excluded = tally('excluded');
  return {
    selected: volumes.length - gone - excluded,
    protected: volumes.filter(isProtected).length,
    good: tally('good'),
    pending: tally('pending'),
    failed: tally('failed'),
    missing: tally('missing'),
    gone,
    excluded,
    unaccounted: run.scheduled === undefined ? Math.max(0, run.volumes - (volumes.length - excluded)) : 0,
    copiesExpected: copies.length,
    copiesGood: copyTally('good'),
    copiesPending: copyTally('pending'),
    copiesFailed: copyTally('failed'),
    copiesMissing: copyTally('missing'),
  };
}

/** A good snapshot, and a good copy wherever the policy wants one. */
export const isProtected = (volume: VolumeOutcome): boolean =>
  volume.snapshot === 'good' && volume.copies.every((copy) => copy.state === 'good');

function statusOf(
  input: AssessInput,
  facts: Facts,
  volumes: readonly VolumeOutcome[],
  counts: RunCounts,
): RunStatus {
  if (counts.selected > 0 && counts.protected === counts.selected) return 'OK';
  const owed = volumes.filter((each) => each.snapshot !== 'gone' && each.snapshot !== 'excluded');
  if (input.now < input.deadlineMs && owed.some((volume) => mayStillCome(input, facts, volume))) {
    return 'IN_PROGRESS';
  }
  return counts.good === 0 ? 'FAILED' : 'PARTIAL';
}

/** What has failed is tried again until it is in a dead-letter queue; then it waits for a person. */
function mayStillCome(input: AssessInput, facts: Facts, volume: VolumeOutcome): boolean {
  const { snapshotId } = volume;
  if (volume.snapshot === 'pending') return true;
  if (volume.snapshot !== 'good' || snapshotId === undefined) {
    if (facts.broken.has(volume.volumeId)) return false;
    return !(facts.letters.get(volume.volumeId) ?? []).some((letter) => letter.slot === input.run.slot);
  }
  return volume.copies.some(
    ({ state, region }) =>
      state === 'pending' || (state !== 'good' && copyLetter(input, facts, snapshotId, region) === undefined),
  );
}
