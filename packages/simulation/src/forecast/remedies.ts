import type { RunMeasure } from './simulate-run.ts';

/** What would make a window feasible that is not. */
export interface Remedies {
  /** Quota of copies at a time to one destination with which a simulated run fits the window. */
  readonly copiesInFlight: number | null;
  /** Quota with which as many copies end as are added, though not before the next slot. */
  readonly copiesInFlightToKeepUp: number;
  /** Volumes that a run may have at the pace of the simulated one. */
  readonly volumes: number;
  /** Least hours between slots, rounded up. */
  readonly intervalHours: number;
}

/** The pace of a run, as far as remedies rest on it. */
type Pace = Pick<
  RunMeasure,
  'snapshots' | 'snapshotsSeconds' | 'isComplete' | 'destinations' | 'meanSnapshotSeconds'
>;

const TRIES = 5;

/** From the slot until the run is over, seconds. */
export const runSeconds = ({
  snapshotsSeconds,
  destinations,
}: Pick<Pace, 'snapshotsSeconds'> & {
  readonly destinations: readonly { readonly seconds: number }[];
}): number => Math.max(snapshotsSeconds, ...destinations.map(({ seconds }) => seconds));

export const fits = (run: Pace, windowSeconds: number): boolean =>
  run.isComplete && runSeconds(run) <= windowSeconds;

/**
 * Looks for what helps. A quota is only named when a run with it was simulated and fits.
 *
 * @param simulate a run with another quota of copies
 */
export async function remediesFor(
  run: Pace,
  copiesInFlightMax: number,
  windowSeconds: number,
  simulate: (copiesInFlightMax: number) => Promise<Pace>,
): Promise<Remedies> {
  const seconds = runSeconds(run);
  const copySeconds = Math.max(
    ...run.destinations.map(({ copies, meanCopySeconds }) => copies * meanCopySeconds),
  );
  return {
    copiesInFlight: await fittingQuota(run, copiesInFlightMax, windowSeconds, simulate),
    copiesInFlightToKeepUp: Math.max(1, Math.ceil(copySeconds / windowSeconds)),
    volumes: Math.floor((run.snapshots * windowSeconds) / Math.max(1, seconds)),
    intervalHours: Math.ceil(seconds / 3_600),
  };
}

/**
 * Copies go in waves of as many as the quota allows. So many waves as fit between the first good snapshot and the next
 * slot, and fewer when that proves too tight.
 */
async function fittingQuota(
  run: Pace,
  copiesInFlightMax: number,
  windowSeconds: number,
  simulate: (copiesInFlightMax: number) => Promise<Pace>,
): Promise<number | null> {
  const meanCopySeconds = Math.max(...run.destinations.map((each) => each.meanCopySeconds));
  const copyApiSeconds = Math.max(...run.destinations.map(({ bound }) => bound.copyApi));
  const isHopeless = Math.max(run.snapshotsSeconds, copyApiSeconds) + meanCopySeconds > windowSeconds;
  if (isHopeless || !run.isComplete) return null;
  let waves = Math.floor((windowSeconds - run.meanSnapshotSeconds) / meanCopySeconds);
  for (let tries = 0; tries < TRIES && waves >= 1; tries += 1) {
    const quota = Math.ceil(run.snapshots / waves);
    if (quota > copiesInFlightMax && fits(await simulate(quota), windowSeconds)) return quota;
    waves -= Math.ceil(waves / 20);
  }
  return null;
}
