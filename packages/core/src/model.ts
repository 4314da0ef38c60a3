import type { InstanceId, Region, SnapshotId, VolumeId } from './ids.ts';

/** Tags of one EC2 resource. Keys are unique and case-sensitive, as in EC2. */
export type Tags = Readonly<Record<string, string>>;

/** An instance, as far as a backup needs to know it. Sizes and states are EC2's own. */
export interface Instance {
  readonly id: InstanceId;
  readonly region: Region;
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';
  readonly tags: Tags;
  readonly instanceType: string;
  readonly architecture: string;
  /** `uefi`, `legacy-bios` or `uefi-preferred`; absent when EC2 does not tell. */
  readonly bootMode?: string;
  /** Device name of the root volume, such as `/dev/xvda`. */
  readonly rootDeviceName?: string;
  readonly availabilityZone?: string;
  readonly subnetId?: string;
  readonly securityGroupIds: readonly string[];
  /** Name (not ARN) of the instance profile. */
  readonly instanceProfile?: string;
  /** Name of the key pair. */
  readonly keyName?: string;
  /** `required` when the metadata service answers only with a session token (IMDSv2), else `optional`. */
  readonly metadataTokens?: string;
  /** What EC2 bills for, such as `RunInstances` (plain Linux) or `RunInstances:0002` (Windows). */
  readonly usageOperation?: string;
  /** EBS volumes in the order of the device map. */
  readonly devices: readonly AttachedVolume[];
}

/** One entry of an instance's block device map that is an EBS volume. */
export interface AttachedVolume {
  readonly volumeId: VolumeId;
  readonly deviceName: string;
  readonly deleteOnTermination: boolean;
}

/** A volume, as far as a backup needs to know it. */
export interface Volume {
  readonly id: VolumeId;
  readonly region: Region;
  readonly state: 'creating' | 'available' | 'in-use' | 'deleting' | 'deleted' | 'error';
  readonly tags: Tags;
  /** gp2, gp3, io1, io2, st1, sc1 or standard. */
  readonly volumeType: string;
  readonly sizeGiB: number;
  readonly iops?: number;
  /** MiB/s; gp3 only. */
  readonly throughput?: number;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly availabilityZone?: string;
}

/** `recoverable` and `recovering` are the states of the Recycle Bin. */
export type SnapshotState = 'pending' | 'completed' | 'error' | 'recoverable' | 'recovering';

/** A snapshot as DescribeSnapshots tells it. Times are milliseconds since 1970. */
export interface Snapshot {
  readonly id: SnapshotId;
  readonly region: Region;
  readonly state: SnapshotState;
  /** Why the state is `error`, in EC2's words. */
  readonly stateMessage?: string;
  /** EC2's own volume id. On a copy it is arbitrary (`vol-ffffffff`): lineage is in the tags. */
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly startedAt: number;
  readonly completedAt?: number;
  readonly description: string;
  readonly encrypted: boolean;
  readonly storageTier: 'standard' | 'archive';
  readonly tags: Tags;
}
