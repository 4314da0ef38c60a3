/** Counters of one API in one region. */
export interface ApiCounters {
  readonly region: string;
  readonly operation: string;
  /** All of them, those that failed included. */
  readonly calls: number;
  readonly throttled: number;
  readonly denied: number;
  /** Other errors, dry runs included. */
  readonly failed: number;
}

/** Counters of one region. */
export interface RegionCounters {
  readonly region: string;
  /** Pending snapshots of volumes: now, and the most there ever were. */
  readonly pending: number;
  readonly pendingMax: number;
  /** Copies in flight to this region: now, and the most there ever were. */
  readonly copiesInFlight: number;
  readonly copiesInFlightMax: number;
  readonly snapshots: number;
  readonly snapshotsStarted: number;
  readonly copiesStarted: number;
  readonly completed: number;
  readonly failed: number;
  readonly deleted: number;
  /** Completed copies that moved only what had changed. */
  readonly incrementalCopies: number;
  /** Copies that were started from a source that was not completed. A correct caller leaves this at 0. */
  readonly copiesOfUnfinishedSources: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What happened so far. Reading is free of side effects. */
export class Stats {
  readonly #apis = new Map<string, Mutable<ApiCounters>>();
  readonly #regions = new Map<string, Mutable<RegionCounters>>();

  /** The counters of an API, to count in. For the model. */
  api(region: string, operation: string): Mutable<ApiCounters> {
    const key = `${region}/${operation}`;
    let counters = this.#apis.get(key);
    if (counters === undefined) {
      counters = { region, operation, calls: 0, throttled: 0, denied: 0, failed: 0 };
      this.#apis.set(key, counters);
    }
    return counters;
  }

  /** The counters of a region, to count in. For the model. */
  region(region: string): Mutable<RegionCounters> {
    let counters = this.#regions.get(region);
    if (counters === undefined) {
      counters = emptyRegion(region);
      this.#regions.set(region, counters);
    }
    return counters;
  }

  /** Every API that was called, in the order of the first call. */
  apis(): readonly ApiCounters[] {
    return [...this.#apis.values()].map((counters) => ({ ...counters }));
  }

  /** Every region that was used. */
  regions(): readonly RegionCounters[] {
    return [...this.#regions.values()].map((counters) => ({ ...counters }));
  }

  /** Copies that were started from a source that was not completed, in all regions. */
  get copiesOfUnfinishedSources(): number {
    return this.regions().reduce((sum, region) => sum + region.copiesOfUnfinishedSources, 0);
  }
}

function emptyRegion(region: string): Mutable<RegionCounters> {
  return {
    region,
    pending: 0,
    pendingMax: 0,
    copiesInFlight: 0,
    copiesInFlightMax: 0,
    snapshots: 0,
    snapshotsStarted: 0,
    copiesStarted: 0,
    completed: 0,
    failed: 0,
    deleted: 0,
    incrementalCopies: 0,
    copiesOfUnfinishedSources: 0,
  };
}
