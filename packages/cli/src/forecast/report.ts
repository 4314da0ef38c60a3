import type { BoundName, Forecast, PriceName, Prices } from '@smart-vault/simulation';
import type { GatheredInputs } from './inputs.ts';

/** A forecast as `--json` prints it: times in seconds, money in dollars. */
export interface ForecastReport {
  readonly feasible: boolean;
  readonly fleet: {
    readonly from: string;
    readonly region: string;
    readonly instances: number;
    readonly untagged: number;
    readonly units: number;
    readonly volumes: number;
    readonly sizeGiB: number;
    readonly leftOut: readonly { readonly id: string; readonly instanceId: string; readonly why: string }[];
    /** Selected instances of which nothing is backed up. */
    readonly empty: readonly { readonly instanceId: string; readonly why: string }[];
  };
  readonly settings: { readonly from: string } & GatheredInputs['input']['settings'];
  readonly windowSeconds: number;
  readonly run: RunPart | null;
  readonly firstRun: RunPart | null;
  readonly remedies: Forecast['remedies'];
  readonly kept: Forecast['regions'];
  readonly snapshotsPerVolume: Forecast['steady']['perVolume'];
  readonly slotsPerMonth: number;
  readonly cost: {
    readonly dollars: number;
    readonly lines: readonly PricedLine[];
    readonly once: PricedLine;
  } | null;
  readonly prices: Prices;
  readonly assumed: readonly string[];
}

interface RunPart {
  readonly snapshots: number;
  readonly snapshotsSeconds: number;
  readonly destinations: readonly {
    readonly region: string;
    readonly copies: number;
    readonly seconds: number;
    readonly inTime: boolean;
    readonly bound: {
      readonly all: number;
      readonly snapshots: number;
      readonly binding: BoundName;
    } & Readonly<Record<BoundName, number>>;
  }[];
  readonly complete: boolean;
  readonly deadLetters: number;
  readonly calls: readonly {
    readonly region: string;
    readonly operation: string;
    readonly calls: number;
    readonly throttled: number;
  }[];
}

/** A line of the bill with its price. */
export interface PricedLine {
  readonly what: string;
  readonly quantity: number;
  readonly price: PriceName;
  readonly unit: string;
  readonly unitDollars: number;
  readonly verified: boolean;
  readonly dollars: number;
  readonly basis: string;
}

/** The forecast and all that it assumes, as data. Pure. */
export function forecastReport(gathered: GatheredInputs, result: Forecast): ForecastReport {
  const { input } = gathered;
  const { selection, steady, cost } = result;
  return {
    feasible: result.isFeasible,
    fleet: {
      from: gathered.fleetFrom,
      region: input.settings.sourceRegion,
      instances: selection.tagged,
      untagged: selection.untagged,
      units: selection.units.length,
      volumes: selection.volumes.length,
      sizeGiB: selection.volumes.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
      leftOut: selection.excluded.map(({ volumeId, instanceId, text }) => ({
        id: volumeId,
        instanceId,
        why: text,
      })),
      empty: selection.empty.map(({ instanceId, reason }) => ({ instanceId, why: reason })),
    },
    settings: { from: gathered.settingsFrom, ...settingsPart(input.settings) },
    windowSeconds: result.windowSeconds,
    run: runPart(result.run, result.windowSeconds),
    firstRun: runPart(result.firstRun, result.windowSeconds),
    remedies: result.remedies,
    kept: result.regions,
    snapshotsPerVolume: steady.perVolume,
    slotsPerMonth: steady.slotsPerMonth,
    cost: cost && {
      dollars: cost.dollars,
      lines: cost.lines.map((line) => priced(line, input.prices)),
      once: priced(cost.once, input.prices),
    },
    prices: input.prices,
    assumed: assumptions(gathered),
  };
}

function settingsPart(settings: GatheredInputs['input']['settings']): GatheredInputs['input']['settings'] {
  const { sourceRegion, destinations, schedule, timezone, pruneSchedule, consistency } = settings;
  const { retentionDays, keepMin, graceHours, prunerMode, pendingSnapshotsMax, copiesInFlightMax } = settings;
  return {
    sourceRegion,
    destinations,
    schedule,
    timezone,
    pruneSchedule,
    consistency,
    retentionDays,
    keepMin,
    graceHours,
    prunerMode,
    pendingSnapshotsMax,
    copiesInFlightMax,
  };
}

function runPart(run: Forecast['run'], windowSeconds: number): RunPart | null {
  if (run === null) return null;
  return {
    snapshots: run.snapshots,
    snapshotsSeconds: run.snapshotsSeconds,
    destinations: run.destinations.map(({ region, copies, seconds, bound }) => ({
      region,
      copies,
      seconds,
      inTime: copies === run.snapshots && seconds <= windowSeconds,
      bound,
    })),
    complete: run.isComplete,
    deadLetters: run.deadLetters,
    calls: run.calls.map(({ region, operation, calls, throttled }) => ({
      region,
      operation,
      calls,
      throttled,
    })),
  };
}

function priced(
  { price, ...line }: NonNullable<Forecast['cost']>['lines'][number],
  prices: Prices,
): PricedLine {
  const { dollars: unitDollars, unit, verified } = prices[price];
  return { ...line, price, unit, unitDollars, verified };
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))} %`;

function assumptions({ input, snapshotsTake, copiesTake }: GatheredInputs): readonly string[] {
  const { settings, changedPerDay, writtenShare } = input;
  return [
    `a snapshot takes ${snapshotsTake}`,
    `a copy takes ${copiesTake}`,
    `${percent(writtenShare)} of each volume was ever written (--written), ${percent(changedPerDay)} of that changes a day (--changed-per-day)`,
    `quotas: ${settings.pendingSnapshotsMax} pending snapshots, ${settings.copiesInFlightMax} copies at a time to each destination, ` +
      '100,000 snapshots per region; EC2 takes 100 creates at once and 5 a second, 50 copies at once and 5 a second',
    'nothing else in the account uses these quotas, nothing fails, and the fleet stays as it is',
    'the run before is over when a run begins; runs that overlap share the quotas and take longer',
    'an EC2 call takes 0.1 to 0.5 s (Describe: 0.06 to 0.24 s)',
    'a month has 30 days; prices are list prices of us-east-1 for all regions, without free tiers, taxes or discounts',
    'blocks that change twice between slots count once; no two snapshots share what changed between them',
    'not in the cost: KMS requests, archive tier, fast snapshot restore, the deletion calls of the pruner with a full vault',
    ...(settings.prunerMode === 'dry-run'
      ? ['the pruner is in dry-run mode and deletes nothing: the counts and the cost are those of live mode']
      : []),
  ];
}
