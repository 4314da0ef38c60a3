import {
  HOUR_MS,
  type InstanceId,
  oneLine,
  type RunAssessment,
  slotMs,
  type VolumeId,
  type VolumeOutcome,
} from '@smart-vault/core';

/**
 * How a volume stands:
 * - `protected`    the newest slot has a good snapshot of it, and a good copy in every destination
 * - `running`      not yet, but the run still goes on, and what there is is recent enough
 * - `late`         the newest slot lacks something; everywhere there is an older point that is recent enough
 * - `unprotected`  somewhere there is no good point that is recent enough
 * - `unknown`      a destination cannot be read
 */
type Protection = 'protected' | 'running' | 'late' | 'unprotected' | 'unknown';

export interface VolumeStanding {
  readonly volumeId: VolumeId;
  readonly instanceId: InstanceId;
  readonly instanceName: string | null;
  readonly standing: Protection;
  /** What is lacking, and why; empty when it is protected. */
  readonly reasons: readonly string[];
  /** Start of the newest good point in the source region, ms. */
  readonly newestPointAt: number | null;
}

/** How every volume that is selected stands; what is left out or gone is not among them. Pure. */
export function standings(assessment: RunAssessment, rpoHours: number): readonly VolumeStanding[] {
  return assessment.volumes
    .filter(({ snapshot }) => snapshot !== 'gone' && snapshot !== 'excluded')
    .map((volume) => standingOf(volume, assessment, rpoHours));
}

function standingOf(volume: VolumeOutcome, run: RunAssessment, rpoHours: number): VolumeStanding {
  const stale = staleReasons(volume, run.at, rpoHours);
  const lacking = lackingReasons(volume, slotMs(run.slot));
  return {
    volumeId: volume.volumeId,
    instanceId: volume.instanceId,
    instanceName: volume.instanceName ?? null,
    standing: protectionOf(volume, run, stale, lacking),
    reasons: [...stale, ...lacking],
    newestPointAt: volume.newestPointAt ?? null,
  };
}

function protectionOf(
  volume: VolumeOutcome,
  run: RunAssessment,
  stale: readonly string[],
  lacking: readonly string[],
): Protection {
  if (stale.length > 0) return 'unprotected';
  if (volume.copies.some(({ isUnreadable }) => isUnreadable === true)) return 'unknown';
  if (lacking.length === 0) return 'protected';
  return run.status === 'IN_PROGRESS' ? 'running' : 'late';
}

/** Where there is no good point that is recent enough. */
function staleReasons(volume: VolumeOutcome, at: number, rpoHours: number): readonly string[] {
  const { newestPointAt, copies } = volume;
  if (newestPointAt === undefined) return ['no good snapshot of it yet'];
  const isOld = (pointAt: number): boolean => at - pointAt > rpoHours * HOUR_MS;
  const hours = (pointAt: number): number => Math.floor((at - pointAt) / HOUR_MS);
  return [
    ...(isOld(newestPointAt) ? [`newest snapshot is ${hours(newestPointAt)} h old`] : []),
    ...copies.flatMap(({ region, newestPointAt: copied, isUnreadable }) => {
      if (isUnreadable === true) return [];
      if (copied === undefined) return [`never copied to ${region}`];
      return isOld(copied) ? [`newest copy in ${region} is ${hours(copied)} h old`] : [];
    }),
  ];
}

/** What the slot lacks, unless a later run (on demand) has made up for it. */
function lackingReasons(volume: VolumeOutcome, slotStart: number): readonly string[] {
  const { snapshot, problem, copies, newestPointAt = 0 } = volume;
  if (snapshot !== 'good' && newestPointAt <= slotStart)
    return [withProblem(`snapshot ${snapshot}`, problem)];
  return copies
    .filter(({ state, newestPointAt: copied = 0 }) => state !== 'good' && copied <= slotStart)
    .map((copy) => withProblem(`copy to ${copy.region} ${copy.state}`, copy.problem));
}

const withProblem = (what: string, problem: string | undefined): string =>
  problem === undefined ? what : `${what}: ${oneLine(problem, 800)}`;
