import { parseSchedule } from '@smart-vault/core';
import { labelOfEvent, type StackModel } from '@smart-vault/simulator';
import { Chaos, type FaultId } from './chaos.ts';
import type { Call } from './environment.ts';
import type { FaultKind } from './fault-catalogue.ts';
import type { Stage } from './faults/act.ts';
import { Kernel, type TraceEntry } from './kernel.ts';
import { checkEndState, checkLatestSlot, isFull } from './oracle/end-state.ts';
import { Oracle, type Violation } from './oracle/oracle.ts';
import { DAY_MS, HOUR_MS, type WorldKnobs } from './packs.ts';
import { planFaults } from './planned-faults.ts';
import { type Population, populate } from './population.ts';
import { VaultWorld } from './vault-world.ts';

export interface RunOptions {
  readonly knobs: WorldKnobs;
  /** Templates by the number of destinations. */
  readonly templates: Templates;
  /** Faults that are left out. */
  readonly mask?: ReadonlySet<FaultId>;
  /** Ends the world as soon as one of these promises is broken. */
  readonly stopAt?: ReadonlySet<string>;
}

/** Templates for one destination, and for two. */
export type Templates = readonly [readonly StackModel[], readonly StackModel[]];

/** What became of one world. */
export interface WorldResult {
  readonly knobs: WorldKnobs;
  readonly violations: readonly Violation[];
  readonly fired: ReadonlyMap<FaultId, FaultKind>;
  readonly hash: string;
  readonly events: number;
  readonly trace: readonly TraceEntry[];
  /** Calls of functions by operation. */
  readonly calls: ReadonlyMap<string, number>;
  /** The world as it is at the end, for those who print a failure. */
  readonly world: VaultWorld;
}

/** How often the schedule's expression runs, in the world's time zone. */
const expressionOf = ({ slotEveryHours }: WorldKnobs): string =>
  slotEveryHours >= 24 ? 'cron(30 2 * * ? *)' : `cron(30 0/${slotEveryHours} * * ? *)`;

/** Lives one world: chaos, then healing and demanding that all comes right, then demanding that nothing moves any more. */
export async function runWorld(options: RunOptions): Promise<WorldResult> {
  const { knobs } = options;
  const kernel = new Kernel(knobs.startMs);
  const chaos = new Chaos({
    seed: knobs.seed,
    chances: knobs.chances,
    ...(options.mask === undefined ? {} : { mask: options.mask }),
  });
  const oracle = new Oracle({
    knobs,
    retentionDays: knobs.retentionDays,
    keepMin: knobs.keepMin,
    ...(options.stopAt === undefined ? {} : { stopAt: options.stopAt }),
  });
  const world = openWorld(options, kernel, chaos, oracle);
  oracle.watch(world);
  oracle.reports.startedAt = kernel.now();
  const population = populate(world, knobs);
  // What has just been made cannot be seen by everybody yet.
  oracle.disturbed(world.facts.source, undefined);
  for (const condition of knobs.conditions) chaos.happens(condition, 'world');
  const stage = stageOf(world, chaos, oracle, population);
  breakThings(world, chaos, stage);
  const endFaults = planFaults(stage, knobs.planned);
  try {
    await live({ knobs, kernel, chaos, oracle, world, population, endFaults });
  } catch (error) {
    oracle.broken('CRASH', error instanceof Error ? (error.stack ?? error.message) : String(error), []);
  }
  return {
    knobs,
    violations: oracle.violations,
    fired: chaos.fired,
    hash: kernel.hash,
    events: kernel.events,
    trace: kernel.trace(),
    calls: oracle.calls,
    world,
  };
}

interface Life {
  readonly knobs: WorldKnobs;
  readonly kernel: Kernel;
  readonly chaos: Chaos;
  readonly oracle: Oracle;
  readonly world: VaultWorld;
  readonly population: Population;
  readonly endFaults: () => void;
}

async function live(life: Life): Promise<void> {
  const { knobs, kernel, chaos, oracle, world, population, endFaults } = life;
  await kernel.runUntil(knobs.startMs + knobs.chaosHours * HOUR_MS);
  oracle.reports.checkSilence();
  if (oracle.reports.sawMidChange && knobs.pack !== 'calm') chaos.happens('report-mid-change', 'world');
  const healedAt = kernel.now();
  const broken = heal(world, chaos, knobs, population, endFaults, oracle);
  oracle.reports.faultsAreOver = true;
  await kernel.runUntil(healedAt + healMs(knobs, world));
  const latestSlotMs = latestSlot(knobs, kernel.now() - 3 * HOUR_MS - longestSnapshotMs(world));
  // A day is enough for whatever blocks a volume to be out of its way.
  if (knobs.healHours >= 24) checkLatestSlot(oracle, { broken, healedAt, latestSlotMs });
  await settle(world, kernel);
  if (kernel.isHalted) return;
  checkEndState(oracle, { broken, healedAt, latestSlotMs });
  const hasRoom = !world.facts.regions.some((region) => isFull(oracle, region));
  if (canComeToRest(knobs, world) && oracle.refusedAt.size === 0 && hasRoom)
    await demandFixpoint(world, kernel, oracle);
}

function openWorld(
  { knobs, templates }: RunOptions,
  kernel: Kernel,
  chaos: Chaos,
  oracle: Oracle,
): VaultWorld {
  const reorder = knobs.conditions.includes('reordered');
  return new VaultWorld({
    kernel,
    chaos,
    seed: knobs.seed,
    stacks: templates[knobs.destinations - 1] ?? templates[0],
    ec2: knobs.ec2,
    runSchedule: { expression: expressionOf(knobs), timezone: knobs.timezone },
    variables: {
      CONSISTENCY: knobs.consistency,
      RETENTION_DAYS: String(knobs.retentionDays),
      KEEP_MIN: String(knobs.keepMin),
      GRACE_HOURS: String(knobs.graceHours),
      PRUNER_MODE: knobs.prunerMode,
      PENDING_SNAPSHOTS_MAX: String(knobs.ec2.pendingSnapshotsMax ?? 100),
      COPIES_IN_FLIGHT_MAX: String(knobs.ec2.copiesInFlightMax ?? 20),
    },
    observer: oracle,
    latencyMs: latencies(knobs, kernel, chaos),
    unanswered: (call, output) => oracle.unanswered(call, output),
    refused: (environment, call, error) => oracle.refused(environment, call, error),
    sqsFaults: {
      reorder,
      duplicate: (queue, { messageId }) =>
        chaos.isOn && chaos.strikes('message-twice', `${queue.name}/${messageId}`)
          ? Math.round(chaos.unit(`twice ${messageId}`) * 900_000)
          : undefined,
      failEntry: (queue, { body, at, offer }) =>
        chaos.isOn && chaos.strikes('send-refused', `${queue.name}/${at}/${offer}/${body.slice(0, 80)}`),
    },
  });
}

/** Milliseconds from a call to its effect, by operation; spread by chance. */
function latencies({ slowness }: WorldKnobs, kernel: Kernel, chaos: Chaos): (call: Call) => number {
  let count = 0;
  return ({ service, operation }) => {
    count += 1;
    const base = service !== 'ec2' ? 12 : operation.startsWith('Describe') ? 120 : 250;
    return 1 + Math.round(base * slowness * (0.5 + 1.5 * chaos.unit('latency ', kernel.now(), ' ', count)));
  };
}

function stageOf(world: VaultWorld, chaos: Chaos, oracle: Oracle, population: Population): Stage {
  return {
    world,
    chaos,
    population,
    allFail: false,
    disturbed: (region, volumeId, what, about) => {
      oracle.disturbed(region, volumeId, about);
      world.kernel.note('operator', `${what} ${about.join(' ')}`, [
        ...about,
        ...(volumeId === undefined ? [] : [volumeId]),
      ]);
    },
    retentionChanged: (days) => {
      oracle.circumstances.retentionDays = days;
      oracle.circumstances.keepMin = 1;
    },
  };
}

const CAUSES = [
  'Given key ID is not accessible',
  'An internal error has occurred',
  'Source snapshot is not found',
] as const;

/** Events, snapshots and copies that go wrong by chance. */
function breakThings(world: VaultWorld, chaos: Chaos, stage: Stage): void {
  const { vault } = world.facts;
  world.ec2.faults.failSnapshots(({ snapshotId, tags }) => {
    if (tags.get('smart-vault:vault') !== vault || !chaos.isOn) return false;
    return stage.allFail || chaos.strikes(world.makesSet ? 'set-fails' : 'snapshot-fails', snapshotId);
  });
  CAUSES.forEach((cause, index) => {
    world.ec2.faults.failCopies(
      ({ snapshotId }) =>
        chaos.isOn &&
        Math.floor(chaos.unit(`cause ${snapshotId}`) * CAUSES.length) === index &&
        chaos.strikes('copy-fails', snapshotId),
      cause,
    );
  });
  world.buses.faults = {
    drop: (event, region) => chaos.isOn && chaos.strikes('event-lost', `${labelOfEvent(event)}@${region}`),
    duplicate: (event, region) =>
      chaos.isOn && chaos.strikes('event-twice', `${labelOfEvent(event)}@${region}`),
    duplicateWithinMs: 3 * HOUR_MS,
    delay: (event, region) => chaos.isOn && chaos.strikes('event-late', `${labelOfEvent(event)}@${region}`),
    delayMaxMs: DAY_MS,
  };
}

/** Ends all faults but one, if this world keeps one: that one must hurt nobody else. */
function heal(
  world: VaultWorld,
  chaos: Chaos,
  knobs: WorldKnobs,
  population: Population,
  endFaults: () => void,
  oracle: Oracle,
): ReadonlySet<string> {
  endFaults();
  chaos.heal();
  world.kernel.note('world', 'HEALS', []);
  for (const name of world.facts.deadLetterQueues) {
    const queue = world.queue(name);
    if (name.includes('reports')) for (const { body } of queue.peek()) oracle.reportLost(body);
    if (knobs.lettersVanish) queue.purge();
    else if (queue.counts().visible > 0) redriveAll(queue);
  }
  if (!knobs.oneStaysBroken) return new Set();
  const volumeId = population.volumes[0] ?? '';
  const instanceId = population.instances[0] ?? '';
  const isIt = (subject: string): boolean => subject === volumeId || subject === instanceId;
  world.ec2.faults.deny('CreateSnapshot', ({ subject }) => isIt(subject), volumeId);
  world.ec2.faults.deny('CreateSnapshots', ({ subject }) => isIt(subject), instanceId);
  return new Set(
    population.volumes.filter((id) => id.slice(-3, -2) === volumeId.slice(-3, -2)).concat(instanceId),
  );
}

function redriveAll(queue: { redrive(): number }): void {
  try {
    queue.redrive();
  } catch {
    // EventBridge's and Lambda's letters have no queue to go back to.
  }
}

/** The longest snapshot and the longest copy of this world, one after the other. */
function longestMs({ ec2 }: VaultWorld): number {
  const { copyDuration, snapshotDuration } = ec2.knobs;
  return (
    (copyDuration.baseSeconds * (1 + copyDuration.jitter) +
      snapshotDuration.baseSeconds * (1 + snapshotDuration.jitter)) *
    1000
  );
}

/** A volume may wait for another one's permit. */
function longestSnapshotMs({ ec2 }: VaultWorld): number {
  const { baseSeconds, jitter } = ec2.knobs.snapshotDuration;
  return 2 * baseSeconds * (1 + jitter) * 1000;
}

/** Long enough for the slowest copies of this world, one after the other. */
function healMs(knobs: WorldKnobs, world: VaultWorld): number {
  const longest = longestMs(world);
  return knobs.healHours * HOUR_MS + (longest > 2 * HOUR_MS ? 2 * longest : 0);
}

/** No new run is started; what is under way may end. */
async function settle(world: VaultWorld, kernel: Kernel): Promise<void> {
  world.nothingNew = true;
  const limit = kernel.now() + 4 * DAY_MS;
  while (!world.isQuiet() && !kernel.isHalted && kernel.now() < limit)
    await kernel.runUntil(kernel.now() + 10 * 60_000);
  world.schedulesAreOff = true;
}

const latestSlot = (knobs: WorldKnobs, now: number): number | undefined =>
  parseSchedule(expressionOf(knobs), knobs.timezone).latestAt(now);

/** Where snapshots and copies take longer than the time to the next slot there is always something to do. */
const canComeToRest = (knobs: WorldKnobs, world: VaultWorld): boolean =>
  knobs.prunerMode === 'live' && longestMs(world) < (Math.min(knobs.slotEveryHours, 12) * HOUR_MS) / 4;

/** What has just aged goes in steps: condemned, deleted, and its copies after it. */
const PASSES_MAX = 40;
const QUIET_PASSES = 3;

/** L7: a vault comes to rest: three passes of everything, one after the other, change nothing. */
async function demandFixpoint(world: VaultWorld, kernel: Kernel, oracle: Oracle): Promise<void> {
  let quiet = 0;
  let moved: string | undefined;
  for (let round = 0; round < PASSES_MAX && quiet < QUIET_PASSES; round += 1) {
    const now = await pass(world, kernel, oracle);
    quiet = now === undefined ? quiet + 1 : 0;
    moved = now ?? moved;
  }
  if (quiet < QUIET_PASSES)
    oracle.broken('L7', `after ${PASSES_MAX} passes over a settled vault, a pass still made ${moved}`, []);
}

/** One run of the reconciler and one of the pruner. @returns what they changed, if anything */
async function pass(world: VaultWorld, kernel: Kernel, oracle: Oracle): Promise<string | undefined> {
  const [mutations, sent] = [oracle.mutatingCalls, oracle.workSent];
  // Each sees what the one before it has done only when EC2's reads have caught up.
  const lagMs = world.ec2.knobs.readLagMaxMs;
  world.fire('reconciler', kernel.now());
  await kernel.runUntil(kernel.now() + 30_000 + lagMs);
  world.fire('pruner', kernel.now());
  await kernel.runUntil(kernel.now() + 90_000 + lagMs);
  const [more, work] = [oracle.mutatingCalls - mutations, oracle.workSent - sent];
  return more + work === 0 ? undefined : `${more} mutating calls and ${work} batches of work`;
}
