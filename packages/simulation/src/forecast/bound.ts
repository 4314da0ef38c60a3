/** EC2's token buckets: calls at once, and calls a second. https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html */
const CREATE_BUCKET = { burst: 100, perSecond: 5 } as const;
const COPY_BUCKET = { burst: 50, perSecond: 5 } as const;

/** What a run has to do, and what it may do at a time. */
export interface Work {
  /** Calls of CreateSnapshot and of CreateSnapshots, which have a bucket each. */
  readonly createCalls: readonly number[];
  /** Seconds for which the snapshots were pending, all together, and the longest of them. */
  readonly snapshotSeconds: number;
  readonly longestSnapshot: number;
  readonly pendingSnapshotsMax: number;
  /** Copies to one destination, and the same of them. */
  readonly copies: number;
  readonly copySeconds: number;
  readonly longestCopy: number;
  readonly copiesInFlightMax: number;
}

/** What no design can beat, seconds; each is a bound of its own. */
export interface Bound {
  readonly createApi: number;
  readonly pendingCap: number;
  readonly copyApi: number;
  readonly copySlots: number;
  /** Until all snapshots are good. */
  readonly snapshots: number;
  /** Until all copies are good, as both go on at the same time. */
  readonly all: number;
  /** The largest of the first four. */
  readonly binding: BoundName;
}

export type BoundName = 'createApi' | 'pendingCap' | 'copyApi' | 'copySlots';

const apiSeconds = (calls: number, { burst, perSecond }: { burst: number; perSecond: number }): number =>
  Math.max(0, (calls - burst) / perSecond);

/** The bound of one run and one destination, by how long EC2 takes. */
export function boundOf(work: Work): Bound {
  const createApi = Math.max(0, ...work.createCalls.map((calls) => apiSeconds(calls, CREATE_BUCKET)));
  const pendingCap = Math.max(work.longestSnapshot, work.snapshotSeconds / work.pendingSnapshotsMax);
  const copyApi = apiSeconds(work.copies, COPY_BUCKET);
  const copySlots = Math.max(work.longestCopy, work.copySeconds / work.copiesInFlightMax);
  const parts: readonly (readonly [BoundName, number])[] = [
    ['copySlots', copySlots],
    ['pendingCap', pendingCap],
    ['copyApi', copyApi],
    ['createApi', createApi],
  ];
  const [binding] = parts.reduce((most, each) => (each[1] > most[1] ? each : most));
  return {
    createApi,
    pendingCap,
    copyApi,
    copySlots,
    snapshots: Math.max(createApi, pendingCap),
    all: Math.max(createApi, pendingCap, copyApi, copySlots),
    binding,
  };
}
