/** Capacity and refill of one bucket. */
export interface BucketSize {
  readonly capacity: number;
  readonly perSecond: number;
}

/** Sizes that AWS lists; the rest is mutating (50, 5) or not (100, 20). Source: EC2 developer guide, API throttling. */
const SIZES: Readonly<Record<string, BucketSize>> = {
  CreateSnapshot: { capacity: 100, perSecond: 5 },
  CreateSnapshots: { capacity: 100, perSecond: 5 },
  DeleteSnapshot: { capacity: 100, perSecond: 5 },
  CreateTags: { capacity: 100, perSecond: 10 },
  CreateVolume: { capacity: 100, perSecond: 5 },
  DeregisterImage: { capacity: 100, perSecond: 5 },
  DeleteTags: { capacity: 100, perSecond: 10 },
};
const MUTATING: BucketSize = { capacity: 50, perSecond: 5 };
const READING: BucketSize = { capacity: 100, perSecond: 20 };
/** Describe calls with neither filters nor a page size. */
const UNBOUNDED: BucketSize = { capacity: 50, perSecond: 10 };

/** The bucket of an API call. */
export function bucketSize(operation: string, unbounded: boolean): BucketSize {
  const reading = operation.startsWith('Describe');
  return SIZES[operation] ?? (reading ? (unbounded ? UNBOUNDED : READING) : MUTATING);
}

/** A token bucket over virtual time. */
export class TokenBucket {
  readonly size: BucketSize;
  #tokens: number;
  #at: number;

  /** @param now milliseconds since 1970 */
  constructor(size: BucketSize, now: number) {
    this.size = size;
    this.#tokens = size.capacity;
    this.#at = now;
  }

  /** Takes one token; false when there is none. @param now milliseconds since 1970 */
  take(now: number): boolean {
    this.#tokens = Math.min(
      this.size.capacity,
      this.#tokens + ((now - this.#at) / 1000) * this.size.perSecond,
    );
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
