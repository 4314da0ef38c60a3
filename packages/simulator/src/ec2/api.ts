import type {
  AttachVolumeRequest,
  CreateVolumeRequest,
  DeleteVolumeRequest,
  DeregisterImageRequest,
  DetachVolumeRequest,
  ModifyInstanceAttributeRequest,
  RegisterImageRequest,
  RunInstancesRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { type AttachmentChange, attachVolume, detachVolume } from './attachments.ts';
import { type CopySnapshotInput, copySnapshot } from './copy.ts';
import {
  type CreateSnapshotInput,
  type CreateSnapshotsInput,
  createSnapshot,
  createSnapshots,
} from './create.ts';
import { type DeleteSnapshotInput, deleteSnapshot } from './delete.ts';
import { type DescribeInput, type DescribeOutput, describe } from './describe.ts';
import { GROUPS, IMAGES, INSTANCES, SNAPSHOTS, SUBNETS, VOLUMES } from './describe-kinds.ts';
import {
  type DescribeRegionsInput,
  type DescribeZonesInput,
  describeLockedSnapshots,
  describeRegions,
  describeTags,
  describeZones,
  type LockDescription,
  type TagDescription,
  type ZoneInfo,
} from './describe-others.ts';
import { deregisterImage, registerImage } from './images.ts';
import {
  modifyInstanceAttribute,
  type StateChange,
  startInstances,
  stopInstances,
  terminateInstances,
} from './instances.ts';
import { runInstances } from './launch.ts';
import type { RegionState } from './region.ts';
import type { RegionInfo } from './region-names.ts';
import { progressOf } from './sizes.ts';
import { type CreateTagsInput, createTags, type DeleteTagsInput, deleteTags } from './tag-calls.ts';
import type {
  ImageRecord,
  InstanceRecord,
  SecurityGroupRecord,
  SnapshotRecord,
  SubnetRecord,
  VolumeRecord,
} from './types.ts';
import { createVolume, deleteVolume } from './volumes.ts';

/** Whose snapshots or images: `self`, `amazon` or account ids. Nobody named: everybody's that one may see. */
export interface OwnedInput extends DescribeInput {
  readonly owners?: readonly string[];
}

/** DescribeImages leaves disabled images out unless asked for them. */
export interface DescribeImagesInput extends OwnedInput {
  readonly includeDisabled?: boolean;
}

/**
 * The API of one region of one account. Every method is one API call: it is counted, takes a token of its bucket,
 * and meets the faults; all throw `Ec2Error`. Reads may lag behind the truth, writes act on it. What a restore needs
 * takes the SDK's own input.
 */
export class Ec2Api {
  readonly #region: RegionState;

  constructor(region: RegionState) {
    this.#region = region;
  }

  describeInstances(input: DescribeInput = {}): DescribeOutput<InstanceRecord> {
    return describe(this.#region, INSTANCES, input);
  }

  describeVolumes(input: DescribeInput = {}): DescribeOutput<VolumeRecord> {
    return describe(this.#region, VOLUMES, input);
  }

  describeSnapshots(input: OwnedInput = {}): DescribeOutput<SnapshotRecord> {
    return describe(this.#region, SNAPSHOTS, input, this.#ownedBy(input.owners));
  }

  describeImages(input: DescribeImagesInput = {}): DescribeOutput<ImageRecord> {
    const owned = this.#ownedBy(input.owners);
    const hidden = input.includeDisabled ? undefined : 'disabled';
    return describe(this.#region, IMAGES, input, (image) => image.state !== hidden && owned(image));
  }

  describeTags(input: DescribeInput = {}): DescribeOutput<TagDescription> {
    return describeTags(this.#region, input);
  }

  describeLockedSnapshots(input: DescribeInput = {}): DescribeOutput<LockDescription> {
    return describeLockedSnapshots(this.#region, input);
  }

  describeRegions(input: DescribeRegionsInput = {}): readonly RegionInfo[] {
    return describeRegions(this.#region, input);
  }

  describeAvailabilityZones(input: DescribeZonesInput = {}): readonly ZoneInfo[] {
    return describeZones(this.#region, input);
  }

  createSnapshot(input: CreateSnapshotInput): SnapshotRecord {
    return createSnapshot(this.#region, input);
  }

  createSnapshots(input: CreateSnapshotsInput): readonly SnapshotRecord[] {
    return createSnapshots(this.#region, input);
  }

  copySnapshot(input: CopySnapshotInput): SnapshotRecord {
    return copySnapshot(this.#region, input);
  }

  deleteSnapshot(input: DeleteSnapshotInput): void {
    deleteSnapshot(this.#region, input);
  }

  createTags(input: CreateTagsInput): void {
    createTags(this.#region, input);
  }

  deleteTags(input: DeleteTagsInput): void {
    deleteTags(this.#region, input);
  }

  describeSubnets(input: DescribeInput = {}): DescribeOutput<SubnetRecord> {
    return describe(this.#region, SUBNETS, input);
  }

  describeSecurityGroups(input: DescribeInput = {}): DescribeOutput<SecurityGroupRecord> {
    return describe(this.#region, GROUPS, input);
  }

  createVolume(input: CreateVolumeRequest): VolumeRecord {
    return createVolume(this.#region, input);
  }

  attachVolume(input: AttachVolumeRequest): AttachmentChange {
    return attachVolume(this.#region, input);
  }

  detachVolume(input: DetachVolumeRequest): AttachmentChange {
    return detachVolume(this.#region, input);
  }

  deleteVolume(input: DeleteVolumeRequest): void {
    deleteVolume(this.#region, input);
  }

  registerImage(input: RegisterImageRequest): ImageRecord {
    return registerImage(this.#region, input);
  }

  deregisterImage(input: DeregisterImageRequest): void {
    deregisterImage(this.#region, input);
  }

  runInstances(input: RunInstancesRequest): InstanceRecord {
    return runInstances(this.#region, input);
  }

  startInstances(input: StartInstancesRequest): readonly StateChange[] {
    return startInstances(this.#region, input);
  }

  stopInstances(input: StopInstancesRequest): readonly StateChange[] {
    return stopInstances(this.#region, input);
  }

  terminateInstances(input: TerminateInstancesRequest): readonly StateChange[] {
    return terminateInstances(this.#region, input);
  }

  modifyInstanceAttribute(input: ModifyInstanceAttributeRequest): void {
    modifyInstanceAttribute(this.#region, input);
  }

  /** The account that owns all this. */
  get accountId(): string {
    return this.#region.account.accountId;
  }

  /** The progress text of a snapshot as it would be shown now. */
  progressOf(snapshot: SnapshotRecord): string {
    return progressOf(snapshot, this.#region.now());
  }

  #ownedBy(owners: readonly string[] | undefined): (item: { readonly ownerId: string }) => boolean {
    if (owners === undefined || owners.length === 0) return () => true;
    const self = this.#region.account.accountId;
    const ids = new Set(owners.map((owner) => (owner === 'self' ? self : owner)));
    return ({ ownerId }) => ids.has(ownerId);
  }
}
