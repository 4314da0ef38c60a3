/** Tags of one resource, in the order in which they were given. */
export type TagMap = ReadonlyMap<string, string>;

/** One filter of a Describe call: values are ORed, filters ANDed. */
export interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

/** JSON as a fleet file holds it: kept as it is, so that whatever was loaded is printed again. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One entry of an instance's block device map that is an EBS volume. */
export interface Device {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly deleteOnTermination: boolean;
  readonly status: string;
  /** ISO time. */
  readonly attachTime?: string;
}

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** An instance. What the model does not need is in `raw`, as the fleet file had it. */
export interface InstanceRecord {
  readonly id: string;
  readonly reservationId: string;
  readonly ownerId: string;
  readonly state: InstanceState;
  readonly rootDeviceName?: string;
  readonly tags: TagMap;
  readonly devices: readonly Device[];
  /** The instance in PascalCase, as the AWS CLI prints it; State, Tags and BlockDeviceMappings are not read from it. */
  readonly raw: JsonObject;
}

export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting' | 'deleted' | 'error';

/** Where a volume is attached. */
export interface Attachment {
  readonly instanceId: string;
  readonly device: string;
  readonly state: string;
  readonly deleteOnTermination: boolean;
  /** ISO time. */
  readonly attachTime?: string;
}

/** A volume. What the model does not need is in `raw`. */
export interface VolumeRecord {
  readonly id: string;
  readonly state: VolumeState;
  readonly sizeGiB: number;
  /** gp2, gp3, io1, io2, st1, sc1 or standard. */
  readonly volumeType: string;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly availabilityZone: string;
  readonly tags: TagMap;
  readonly attachments: readonly Attachment[];
  /** Set on volumes that were made from a snapshot: whose data it began with, and as of when. For oracles and tests. */
  readonly content?: VolumeContent;
  /** The volume in PascalCase, as the AWS CLI prints it; fields above win over it. */
  readonly raw: JsonObject;
}

/** Where the first data of a volume came from. */
export interface VolumeContent {
  /** The volume whose data it was, also through copies of copies. */
  readonly lineage: string;
  /** When the data was frozen, milliseconds since 1970. */
  readonly contentAt: number;
}

/** What no caller can see of a snapshot, but a test may. */
export interface SnapshotTruth {
  /** The volume whose data this is: the source volume's id, also on copies of copies. */
  readonly lineage: string;
  /** When the data was frozen, milliseconds since 1970. A copy has its source's. */
  readonly contentAt: number;
  readonly sizeGiB: number;
  /** GiB of the volume that were ever written. */
  readonly usedGiB: number;
  readonly encrypted: boolean;
  /** False when all data had to be moved. */
  readonly incremental: boolean;
  /** When it will be completed or fail, milliseconds since 1970. */
  readonly endsAt: number;
  /** Set on copies. */
  readonly copyOf?: { readonly region: string; readonly snapshotId: string };
}

/** A snapshot as DescribeSnapshots shows it. Times are milliseconds since 1970. */
export interface SnapshotRecord {
  readonly id: string;
  /** `vol-ffffffff` on copies. */
  readonly volumeId: string;
  readonly state: 'pending' | 'completed' | 'error';
  readonly stateMessage?: string;
  readonly startedAt: number;
  readonly completedAt?: number;
  readonly ownerId: string;
  readonly description: string;
  /** 0 on a copy that is pending or failed. */
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string;
  readonly storageTier: 'standard' | 'archive';
  readonly transferType?: 'standard' | 'time-based';
  readonly completionDurationMinutes?: number;
  /** Absent until completed; multiples of 512 KiB. */
  readonly fullSizeBytes?: number;
  readonly tags: TagMap;
  readonly truth: SnapshotTruth;
}

/** One entry of an AMI's block device map: a snapshot, or a new and empty volume. */
export interface ImageDevice {
  readonly deviceName: string;
  readonly snapshotId?: string;
  readonly sizeGiB?: number;
  readonly volumeType?: string;
  readonly iops?: number;
  /** MiB per second. */
  readonly throughput?: number;
  readonly deleteOnTermination?: boolean;
  readonly encrypted?: boolean;
}

/** An AMI that is backed by snapshots. */
export interface ImageRecord {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly state: 'available' | 'disabled';
  /** ISO time. */
  readonly createdAt: string;
  readonly deprecationTime?: string;
  readonly architecture: string;
  readonly rootDeviceName: string;
  readonly description?: string;
  /** `hvm`, also when it is absent, or `paravirtual`. */
  readonly virtualizationType?: string;
  /** `legacy-bios`, `uefi` or `uefi-preferred`. */
  readonly bootMode?: string;
  /** Enhanced networking: most instance types do not start without it. */
  readonly enaSupport?: boolean;
  readonly imdsSupport?: string;
  readonly tpmSupport?: string;
  readonly devices: readonly ImageDevice[];
  readonly tags: TagMap;
}

/** A subnet. */
export interface SubnetRecord {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly cidrBlock: string;
  /** True for the subnet that an instance gets which names none. */
  readonly defaultForAz: boolean;
  readonly tags: TagMap;
}

/** A security group; its rules are not modelled. */
export interface SecurityGroupRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly tags: TagMap;
}

/** A lock on a snapshot. */
export interface LockRecord {
  readonly snapshotId: string;
  readonly mode: 'governance' | 'compliance';
  readonly durationDays: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/**
 * An EventBridge envelope of EC2. ARNs are malformed as AWS sends them: the region stands in the account's place.
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-cloud-watch-events.html
 */
export interface EbsEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.ec2';
  readonly account: string;
  /** ISO time, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}
