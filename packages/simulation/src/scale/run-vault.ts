import { DEFAULT_EC2_KNOBS, type StackModel } from '@smart-vault/simulator';
import { Chaos } from '../chaos.ts';
import { Kernel } from '../kernel.ts';
import { VaultWorld } from '../vault-world.ts';
import {
  addFleet,
  DESTINATION,
  type Fleet,
  knobsFor,
  RUN_SCHEDULE,
  START_MS,
  scaleLatencies,
} from './account.ts';
import { Meter } from './meter.ts';
import { resultOf, type ScaleResult } from './result.ts';

export interface ScaleOptions {
  readonly fleet: Fleet;
  readonly seed: number;
  /** Told now and then how many copies have ended. */
  progress?(copied: number): void;
}

/** Far more callbacks than any run takes, per volume. */
const EVENTS_PER_VOLUME_MAX = 5_000;
const STEP_MS = 10 * 60_000;
/** So long nothing has ended: nothing will any more. */
const STUCK_MS = 2 * 86_400_000;
/** The reporter looks at a run every quarter of an hour. */
const AFTERWARDS_MS = 3_600_000;

/** One run of the real vault over a fleet, without faults: every function, event, tick and schedule of the templates. */
export async function runVault(options: ScaleOptions, stacks: readonly StackModel[]): Promise<ScaleResult> {
  const { fleet, seed } = options;
  const kernel = new Kernel(START_MS, EVENTS_PER_VOLUME_MAX * (fleet.volumes + 1_000));
  const meter = meterOf(fleet, stacks[0]?.functions[0]?.memoryMb ?? 0);
  const world = new VaultWorld({
    kernel,
    chaos: new Chaos({ seed, chances: {} }),
    seed,
    stacks,
    ec2: knobsFor(fleet),
    variables: { COPIES_IN_FLIGHT_MAX: String(fleet.copiesInFlightMax) },
    runSchedule: RUN_SCHEDULE,
    observer: meter,
    latencyMs: scaleLatencies(seed),
    unanswered: () => {},
    refused: () => {},
    everyTick: true,
  });
  addFleet(world.ec2, fleet);
  meter.watch(world.ec2);
  await runUntilCopied(world, options);
  await kernel.runUntil(kernel.now() + AFTERWARDS_MS);
  let deadLetters = 0;
  for (const name of world.facts.deadLetterQueues) deadLetters += world.queue(name).counts().visible;
  for (const { opened } of world.functions.values()) meter.addColdStarts(opened);
  return resultOf('smart vault', fleet, { ec2: world.ec2, meter, deadLetters });
}

/** A meter for the fleet's quotas. */
export const meterOf = (fleet: Fleet, memoryMb: number): Meter =>
  new Meter(fleet, memoryMb, {
    pending: DEFAULT_EC2_KNOBS.pendingSnapshotsMax,
    copies: fleet.copiesInFlightMax,
  });

async function runUntilCopied(world: VaultWorld, { fleet, progress }: ScaleOptions): Promise<void> {
  const { kernel } = world;
  let [copied, movedAt] = [0, kernel.now()];
  while (copied < fleet.volumes && kernel.now() - movedAt < STUCK_MS) {
    await kernel.runUntil(kernel.now() + STEP_MS);
    const { completed } = world.ec2.stats.region(DESTINATION);
    if (completed !== copied) movedAt = kernel.now();
    copied = completed;
    progress?.(copied);
  }
}
