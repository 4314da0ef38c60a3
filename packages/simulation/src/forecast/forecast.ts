import { DEFAULT_EC2_KNOBS, type Duration, type Fleet } from '@smart-vault/simulator';
import { type MonthlyCost, monthlyCost } from './monthly-cost.ts';
import type { Prices } from './prices.ts';
import { fits, type Remedies, remediesFor } from './remedies.ts';
import { type ForecastSelection, selectionOf } from './selection.ts';
import type { ForecastSettings } from './settings.ts';
import { type RunInput, type RunMeasure, simulateRun, templatesFor } from './simulate-run.ts';
import { type SteadyPoints, steadyPoints } from './steady-points.ts';

export interface ForecastInput {
  readonly fleet: Fleet;
  readonly settings: ForecastSettings;
  readonly prices: Prices;
  /** Share of the written data that changes a day, from 0 to 1. */
  readonly changedPerDay: number;
  /** Share of a volume that was ever written, from 0 to 1. */
  readonly writtenShare: number;
  /** How long every snapshot takes; left out, by what it moves. */
  readonly snapshotSeconds?: number;
  /** The same for a copy. */
  readonly copySeconds?: number;
  /** Told what is going on. */
  progress?(text: string): void;
}

/** Snapshots in one region once as many go as come. */
interface RegionCount {
  readonly region: string;
  readonly snapshots: number;
  readonly quota: number;
  readonly isWithinQuota: boolean;
}

export interface Forecast {
  readonly selection: ForecastSelection;
  /** A run when all volumes have been copied before; null when nothing is selected. */
  readonly run: RunMeasure | null;
  /** The first run, which moves all data; the same as `run` when durations are given. */
  readonly firstRun: RunMeasure | null;
  /** Seconds between two slots, at their closest. */
  readonly windowSeconds: number;
  readonly isFeasible: boolean;
  /** Null when a run fits its window. */
  readonly remedies: Remedies | null;
  readonly steady: SteadyPoints;
  readonly regions: readonly RegionCount[];
  readonly cost: MonthlyCost | null;
  readonly durations: { readonly snapshot: Duration; readonly copy: Duration };
}

const SEED = 1;

/**
 * What to expect of a vault over a fleet: one run, and the first one, of the real functions in virtual time; the number
 * of snapshots by the pruner's own plan; the bill from what was counted. The same input gives the same forecast.
 */
export async function forecast(input: ForecastInput): Promise<Forecast> {
  const { fleet, settings, progress } = input;
  const selection = selectionOf(fleet, settings);
  const steady = steadyPoints(settings);
  const windowSeconds = steady.intervalHours.shortest * 3_600;
  const regions = regionCounts(input, steady, selection.volumes.length);
  const durations = durationsOf(input);
  const base = { selection, steady, windowSeconds, regions, durations };
  const areWithin = regions.every(({ isWithinQuota }) => isWithinQuota);
  if (selection.volumes.length === 0)
    return { ...base, run: null, firstRun: null, isFeasible: true, remedies: null, cost: null };
  progress?.('reading the templates');
  const stacks = templatesFor(settings);
  const simulate = (
    what: string,
    moved: number,
    changes: Partial<ForecastSettings> = {},
    more: Partial<RunInput> = {},
  ) =>
    simulateRun({
      fleet,
      volumes: selection.volumes.length,
      settings: { ...settings, ...changes },
      knobs: { snapshotDuration: durations.snapshot, copyDuration: durations.copy, movedShare: moved },
      seed: SEED,
      progress: (good, all) => progress?.(`${what}: ${good} of ${all} snapshots and copies are good`),
      ...more,
    });
  const changed = input.writtenShare * Math.min(1, (input.changedPerDay * steady.intervalHours.longest) / 24);
  const run = await simulate('a run', changed, {}, { measuresIdle: true });
  const isFixed = input.snapshotSeconds !== undefined && input.copySeconds !== undefined;
  const firstRun = isFixed ? run : await simulate('the first run', input.writtenShare);
  const isInTime = fits(run, windowSeconds);
  const remedies = isInTime
    ? null
    : await remediesFor(run, settings.copiesInFlightMax, windowSeconds, (copiesInFlightMax) =>
        simulate(`a run with ${copiesInFlightMax} copies at a time`, changed, { copiesInFlightMax }),
      );
  const cost = monthlyCost({
    sourceRegion: settings.sourceRegion,
    destinations: settings.destinations,
    prices: input.prices,
    steady,
    writtenGiB: input.writtenShare * selection.volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
    changedPerDay: input.changedPerDay,
    run,
    stacks,
  });
  return { ...base, run, firstRun, isFeasible: isInTime && areWithin, remedies, cost };
}

function regionCounts(
  { settings }: ForecastInput,
  steady: SteadyPoints,
  volumes: number,
): readonly RegionCount[] {
  const quota = DEFAULT_EC2_KNOBS.snapshotsPerRegionMax;
  return [settings.sourceRegion, ...settings.destinations].map((region) => {
    const snapshots = volumes * (steady.perVolume[region] ?? 0);
    return { region, snapshots, quota, isWithinQuota: snapshots <= quota };
  });
}

function durationsOf({ snapshotSeconds, copySeconds }: ForecastInput): Forecast['durations'] {
  const fixed = (baseSeconds: number): Duration => ({ baseSeconds, secondsPerGiB: 0, jitter: 0 });
  return {
    snapshot: snapshotSeconds === undefined ? DEFAULT_EC2_KNOBS.snapshotDuration : fixed(snapshotSeconds),
    copy: copySeconds === undefined ? DEFAULT_EC2_KNOBS.copyDuration : fixed(copySeconds),
  };
}
