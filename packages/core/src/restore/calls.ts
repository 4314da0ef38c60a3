import type { InstanceId, Region, SnapshotId, VolumeId } from '../ids.ts';
import type { Instance, Snapshot, Tags, Volume } from '../model.ts';

/** How one volume is to be: the same for an image, a launch and a volume of its own. */
export interface DeviceRequest {
  /** Such as `/dev/sdf`. */
  readonly deviceName: string;
  readonly snapshotId: SnapshotId;
  readonly volumeType: string;
  readonly sizeGiB: number;
  /** Only where the type takes it: gp3, io1, io2. */
  readonly iops?: number;
  /** MiB/s; only gp3 takes it. */
  readonly throughput?: number;
  /** A key to encrypt with; without it the volume is as its snapshot is, with the same key. */
  readonly kmsKeyId?: string;
  readonly deleteOnTermination: boolean;
}

/** An image to be made of the root snapshot and its fellows. */
export interface RegisterImageCall {
  readonly kind: 'register-image';
  /** Unique in account and region, so that a repeated call makes no second one. */
  readonly name: string;
  readonly description: string;
  readonly architecture: string;
  readonly bootMode?: string;
  readonly rootDeviceName: string;
  readonly devices: readonly DeviceRequest[];
  readonly tags: Tags;
}

/** One instance of an image. */
export interface LaunchInstanceCall {
  readonly kind: 'launch-instance';
  /** Calls with the same token make one instance. */
  readonly token: string;
  readonly imageId: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly keyName?: string;
  /** Name of the instance profile. */
  readonly instanceProfile?: string;
  readonly metadataTokens?: string;
  readonly devices: readonly DeviceRequest[];
  readonly tags: Tags;
  /** The same for every volume: EC2 cannot tell them apart in this call. */
  readonly volumeTags: Tags;
}

/** One volume of a snapshot. */
export interface CreateVolumeCall {
  readonly kind: 'create-volume';
  /** Calls with the same token make one volume. */
  readonly token: string;
  readonly availabilityZone: string;
  readonly device: DeviceRequest;
  readonly tags: Tags;
}

/** Everything that a restore ever asks EC2 to change. */
export type RestoreCall =
  | RegisterImageCall
  | LaunchInstanceCall
  | CreateVolumeCall
  | { readonly kind: 'attach-volume'; volumeId: VolumeId; instanceId: InstanceId; deviceName: string }
  | { readonly kind: 'detach-volume'; volumeId: VolumeId; instanceId: InstanceId; deviceName: string }
  /** Sets that the volume goes when its instance is terminated. */
  | { readonly kind: 'delete-with-instance'; volumeId: VolumeId; instanceId: InstanceId; deviceName: string }
  | { readonly kind: 'tag-volume'; volumeId: VolumeId; tags: Tags }
  /** The image goes, its snapshots stay. */
  | { readonly kind: 'deregister-image'; imageId: string };

/** An image (AMI) of this account. */
export interface Image {
  readonly id: string;
  readonly name: string;
  /** EC2's own: `pending`, `available`, `failed`, … */
  readonly state: string;
  readonly tags: Tags;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly availabilityZone: string;
  readonly cidr: string;
  readonly name?: string;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
}

/** What earlier runs of restores made in a region: everything that carries the tag `smart-vault:restore`. */
export interface MadeByRestores {
  readonly images: readonly Image[];
  /** In every state: a terminated one is seen for about an hour. */
  readonly instances: readonly Instance[];
  readonly volumes: readonly Volume[];
}

/** What is restored: one volume, or an instance with all volumes of one slot. */
export type RestoreSubject =
  | { readonly kind: 'volume'; readonly id: VolumeId }
  | { readonly kind: 'instance'; readonly id: InstanceId };

/** EC2 of one region, as far as a restore needs it. Lists are complete or the call throws an `AppError`. */
export interface RestoreStore {
  readonly region: Region;
  /** Snapshots of the vault that are of this volume, or of volumes of this instance. */
  listSnapshotsOf(vault: string, subject: RestoreSubject): Promise<readonly Snapshot[]>;
  listMade(): Promise<MadeByRestores>;
  /** Those of these that can be seen. */
  findImages(ids: readonly string[]): Promise<readonly Image[]>;
  findInstances(ids: readonly InstanceId[]): Promise<readonly Instance[]>;
  findVolumes(ids: readonly VolumeId[]): Promise<readonly Volume[]>;
  listZones(): Promise<readonly string[]>;
  listSubnets(): Promise<readonly Subnet[]>;
  listSecurityGroups(): Promise<readonly SecurityGroup[]>;
  /**
   * Makes one call. @returns the id of what was made, or of what was changed
   * @throws AppError; `TRANSIENT` with `details.unseen` when it exists already and reads do not show it yet
   */
  carryOut(call: RestoreCall): Promise<string>;
  /** The same with EC2's DryRun: resolves when EC2 would do it. @throws AppError with EC2's reason when not */
  tryOut(call: RestoreCall): Promise<void>;
}
