import type { Ec2World } from '../ec2/world.ts';
import type { EventBuses } from '../events/event-bus.ts';
import { hash32, unitOf } from '../prng.ts';

/** What `--fault` knows, with what it does in words. */
export const FAULTS = {
  'copy-denied': 'EC2 refuses CopySnapshot (UnauthorizedOperation) for every 10th volume of the fleet',
  throttle: 'a quarter of all EC2 calls are answered with RequestLimitExceeded',
  'lost-events': 'a third of all EBS events never arrive',
  crash:
    'one invocation in 20 dies at an API call, half of them before the call is made and half before its answer is heard',
} as const;
export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];
export const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

const COPY_DENIED_EVERY = 10;
const THROTTLED_SHARE = 0.25;
const LOST_SHARE = 1 / 3;
const CRASH_SHARE = 0.05;
/** Crashes strike one of the first calls of an invocation. */
const CRASH_CALLS = 6;

/** Which invocations die, and at which of their API calls. */
export class CrashFault {
  active = false;
  count = 0;
  readonly #seed: number;
  readonly #calls = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Asked at every API call of an invocation. */
  strikes(functionName: string, requestId: string): 'before' | 'after' | undefined {
    if (!this.active) return undefined;
    const label = `${functionName}/${requestId}`;
    if (unitOf(this.#seed, `crash/${label}`) >= CRASH_SHARE) return undefined;
    const call = (this.#calls.get(label) ?? 0) + 1;
    this.#calls.set(label, call);
    if (call !== 1 + (hash32(`call/${label}`, this.#seed) % CRASH_CALLS)) return undefined;
    this.count += 1;
    return unitOf(this.#seed, `side/${label}`) < 0.5 ? 'before' : 'after';
  }
}

export interface FaultParts {
  readonly world: Ec2World;
  readonly buses: EventBuses;
  readonly crashes: CrashFault;
  readonly sourceRegion: string;
}

/** Volumes whose copies are refused under `copy-denied`: every tenth by id, of those that are attached. */
function volumesDeniedCopies(world: Ec2World, sourceRegion: string): ReadonlySet<string> {
  const ids = [...world.region(sourceRegion).volumes.values()]
    .filter((volume) => volume.attachments.length > 0)
    .map((volume) => volume.id)
    .sort();
  return new Set(ids.filter((_, index) => index % COPY_DENIED_EVERY === 0));
}

/** Switches a fault on, until `liftFaults`. */
export function injectFault(name: FaultName, { world, buses, crashes, sourceRegion }: FaultParts): void {
  switch (name) {
    case 'copy-denied': {
      const denied = volumesDeniedCopies(world, sourceRegion);
      const volumeOf = (snapshotId: string) =>
        world.region(sourceRegion).snapshots.get(snapshotId)?.volumeId ?? '';
      world.faults.deny(
        'CopySnapshot',
        ({ subject }) => denied.has(volumeOf(subject)),
        `${denied.size} volumes`,
      );
      return;
    }
    case 'throttle':
      world.faults.throttle('*', { share: THROTTLED_SHARE });
      return;
    case 'lost-events':
      buses.faults = { drop: LOST_SHARE };
      return;
    case 'crash':
      crashes.active = true;
  }
}

/** Switches all faults off. */
export function liftFaults({ world, buses, crashes }: FaultParts): void {
  world.faults.liftAll();
  buses.faults = {};
  crashes.active = false;
}
