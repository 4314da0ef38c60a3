import type {
  EbsBlockDevice,
  Image,
  Instance,
  InstanceBlockDeviceMapping,
  LockedSnapshotsInfo,
  Snapshot,
  SnapshotInfo,
  Volume,
  VolumeAttachment,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '../api.ts';
import { STATE_CODES } from '../describe-kinds.ts';
import type { LockDescription } from '../describe-others.ts';
import type {
  Attachment,
  Device,
  ImageDevice,
  ImageRecord,
  InstanceRecord,
  SnapshotRecord,
  VolumeRecord,
} from '../types.ts';
import { shaped, timeOf } from './shape.ts';
import { INSTANCE, VOLUME } from './shapes.ts';
import { asText, defined, tagsOf } from './values.ts';

/**
 * Records never change: what is made of one is made once, however often it is listed. It is frozen, since all callers
 * get the same.
 */
function shown<R extends object, S>(known: WeakMap<R, S>, record: R, make: () => S): S {
  let found = known.get(record);
  if (found === undefined) {
    found = freeze(make());
    known.set(record, found);
  }
  return found;
}

const SNAPSHOTS = new WeakMap<SnapshotRecord, Snapshot>();

/** A snapshot as DescribeSnapshots answers it. What is pending shows its progress, which moves. */
export const shownSnapshotOf = (api: Ec2Api, snapshot: SnapshotRecord): Snapshot =>
  snapshot.state === 'pending'
    ? snapshotOf(api, snapshot)
    : shown(SNAPSHOTS, snapshot, () => snapshotOf(api, snapshot));

/** A snapshot as CreateSnapshot answers it. */
export function snapshotOf(api: Ec2Api, snapshot: SnapshotRecord): Snapshot {
  const { stateMessage, completedAt, kmsKeyId, transferType, completionDurationMinutes } = snapshot;
  const result: Snapshot = { ...commonOf(api, snapshot), StorageTier: snapshot.storageTier };
  if (stateMessage !== undefined) result.StateMessage = asText(stateMessage);
  if (completedAt !== undefined) result.CompletionTime = new Date(completedAt);
  if (snapshot.encrypted && kmsKeyId !== undefined) result.KmsKeyId = asText(kmsKeyId);
  if (transferType !== undefined) result.TransferType = transferType;
  if (completionDurationMinutes !== undefined) result.CompletionDurationMinutes = completionDurationMinutes;
  if (snapshot.fullSizeBytes !== undefined) result.FullSnapshotSizeInBytes = snapshot.fullSizeBytes;
  return result;
}

/** A snapshot as CreateSnapshots answers it: no more than this. */
export const snapshotInfoOf = (api: Ec2Api, snapshot: SnapshotRecord): SnapshotInfo =>
  commonOf(api, snapshot);

function commonOf(api: Ec2Api, snapshot: SnapshotRecord): Snapshot & SnapshotInfo {
  const result: Snapshot & SnapshotInfo = {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    State: snapshot.state,
    StartTime: new Date(snapshot.startedAt),
    Progress: api.progressOf(snapshot),
    OwnerId: snapshot.ownerId,
    VolumeSize: snapshot.sizeGiB,
    Description: asText(snapshot.description),
    Encrypted: snapshot.encrypted,
  };
  const tags = tagsOf(snapshot.tags);
  if (tags !== undefined) result.Tags = tags;
  return result;
}

/** An image as DescribeImages answers it. */
export function imageOf(image: ImageRecord): Image {
  const tags = tagsOf(image.tags);
  return {
    ImageId: image.id,
    Name: asText(image.name),
    OwnerId: image.ownerId,
    State: image.state,
    ...defined('Description', image.description === undefined ? undefined : asText(image.description)),
    ImageType: 'machine',
    Public: false,
    Architecture: image.architecture as NonNullable<Image['Architecture']>,
    VirtualizationType: (image.virtualizationType ?? 'hvm') as NonNullable<Image['VirtualizationType']>,
    ...defined('BootMode', image.bootMode as Image['BootMode']),
    ...defined('EnaSupport', image.enaSupport),
    ...defined('ImdsSupport', image.imdsSupport as Image['ImdsSupport']),
    ...defined('TpmSupport', image.tpmSupport as Image['TpmSupport']),
    RootDeviceType: 'ebs',
    RootDeviceName: asText(image.rootDeviceName),
    CreationDate: image.createdAt,
    ...(image.deprecationTime === undefined ? {} : { DeprecationTime: image.deprecationTime }),
    BlockDeviceMappings: image.devices.map((device) => ({
      DeviceName: asText(device.deviceName),
      Ebs: imageVolumeOf(device),
    })),
    ...(tags === undefined ? {} : { Tags: tags }),
  };
}

const imageVolumeOf = (device: ImageDevice): EbsBlockDevice => ({
  ...defined('SnapshotId', device.snapshotId),
  ...defined('VolumeSize', device.sizeGiB),
  ...defined('VolumeType', device.volumeType as EbsBlockDevice['VolumeType']),
  ...defined('Iops', device.iops),
  ...defined('Throughput', device.throughput),
  ...defined('DeleteOnTermination', device.deleteOnTermination),
  ...defined('Encrypted', device.encrypted),
});

/** A lock as DescribeLockedSnapshots answers it. */
export const lockOf = (lock: LockDescription): LockedSnapshotsInfo => ({
  OwnerId: lock.ownerId,
  SnapshotId: lock.snapshotId,
  LockState: lock.state as NonNullable<LockedSnapshotsInfo['LockState']>,
  LockDuration: lock.durationDays,
  LockCreatedOn: new Date(lock.createdAt),
  LockDurationStartTime: new Date(lock.createdAt),
  LockExpiresOn: new Date(lock.expiresAt),
});

const VOLUMES = new WeakMap<VolumeRecord, Volume>();

/** A volume as DescribeVolumes answers it. */
export const shownVolumeOf = (volume: VolumeRecord): Volume => shown(VOLUMES, volume, () => volumeOf(volume));

/** A volume as CreateVolume answers it. */
export function volumeOf(volume: VolumeRecord): Volume {
  const result: Volume = shaped(volume.raw, VOLUME);
  result.VolumeId = volume.id;
  result.Size = volume.sizeGiB;
  result.AvailabilityZone = asText(volume.availabilityZone);
  result.State = volume.state;
  result.Attachments = volume.attachments.map((attachment) => attachmentOf(volume.id, attachment));
  result.VolumeType = asText(volume.volumeType) as NonNullable<Volume['VolumeType']>;
  result.Encrypted = volume.encrypted;
  if (volume.kmsKeyId !== undefined) result.KmsKeyId = asText(volume.kmsKeyId);
  const tags = tagsOf(volume.tags);
  if (tags !== undefined) result.Tags = tags;
  return result;
}

/** An attachment as DescribeVolumes, AttachVolume and DetachVolume answer it. */
export function attachmentOf(volumeId: string, attachment: Attachment): VolumeAttachment {
  const time = timeOf(attachment.attachTime);
  return {
    VolumeId: volumeId,
    InstanceId: asText(attachment.instanceId),
    Device: asText(attachment.device),
    State: asText(attachment.state) as NonNullable<VolumeAttachment['State']>,
    ...(time === undefined ? {} : { AttachTime: time }),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}

const INSTANCES = new WeakMap<InstanceRecord, Instance>();

/** An instance as DescribeInstances answers it. */
export const instanceOf = (instance: InstanceRecord): Instance =>
  shown(INSTANCES, instance, () => newInstance(instance));

function newInstance({ id, state, rootDeviceName, devices, tags, raw }: InstanceRecord): Instance {
  const list = tagsOf(tags);
  return {
    ...shaped(raw, INSTANCE),
    InstanceId: id,
    State: { Code: STATE_CODES[state], Name: state },
    ...(rootDeviceName === undefined ? {} : { RootDeviceName: asText(rootDeviceName) }),
    BlockDeviceMappings: devices.map(deviceOf),
    ...(list === undefined ? {} : { Tags: list }),
  };
}

function deviceOf({ deviceName, volumeId, status, attachTime, deleteOnTermination }: Device) {
  const time = timeOf(attachTime);
  const mapping: InstanceBlockDeviceMapping = {
    DeviceName: asText(deviceName),
    Ebs: {
      VolumeId: volumeId,
      Status: asText(status) as 'attached',
      ...(time === undefined ? {} : { AttachTime: time }),
      DeleteOnTermination: deleteOnTermination,
    },
  };
  return mapping;
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
