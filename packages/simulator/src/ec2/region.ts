import type { VirtualClock } from '../clock.ts';
import { unitOf } from '../prng.ts';
import { Ec2Error } from './errors.ts';
import { type Faults, requestLimitExceeded } from './faults.ts';
import type { Ec2Knobs } from './knobs.ts';
import { Network } from './network.ts';
import type { Stats } from './stats.ts';
import { type ReadLag, Store, type Stored } from './store.ts';
import { bucketSize, TokenBucket } from './token-bucket.ts';
import type {
  EbsEvent,
  ImageRecord,
  InstanceRecord,
  LockRecord,
  SnapshotRecord,
  VolumeRecord,
} from './types.ts';

/** What all regions of an account share. */
export interface Account {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly accountId: string;
  readonly knobs: Ec2Knobs;
  readonly faults: Faults;
  readonly stats: Stats;
  emit(event: EbsEvent): void;
  region(name: string): RegionState;
}

/** What a region remembers of one volume's snapshots. */
export interface VolumeActivity {
  /** How many were ever started: part of the next one's id. */
  started: number;
  /** When the last one was accepted, milliseconds since 1970. */
  lastAt: number;
  /** Those that count against the volume's limit. */
  readonly busy: Set<string>;
}

/** The copies of one volume's data in one region. */
export interface CopyChain {
  /** The KMS keys of those that exist and are completed (empty: not encrypted), with their number. */
  readonly keys: Map<string, number>;
  /** The one that was completed last, whether it still exists or not. */
  latest?: string;
}

/** A request that was answered: the same token and parameters give the same resource again. */
export interface TokenUse {
  readonly parameters: string;
  readonly id: string;
}

/** Whether a KMS key of a region can be used. `inaccessible`: accepted, and the copy fails later. */
export type KeyState = 'disabled' | 'inaccessible';

/** One region of one account: the truth, and the books that quotas are counted with. */
export class RegionState {
  readonly name: string;
  readonly account: Account;
  readonly instances: Store<InstanceRecord>;
  readonly volumes: Store<VolumeRecord>;
  readonly snapshots: Store<SnapshotRecord>;
  readonly images: Store<ImageRecord>;
  readonly locks = new Map<string, LockRecord>();
  readonly keys = new Map<string, KeyState>();
  /** Deleted snapshots that can be brought back. */
  readonly bin = new Map<string, SnapshotRecord>();
  /** Pending snapshots that will be gone once they are completed. */
  readonly doomed = new Set<string>();
  readonly chains = new Map<string, CopyChain>();
  /** How often a source was copied here: part of the next copy's id. */
  readonly copyAttempts = new Map<string, number>();
  /** AMIs by the snapshots that they are made of. */
  readonly imagesOf = new Map<string, Set<string>>();
  /** What requests with a client token made. */
  readonly tokens = new Map<string, TokenUse>();
  readonly network: Network;
  readonly #numbers = new Map<string, number>();
  readonly #activity = new Map<string, VolumeActivity>();
  readonly #apis = new Map<string, ReturnType<Stats['api']>>();
  readonly #buckets = new Map<string, TokenBucket>();
  #reads = 0;

  constructor(name: string, account: Account) {
    this.name = name;
    this.account = account;
    const lag = lagOf(name, account);
    const store = <T extends Stored>() => new Store<T>(lag);
    this.instances = store();
    this.volumes = store();
    this.snapshots = store();
    this.images = store();
    this.network = new Network(name, account.seed);
  }

  now(): number {
    return this.account.clock.now();
  }

  /** 1, 2, 3 and so on for each label: part of the ids of what is made under it. */
  nextNumber(label: string): number {
    const number = (this.#numbers.get(label) ?? 0) + 1;
    this.#numbers.set(label, number);
    return number;
  }

  /** Runs this later, in virtual time. */
  after(seconds: number, label: string, run: () => void): void {
    this.account.clock.at(this.now() + seconds * 1000, `ec2 ${this.name} ${label}`, run);
  }

  /** The books of a volume. */
  activity(volumeId: string): VolumeActivity {
    let activity = this.#activity.get(volumeId);
    if (activity === undefined) {
      activity = { started: 0, lastAt: Number.NEGATIVE_INFINITY, busy: new Set() };
      this.#activity.set(volumeId, activity);
    }
    return activity;
  }

  /** The replica that answers the next read. */
  nextReplica(): number {
    const { knobs, seed } = this.account;
    if (knobs.readLagMaxMs === 0 || knobs.replicas <= 1) return 0;
    this.#reads += 1;
    return Math.floor(unitOf(seed, `replica/${this.name}/${this.#reads}`) * knobs.replicas);
  }

  /** True when the next page is one of the empty ones. */
  nextPageIsEmpty(): boolean {
    const { knobs, seed } = this.account;
    if (knobs.emptyPageShare === 0) return false;
    this.#reads += 1;
    return unitOf(seed, `empty/${this.name}/${this.#reads}`) < knobs.emptyPageShare;
  }

  /** A number that was not given before. */
  nextNonce(): number {
    this.#reads += 1;
    return this.#reads;
  }

  /**
   * Lets an API call in: counts it, takes a token, meets the faults; then runs it and counts how it ended.
   * @param subject what it acts on, empty for listings
   * @throws Ec2Error whatever the call or a fault throws
   */
  call<R>(operation: string, subject: string, run: () => R, unbounded = false): R {
    const { faults } = this.account;
    const counters = this.#counters(operation);
    counters.calls += 1;
    try {
      if (!this.#takeToken(operation, unbounded)) throw requestLimitExceeded();
      const fault = faults.ofCall({ operation, region: this.name, subject, at: this.now() });
      if (fault !== undefined) throw fault;
      return run();
    } catch (error) {
      if (!(error instanceof Ec2Error)) throw error;
      if (error.code === 'RequestLimitExceeded') counters.throttled += 1;
      else if (error.code === 'UnauthorizedOperation') counters.denied += 1;
      else counters.failed += 1;
      throw error;
    }
  }

  #counters(operation: string): ReturnType<Stats['api']> {
    let counters = this.#apis.get(operation);
    if (counters === undefined) {
      counters = this.account.stats.api(this.name, operation);
      this.#apis.set(operation, counters);
    }
    return counters;
  }

  #takeToken(operation: string, unbounded: boolean): boolean {
    if (!this.account.knobs.throttling) return true;
    const name = unbounded ? `${operation}/unbounded` : operation;
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = new TokenBucket(bucketSize(operation, unbounded), this.now());
      this.#buckets.set(name, bucket);
    }
    return bucket.take(this.now());
  }
}

function lagOf(region: string, { knobs, clock, seed }: Account): ReadLag {
  return {
    maxMs: knobs.readLagMaxMs,
    now: () => clock.now(),
    share: (id, change, replica) => unitOf(seed, `lag/${region}/${id}/${change}/${replica}`),
  };
}
