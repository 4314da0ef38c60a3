import {
  type ApiCounters,
  type Duration,
  type Fleet,
  parseExpression,
  Rng,
  type SnapshotRecord,
  type StackModel,
} from '@smart-vault/simulator';
import { Chaos } from '../chaos.ts';
import type { Call } from '../environment.ts';
import { Kernel } from '../kernel.ts';
import { vaultTemplates } from '../templates.ts';
import { VaultWorld } from '../vault-world.ts';
import { type Bound, boundOf } from './bound.ts';
import { totalUsage, type Usage } from './prices.ts';
import type { ForecastSettings } from './settings.ts';
import { UsageMeter } from './usage-meter.ts';

/** How long EC2 takes, and how much there is to move. */
interface RunKnobs {
  readonly snapshotDuration: Duration;
  readonly copyDuration: Duration;
  /** Share of each volume that a snapshot, and its copy, moves: from 0 to 1. */
  readonly movedShare: number;
}

export interface RunInput {
  readonly fleet: Fleet;
  /** Volumes that the run selects. */
  readonly volumes: number;
  readonly settings: ForecastSettings;
  readonly knobs: RunKnobs;
  readonly seed: number;
  /** Also measures a day without a run. */
  readonly measuresIdle?: boolean;
  /** Told now and then how many snapshots and copies are good. */
  progress?(good: number, all: number): void;
}

/** One destination of a run. */
interface DestinationRun {
  readonly region: string;
  readonly copies: number;
  /** From the slot until the last copy was good, seconds. */
  readonly seconds: number;
  readonly meanCopySeconds: number;
  readonly copiesMost: number;
  readonly bound: Bound;
}

/** One run of the vault. */
export interface RunMeasure {
  readonly snapshots: number;
  /** From the slot until the last snapshot was good, seconds. */
  readonly snapshotsSeconds: number;
  readonly meanSnapshotSeconds: number;
  readonly pendingMost: number;
  readonly destinations: readonly DestinationRun[];
  /** EC2 calls by region and operation. */
  readonly calls: readonly ApiCounters[];
  readonly deadLetters: number;
  /** True when every selected volume has a good snapshot and good copies. */
  readonly isComplete: boolean;
  /** What the run used until an hour after its last copy. */
  readonly usage: Usage;
  /** Hours that this is of, and what a day without a run uses. */
  readonly usageHours: number;
  readonly idleDay?: Usage;
}

const SLOT_MS = Date.UTC(2026, 9, 1, 3);
const START_MS = SLOT_MS - 30_000;
/** A run in a month: none begins while another one is at it. */
const RUN_SCHEDULE = { expression: 'cron(0 3 1 * ? *)', timezone: 'UTC' } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEP_MS = 60_000;
/** So long nothing has become good: nothing will any more. */
const STUCK_MS = 2 * DAY_MS;
/** Before the next run of the schedule above. */
const LONGEST_MS = 27 * DAY_MS;
/** Far more callbacks than any run takes, per volume. */
const EVENTS_PER_VOLUME_MAX = 5_000;

const synthesized = new Map<string, readonly StackModel[]>();

/** Templates take seconds to make, and only the regions change them: all else is a variable of the functions. */
export function templatesFor({
  sourceRegion,
  destinations,
}: Pick<ForecastSettings, 'sourceRegion' | 'destinations'>): readonly StackModel[] {
  const key = [sourceRegion, ...destinations].join(' ');
  const known = synthesized.get(key);
  if (known !== undefined) return known;
  const settings = { vault: 'smart-vault', sourceRegion, destinationRegions: destinations, kmsKeyIds: {} };
  const stacks = vaultTemplates({ ...settings, alertEmails: [] });
  synthesized.set(key, stacks);
  return stacks;
}

/**
 * One run of the real functions over a fleet, in virtual time and without faults: every event, tick and schedule of
 * the templates. The same input gives the same result.
 */
export async function simulateRun(input: RunInput): Promise<RunMeasure> {
  const { settings, volumes } = input;
  const kernel = new Kernel(
    START_MS,
    EVENTS_PER_VOLUME_MAX * (volumes * settings.destinations.length + 2_000),
  );
  const meter = new UsageMeter(kernel, settings.sourceRegion);
  const world = openWorld(input, kernel, meter);
  meter.watch(world);
  world.ec2.operator.loadFleet(input.fleet);
  await untilGood(world, input);
  await kernel.runUntil(kernel.now() + HOUR_MS);
  const calls = world.ec2.stats.apis();
  const usage = withSchedules(meter.total(), world, kernel.now());
  const usageHours = (kernel.now() - START_MS) / HOUR_MS;
  const measure = measureOf(world, input, { calls, usage, usageHours });
  if (input.measuresIdle !== true) return measure;
  await kernel.runUntil(kernel.now() + DAY_MS);
  const after = withSchedules(meter.total(), world, kernel.now());
  return {
    ...measure,
    idleDay: totalUsage([
      [after, 1],
      [usage, -1],
    ]),
  };
}

function openWorld({ settings, knobs, seed }: RunInput, kernel: Kernel, observer: UsageMeter): VaultWorld {
  const { pendingSnapshotsMax, copiesInFlightMax, consistency } = settings;
  return new VaultWorld({
    kernel,
    chaos: new Chaos({ seed, chances: {} }),
    seed,
    stacks: templatesFor(settings),
    ec2: {
      pendingSnapshotsMax,
      copiesInFlightMax,
      // What the account may hold is looked at apart from what a run does.
      snapshotsPerRegionMax: Number.MAX_SAFE_INTEGER,
      snapshotDuration: knobs.snapshotDuration,
      copyDuration: knobs.copyDuration,
      usedShare: [knobs.movedShare, knobs.movedShare],
    },
    variables: {
      CONSISTENCY: consistency,
      PENDING_SNAPSHOTS_MAX: String(pendingSnapshotsMax),
      COPIES_IN_FLIGHT_MAX: String(copiesInFlightMax),
    },
    runSchedule: RUN_SCHEDULE,
    observer,
    latencyMs: latencies(seed),
    unanswered: () => {},
    refused: () => {},
    everyTick: true,
  });
}

/** Milliseconds from a call to its effect. */
function latencies(seed: number): (call: Call) => number {
  const rng = new Rng(seed).fork('latency');
  return ({ service, operation }) => {
    const base = service !== 'ec2' ? 12 : operation.startsWith('Describe') ? 120 : 250;
    return 1 + Math.round(base * rng.between(0.5, 2));
  };
}

async function untilGood(world: VaultWorld, { volumes, settings, progress }: RunInput): Promise<void> {
  const { kernel } = world;
  const regions = [settings.sourceRegion, ...settings.destinations];
  const all = volumes * regions.length;
  let [good, movedAt] = [0, kernel.now()];
  while (good < all && kernel.now() - movedAt < STUCK_MS && kernel.now() < START_MS + LONGEST_MS) {
    await kernel.runUntil(kernel.now() + STEP_MS);
    const now = regions.reduce((sum, region) => sum + world.ec2.stats.region(region).completed, 0);
    if (now !== good) movedAt = kernel.now();
    good = now;
    progress?.(good, all);
  }
}

/** Invocations by EventBridge Scheduler since the start, ticks included. */
function withSchedules(usage: Usage, world: VaultWorld, untilMs: number): Usage {
  let scheduleInvocations = 0;
  for (const { expression, timeZone } of world.schedules) {
    const occurrences = parseExpression(expression, timeZone, { createdMs: START_MS });
    for (let at = occurrences.after(START_MS); at !== undefined && at <= untilMs; at = occurrences.after(at))
      scheduleInvocations += 1;
  }
  return { ...usage, scheduleInvocations };
}

interface Spans {
  readonly count: number;
  /** Seconds, all together. */
  readonly total: number;
  readonly longest: number;
  /** From the slot until the last of them ended, seconds. */
  readonly lastEnd: number;
}

function spansOf(snapshots: Iterable<SnapshotRecord>): Spans {
  let [count, total, longest, lastEnd] = [0, 0, 0, 0];
  for (const { state, startedAt, completedAt } of snapshots) {
    if (state !== 'completed' || completedAt === undefined) continue;
    const seconds = (completedAt - startedAt) / 1_000;
    count += 1;
    total += seconds;
    longest = Math.max(longest, seconds);
    lastEnd = Math.max(lastEnd, (completedAt - SLOT_MS) / 1_000);
  }
  return { count, total, longest, lastEnd };
}

const mean = ({ total, count }: Spans): number => (count === 0 ? 0 : total / count);

function measureOf(
  world: VaultWorld,
  { settings, volumes }: RunInput,
  counted: Pick<RunMeasure, 'calls' | 'usage' | 'usageHours'>,
): RunMeasure {
  const { ec2 } = world;
  const source = spansOf(ec2.region(settings.sourceRegion).snapshots.values());
  const createCalls = counted.calls
    .filter(({ operation }) => operation === 'CreateSnapshot' || operation === 'CreateSnapshots')
    .map(({ calls, throttled, failed, denied }) => calls - throttled - failed - denied);
  const destinations = settings.destinations.map((region): DestinationRun => {
    const copies = spansOf(ec2.region(region).snapshots.values());
    return {
      region,
      copies: copies.count,
      seconds: copies.lastEnd,
      meanCopySeconds: mean(copies),
      copiesMost: ec2.stats.region(region).copiesInFlightMax,
      bound: boundOf({
        createCalls,
        snapshotSeconds: source.total,
        longestSnapshot: source.longest,
        pendingSnapshotsMax: settings.pendingSnapshotsMax,
        copies: copies.count,
        copySeconds: copies.total,
        longestCopy: copies.longest,
        copiesInFlightMax: settings.copiesInFlightMax,
      }),
    };
  });
  let deadLetters = 0;
  for (const name of world.facts.deadLetterQueues) deadLetters += world.queue(name).counts().visible;
  return {
    snapshots: source.count,
    snapshotsSeconds: source.lastEnd,
    meanSnapshotSeconds: mean(source),
    pendingMost: ec2.stats.region(settings.sourceRegion).pendingMax,
    destinations,
    deadLetters,
    isComplete: source.count === volumes && destinations.every(({ copies }) => copies === volumes),
    ...counted,
  };
}
