/** How long something takes: seconds = (base + perGiB x GiB moved) x a factor from 1 to 1 + jitter, fixed per id. */
export interface Duration {
  readonly baseSeconds: number;
  readonly secondsPerGiB: number;
  readonly jitter: number;
  /** Draws from a lognormal distribution whose median is the above. */
  readonly spread?: Spread;
}

/** A lognormal distribution, cut off at both ends. */
export interface Spread {
  /** Standard deviation of the logarithm: 0.7 puts 95 % between a quarter and four times the median. */
  readonly sigma: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** Everything about EC2 that an account, a test or a chaotic world may have otherwise. Defaults are AWS's. */
export interface Ec2Knobs {
  /** Pending snapshots of volumes in a region; AWS does not document the number. */
  readonly pendingSnapshotsMax: number;
  /** Copies in flight to one destination region. */
  readonly copiesInFlightMax: number;
  readonly snapshotsPerRegionMax: number;
  /** Snapshots in progress of one volume: gp2, gp3, io1, io2, standard. */
  readonly snapshotsPerVolumeMax: number;
  /** The same for st1 and sc1. */
  readonly snapshotsPerHddVolumeMax: number;
  /** AWS counts snapshots in `error` as in progress until they are deleted. */
  readonly errorSnapshotsCountAsInProgress: boolean;
  /** Least time between two snapshots of one volume. */
  readonly perVolumeIntervalMs: number;
  /** Token buckets per API and region. */
  readonly throttling: boolean;

  readonly snapshotDuration: Duration;
  readonly copyDuration: Duration;
  /** When a snapshot or copy that must fail does so, seconds after its start. */
  readonly failAfterSeconds: number;
  /** Share of the written data that changes a day. */
  readonly changedPerDay: number;
  /** Share of a volume that was ever written: from, to; fixed per volume. */
  readonly usedShare: readonly [number, number];

  /** From `creating` to `available`, from `attaching` to `attached`, and from `detaching` to `available`. */
  readonly volumeSeconds: number;
  /** From `pending` to `running`, from `stopping` to `stopped`, and from `shutting-down` to `terminated`. */
  readonly instanceSeconds: number;

  /** Longest time until a Describe call sees a change. 0: at once. */
  readonly readLagMaxMs: number;
  /** How many replicas answer Describe calls; each lags on its own. */
  readonly replicas: number;
  /** Pages are never longer than this, whatever MaxResults says. */
  readonly pageSizeMax: number;
  /** Share of pages that are empty and carry a token, when MaxResults is given. */
  readonly emptyPageShare: number;

  /** Also one `createSnapshot` event per member of a multi-volume set; AWS's documents do not say. */
  readonly memberEventsOfSets: boolean;
  /** Whether a copy in flight ends well though its source was deleted; AWS's documents do not say. */
  readonly copiesSurviveSourceDeletion: boolean;
  /** Deleted snapshots can be brought back with `operator.restoreFromRecycleBin`. */
  readonly recycleBin: boolean;
}

/** AWS's defaults; durations after captures of small volumes (46 to 79 s; copies 8 to 24 s). */
export const DEFAULT_EC2_KNOBS: Ec2Knobs = {
  pendingSnapshotsMax: 100,
  copiesInFlightMax: 20,
  snapshotsPerRegionMax: 100_000,
  snapshotsPerVolumeMax: 5,
  snapshotsPerHddVolumeMax: 1,
  errorSnapshotsCountAsInProgress: true,
  perVolumeIntervalMs: 15_000,
  throttling: true,
  snapshotDuration: { baseSeconds: 45, secondsPerGiB: 2, jitter: 0.6 },
  copyDuration: { baseSeconds: 8, secondsPerGiB: 5, jitter: 0.6 },
  failAfterSeconds: 5,
  changedPerDay: 0.03,
  usedShare: [0.2, 0.8],
  volumeSeconds: 3,
  instanceSeconds: 30,
  readLagMaxMs: 0,
  replicas: 3,
  pageSizeMax: 1000,
  emptyPageShare: 0,
  memberEventsOfSets: false,
  copiesSurviveSourceDeletion: false,
  recycleBin: false,
};

/** The defaults with some of them changed. */
export function ec2Knobs(changes: Partial<Ec2Knobs> = {}): Ec2Knobs {
  return { ...DEFAULT_EC2_KNOBS, ...changes };
}
