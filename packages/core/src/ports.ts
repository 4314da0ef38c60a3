import type { InstanceId, Region, SnapshotId, VolumeId } from './ids.ts';
import type { Instance, Snapshot, SnapshotState, Tags, Volume } from './model.ts';
import type { Slot } from './slot.ts';

/**
 * The ways out of our code. Names are ours; AWS is behind them (`@smart-vault/aws`), and in tests the simulator.
 * Every method throws only `AppError`s.
 */

/** Time. The only place where it enters. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** One line of structured log per call; `event` is a dotted name such as `snapshot.started`. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
export type LogFields = Readonly<Record<string, unknown>>;

/** Instances and volumes of one region. Every list is complete or the call throws. */
export interface InstanceCatalog {
  /** Instances that carry this tag with exactly this value, in every state but `terminated`. */
  listInstancesTagged(key: string, value: string): Promise<readonly Instance[]>;
  /** Those of these instances that exist; missing ones are left out. */
  findInstances(ids: readonly InstanceId[]): Promise<readonly Instance[]>;
  /** Those of these volumes that exist; missing ones are left out. */
  findVolumes(ids: readonly VolumeId[]): Promise<readonly Volume[]>;
}

/** Narrows a listing of the vault's own snapshots. Fields are ANDed, values of one field ORed. */
export interface VaultSnapshotFilter {
  readonly policy?: string;
  readonly slot?: Slot;
  /** By EC2's own volume id: of use in the source region only, as a copy's volume id is arbitrary. */
  readonly volumeIds?: readonly VolumeId[];
  readonly originalSnapshotIds?: readonly SnapshotId[];
  /** By the tag `smart-vault:volume`: the volumes that copies hold the data of. */
  readonly copiedVolumeIds?: readonly VolumeId[];
  readonly states?: readonly SnapshotState[];
}

export interface CreateSnapshotRequest {
  readonly volumeId: VolumeId;
  readonly description: string;
  readonly tags: Tags;
}

/** One crash-consistent set of an instance: all its EBS volumes but the excluded ones. */
export interface CreateSnapshotSetRequest {
  readonly instanceId: InstanceId;
  readonly excludeBootVolume: boolean;
  /** Data volumes that are left out; EC2 takes 40 at most. */
  readonly excludeDataVolumeIds: readonly VolumeId[];
  readonly description: string;
  /** EC2 puts the same tags on every member, so these are what members have in common. */
  readonly tags: Tags;
  /** Lets EC2 add each volume's own tags to its snapshot. Only when all of them fit beside ours (50 a snapshot). */
  readonly copyTagsFromVolumes: boolean;
}

export interface CopySnapshotRequest {
  readonly sourceRegion: Region;
  readonly sourceSnapshotId: SnapshotId;
  readonly description: string;
  readonly tags: Tags;
  /** True for an encrypted source; the destination's key is `kmsKeyId`, or the region's default key. */
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
}

/** Snapshots of one region: ours to create, copy, condemn and delete. Lists are complete or the call throws. */
export interface SnapshotStore {
  readonly region: Region;
  /** Snapshots that carry this vault's tag. */
  listVaultSnapshots(vault: string, filter?: VaultSnapshotFilter): Promise<readonly Snapshot[]>;
  /** Those of these snapshots that can be seen; missing ones are left out. */
  findSnapshots(ids: readonly SnapshotId[]): Promise<readonly Snapshot[]>;
  /** Every pending snapshot of the account in this region, whoever made it: they all count against the quotas. */
  listPendingSnapshots(): Promise<readonly Snapshot[]>;
  /** Which of these snapshots an AMI of this account (disabled and deprecated ones included) is made of. */
  findSnapshotsInImages(ids: readonly SnapshotId[]): Promise<ReadonlySet<SnapshotId>>;
  /** Every snapshot of the region that is locked against deletion. */
  listLockedSnapshotIds(): Promise<ReadonlySet<SnapshotId>>;
  createSnapshot(request: CreateSnapshotRequest): Promise<Snapshot>;
  createSnapshotSet(request: CreateSnapshotSetRequest): Promise<readonly Snapshot[]>;
  copySnapshot(request: CopySnapshotRequest): Promise<SnapshotId>;
  /** @throws AppError `NOT_FOUND`, `IN_USE` and the rest. */
  deleteSnapshot(id: SnapshotId): Promise<void>;
  addTags(ids: readonly SnapshotId[], tags: Tags): Promise<void>;
  removeTags(ids: readonly SnapshotId[], keys: readonly string[]): Promise<void>;
}

/** A message in hand: received, not yet deleted. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  readonly receipt: string;
  /** How often it has been received, this time included. */
  readonly receiveCount: number;
  /** When it was sent, milliseconds since 1970. */
  readonly sentAt: number;
  readonly groupId?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface OutgoingMessage {
  readonly body: string;
  /** FIFO queues only, and required there. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** 0 to 900; standard queues only. */
  readonly delaySeconds?: number;
  /** String attributes: context for people and tools, such as why a dead letter died. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One queue of work. */
export interface WorkQueue {
  readonly url: string;
  readonly fifo: boolean;
  /** Up to `max` (any number; asked for in tens) messages that are visible now; does not wait. */
  receive(max: number, options?: { visibilityTimeoutSeconds?: number }): Promise<readonly ReceivedMessage[]>;
  /** All sent, or it throws: entries that SQS refused are tried again a bounded number of times. */
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  delete(message: ReceivedMessage): Promise<void>;
  /** Seconds from now until the message can be received again: 0 to 43,200. */
  changeVisibility(message: ReceivedMessage, seconds: number): Promise<void>;
  /** Approximate numbers, as SQS gives them. */
  depth(): Promise<QueueDepth>;
}
export interface QueueDepth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface Notifier {
  /** Publishes to the administrators' topic. Subject and body are made fit for SNS by the adapter's encoder. */
  publish(message: { readonly subject: string; readonly body: string }): Promise<void>;
}

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly unit: 'Count' | 'Seconds';
}
export interface MetricSink {
  /** Namespace `SmartVault`, dimension `Service=Backup`. `at` in milliseconds since 1970. */
  put(metrics: readonly Metric[], at: number): Promise<void>;
}

/**
 * Opens the ports of a function. In its bundle they lead to AWS, in a simulation to the simulator: what a function does
 * with them is the same code. Asked once per execution environment.
 */
export interface Cloud {
  snapshotStore(region: Region): SnapshotStore;
  instanceCatalog(region: Region): InstanceCatalog;
  workQueue(url: string, region: Region): WorkQueue;
  metricSink(region: Region): MetricSink;
  notifier(topicArn: string, region: Region): Notifier;
}
