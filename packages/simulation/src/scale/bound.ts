import { DEFAULT_EC2_KNOBS } from '@smart-vault/simulator';
import type { Fleet } from './account.ts';

/** EC2's token buckets: calls at once, and calls a second. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const CREATE_BUCKET = { burst: 100, perSecond: 5 } as const;
const COPY_BUCKET = { burst: 50, perSecond: 5 } as const;
const PENDING_MAX = DEFAULT_EC2_KNOBS.pendingSnapshotsMax;

/** What no design can beat: from quotas and from how long EC2 takes. Seconds; each is a bound of its own. */
export interface Bound {
  readonly createApi: number;
  readonly pendingCap: number;
  readonly copyApi: number;
  readonly copySlots: number;
  /** For the last snapshot to be started: the larger of the first two. */
  readonly creating: number;
  /** For everything: the largest, as the phases overlap. */
  readonly all: number;
  /** Least mutating EC2 calls: one per instance or lone volume, and one per copy. */
  readonly mutatingCalls: number;
}

/**
 * The bound of one run.
 *
 * @param snapshotSeconds mean time for which a snapshot holds its permit
 * @param copySeconds the same for a copy
 */
export function boundOf(fleet: Fleet, snapshotSeconds: number, copySeconds: number): Bound {
  const { volumes, volumesPerInstance, copiesInFlightMax } = fleet;
  const creates = Math.ceil(volumes / volumesPerInstance);
  const createApi = Math.max(0, (creates - CREATE_BUCKET.burst) / CREATE_BUCKET.perSecond);
  const pendingCap = Math.max(0, volumes / PENDING_MAX - 1) * snapshotSeconds;
  const copyApi = Math.max(0, (volumes - COPY_BUCKET.burst) / COPY_BUCKET.perSecond);
  const copySlots = Math.ceil(volumes / copiesInFlightMax) * copySeconds;
  return {
    createApi,
    pendingCap,
    copyApi,
    copySlots,
    creating: Math.max(createApi, pendingCap),
    all: Math.max(createApi, pendingCap, copyApi, copySlots),
    mutatingCalls: creates + volumes,
  };
}
