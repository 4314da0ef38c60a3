import type {
  Instance as Ec2Instance,
  Snapshot as Ec2Snapshot,
  Volume as Ec2Volume,
  SnapshotInfo,
  Tag,
} from '@aws-sdk/client-ec2';
import {
  AppError,
  type AttachedVolume,
  type Instance,
  isInstanceId,
  isSnapshotId,
  isVolumeId,
  type Region,
  type Snapshot,
  type SnapshotState,
  type Tags,
  type Volume,
} from '@smart-vault/core';

/**
 * From EC2's words into ours. EC2 leaves out what is not set. What we cannot do without and is not there, or is of a
 * kind that we do not know, is an error `CONTRACT`: a listing is right or it is not used.
 */

const SNAPSHOT_STATES = ['pending', 'completed', 'error', 'recoverable', 'recovering'] as const;
const INSTANCE_STATES = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'] as const;
const VOLUME_STATES = ['creating', 'available', 'in-use', 'deleting', 'deleted', 'error'] as const;

/**
 * The list in EC2's answer to `operation`. EC2 sends an empty list as an empty element; without the element this is
 * some other answer with a status of 200, and to read "there are none" out of it would be wrong.
 */
export function listed<Item>(operation: string, list: readonly Item[] | undefined): readonly Item[] {
  if (list !== undefined) return list;
  throw new AppError('CONTRACT', `${operation}: the answer has no list; it is no answer of EC2`);
}

/** CreateSnapshot answers with a `Snapshot`, CreateSnapshots with `SnapshotInfo`s, which have fewer fields. */
export function toSnapshot(given: Ec2Snapshot | SnapshotInfo, region: Region): Snapshot {
  const full: Ec2Snapshot = given;
  const snapshot: Writable<Snapshot> = {
    id: checked(isSnapshotId, full.SnapshotId, 'snapshot id'),
    region,
    state: oneOf<SnapshotState>(SNAPSHOT_STATES, full.State, 'snapshot state'),
    volumeId: full.VolumeId ?? '',
    // Absent or 0 while a copy is pending.
    sizeGiB: full.VolumeSize ?? 0,
    startedAt: present(full.StartTime, 'snapshot start time').getTime(),
    description: full.Description ?? '',
    encrypted: full.Encrypted ?? false,
    storageTier: full.StorageTier === 'archive' ? 'archive' : 'standard',
    tags: toTags(full.Tags),
  };
  const stateMessage = nonEmpty(full.StateMessage);
  if (stateMessage !== undefined) snapshot.stateMessage = stateMessage;
  if (full.CompletionTime !== undefined) snapshot.completedAt = full.CompletionTime.getTime();
  return snapshot;
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

export function toInstance(given: Ec2Instance, region: Region): Instance {
  return {
    id: checked(isInstanceId, given.InstanceId, 'instance id'),
    region,
    state: oneOf(INSTANCE_STATES, given.State?.Name, 'instance state'),
    tags: toTags(given.Tags),
    instanceType: given.InstanceType ?? '',
    architecture: given.Architecture ?? '',
    securityGroupIds: (given.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    devices: toDevices(given),
    // The mode that the image asks for; without one, the mode that the instance was started in.
    ...optional('bootMode', given.BootMode ?? given.CurrentInstanceBootMode),
    ...optional('rootDeviceName', nonEmpty(given.RootDeviceName)),
    ...optional('availabilityZone', given.Placement?.AvailabilityZone),
    ...optional('subnetId', nonEmpty(given.SubnetId)),
    ...optional('keyName', nonEmpty(given.KeyName)),
    ...optional('metadataTokens', given.MetadataOptions?.HttpTokens),
    ...optional('usageOperation', nonEmpty(given.UsageOperation)),
    ...optional('instanceProfile', nonEmpty(given.IamInstanceProfile?.Arn?.split('/').at(-1))),
  };
}

export function toVolume(given: Ec2Volume, region: Region): Volume {
  return {
    id: checked(isVolumeId, given.VolumeId, 'volume id'),
    region,
    state: oneOf(VOLUME_STATES, given.State, 'volume state'),
    tags: toTags(given.Tags),
    volumeType: given.VolumeType ?? '',
    sizeGiB: given.Size ?? 0,
    encrypted: given.Encrypted ?? false,
    ...optional('iops', given.Iops),
    ...optional('throughput', given.Throughput),
    ...optional('kmsKeyId', nonEmpty(given.KmsKeyId)),
    ...optional('availabilityZone', nonEmpty(given.AvailabilityZone)),
  };
}

/** Tags as EC2 wants them. */
export const toTagList = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Tags as EC2 has them; none for a resource without any. */
export function toTags(tags: readonly Tag[] | undefined): Tags {
  const found: Record<string, string> = {};
  for (const { Key, Value } of tags ?? []) {
    if (Key === '__proto__') define(found, Key, Value ?? '');
    else found[Key ?? ''] = Value ?? '';
  }
  return found;
}

/** Makes a property of its own of what an assignment would set the prototype by: a tag like any other. */
const define = (tags: Record<string, string>, key: string, value: string): void =>
  void Object.defineProperty(tags, key, { value, enumerable: true, configurable: true, writable: true });

function toDevices({ BlockDeviceMappings: mappings = [] }: Ec2Instance): AttachedVolume[] {
  return mappings.flatMap(({ DeviceName, Ebs }) =>
    Ebs?.VolumeId === undefined
      ? []
      : [
          {
            volumeId: checked(isVolumeId, Ebs.VolumeId, 'volume id'),
            deviceName: DeviceName ?? '',
            deleteOnTermination: Ebs.DeleteOnTermination ?? false,
          },
        ],
  );
}

/** A property for a value that is there, none for one that is not. */
function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [K in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: Value };
}

const nonEmpty = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

function checked<Id extends string>(is: (value: unknown) => value is Id, value: unknown, what: string): Id {
  if (is(value)) return value;
  throw contract(what, value);
}

function oneOf<Word extends string>(words: readonly Word[], value: string | undefined, what: string): Word {
  const word = words.find((candidate) => candidate === value);
  if (word !== undefined) return word;
  throw contract(what, value);
}

function present<Value>(value: Value | undefined, what: string): Value {
  if (value !== undefined) return value;
  throw contract(what, value);
}

const contract = (what: string, value: unknown): AppError =>
  new AppError(
    'CONTRACT',
    `EC2 answered with the ${what} ${JSON.stringify(value) ?? 'left out'}, which we do not know`,
  );
