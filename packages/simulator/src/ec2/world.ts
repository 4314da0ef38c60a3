import type { VirtualClock } from '../clock.ts';
import type { Rng } from '../prng.ts';
import { Ec2Api } from './api.ts';
import { Faults } from './faults.ts';
import { uuidOf } from './ids.ts';
import type { Ec2Knobs } from './knobs.ts';
import { Operator } from './operator.ts';
import { type Account, RegionState } from './region.ts';
import { Stats } from './stats.ts';
import type { EbsEvent } from './types.ts';

/** What a world is made of. */
export interface Ec2WorldOptions {
  readonly clock: VirtualClock;
  /** Only its seed is used, so that draws made elsewhere change nothing here. */
  readonly rng: Rng;
  readonly accountId: string;
  readonly knobs: Ec2Knobs;
  /** Called at the moment an event happens. The envelope names its region; delivery is the caller's. */
  onEvent(event: EbsEvent): void;
}

/** EC2 as far as snapshots go: one account, all its regions, on a virtual clock. Nothing here waits. */
export class Ec2World {
  readonly accountId: string;
  readonly knobs: Ec2Knobs;
  readonly clock: VirtualClock;
  /** What goes wrong, and until when. */
  readonly faults: Faults;
  /** What happened so far. */
  readonly stats = new Stats();
  /** What people do beside our API calls. */
  readonly operator: Operator;
  readonly #account: Account;
  readonly #regions = new Map<string, RegionState>();
  readonly #apis = new Map<string, Ec2Api>();
  #requests = 0;

  constructor({ clock, rng, accountId, knobs, onEvent }: Ec2WorldOptions) {
    this.accountId = accountId;
    this.knobs = knobs;
    this.clock = clock;
    this.faults = new Faults(rng.seed, accountId);
    this.#account = {
      clock,
      seed: rng.seed,
      accountId,
      knobs,
      faults: this.faults,
      stats: this.stats,
      emit: onEvent,
      region: (name) => this.region(name),
    };
    this.operator = new Operator(this.#account);
  }

  /** The truth of a region, for oracles and tests. Regions come to be when they are first named. */
  region(name: string): RegionState {
    let region = this.#regions.get(name);
    if (region === undefined) {
      region = new RegionState(name, this.#account);
      this.#regions.set(name, region);
    }
    return region;
  }

  /** The API of a region: what a client can do, with quotas, throttles, faults and lag. Throws `Ec2Error`s. */
  api(region: string): Ec2Api {
    let api = this.#apis.get(region);
    if (api === undefined) {
      api = new Ec2Api(this.region(region));
      this.#apis.set(region, api);
    }
    return api;
  }

  /** An id for the next request over the wire. */
  nextRequestId(): string {
    this.#requests += 1;
    return uuidOf(this.#account.seed, `request/${this.#requests}`);
  }

  /** Regions that were used so far. */
  regions(): readonly RegionState[] {
    return [...this.#regions.values()];
  }
}
