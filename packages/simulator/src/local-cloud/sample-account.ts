import {
  holdTags,
  type Instance,
  type InstanceId,
  type Region,
  type Slot,
  slotMs,
  snapshotDescription,
  sourceTags,
  type Volume,
  type VolumeId,
  withUserTags,
} from '@smart-vault/core';
import type { InstanceRecord, JsonObject, VolumeRecord } from '../ec2/types.ts';
import type { LocalCloud } from './cloud.ts';

/** What the examples of the documentation name. The sample account has all of it, so that they work as written. */
const EXAMPLE = {
  instance: 'i-0123456789abcdef0',
  snapshot: 'snap-0123456789abcdef0',
  subnet: 'subnet-0123456789abcdef0',
  securityGroup: 'sg-0123456789abcdef0',
} as const;
/** A run that somebody asked for on the Friday before. */
const HELD_SLOT = '2026-10-30T14:30:00Z' as Slot;
const HELD_UNTIL = Date.UTC(2027, 5, 30, 23, 59, 59);

/**
 * What the sample account has beside its fleet: the points of the example's database server that were made before an
 * upgrade and are held, not copied yet; and a network in the first destination that a server can be restored into.
 */
export function prepareSampleAccount({ world, settings }: LocalCloud): void {
  const { sourceRegion, destinations, vault } = settings;
  const [destination] = destinations;
  if (destination !== undefined) world.operator.putInstance(destination, standby(destination));
  const source = world.region(sourceRegion);
  const record = source.instances.get(EXAMPLE.instance);
  if (record === undefined) return;
  const disks = record.devices.flatMap(({ volumeId }) => source.volumes.get(volumeId) ?? []);
  const selected = disks.filter(({ tags }) => tags.get('backup') !== 'false');
  const instance = instanceOf(record, sourceRegion as Region);
  const volumes = selected.map((disk) => volumeOf(disk, sourceRegion as Region));
  const ours = sourceTags({ vault, policy: 'default', slot: HELD_SLOT, instance, volumes });
  // The newest id is that of the first data volume, which is the example's.
  const inOrder = [...volumes].sort((a, b) => (a.id < b.id ? 1 : -1));
  for (const [place, volume] of inOrder.entries()) {
    world.operator.addSnapshot(sourceRegion, {
      id: before(EXAMPLE.snapshot, place),
      volumeId: volume.id,
      startedAt: slotMs(HELD_SLOT) + 60_000,
      sizeGiB: volume.sizeGiB,
      description: snapshotDescription(instance.id, HELD_SLOT),
      ...(volume.kmsKeyId !== undefined && { kmsKeyId: volume.kmsKeyId }),
      tags: { ...withUserTags(ours, volume.tags), ...holdTags(HELD_UNTIL, 'before the upgrade') },
    });
  }
}

/** The id that is so many before this one. */
function before(id: string, steps: number): string {
  const [prefix = '', digits = ''] = id.split('-');
  return `${prefix}-${(BigInt(`0x${digits}`) - BigInt(steps)).toString(16).padStart(digits.length, '0')}`;
}

/** An instance that waits in the destination, without a volume of its own: its network is what counts. */
const standby = (region: string): InstanceRecord => ({
  id: 'i-0f00d5badcafe0001',
  reservationId: 'r-0f00d5badcafe0001',
  ownerId: '000000000000',
  state: 'stopped',
  tags: new Map([['Name', 'standby']]),
  devices: [],
  raw: {
    InstanceType: 't4g.nano',
    Architecture: 'arm64',
    Placement: { AvailabilityZone: `${region}a` },
    VpcId: 'vpc-0123456789abcdef0',
    SubnetId: EXAMPLE.subnet,
    SecurityGroups: [{ GroupId: EXAMPLE.securityGroup, GroupName: 'databases' }],
  },
});

/** As the vault sees it. */
function instanceOf(
  { id, state, tags, devices, rootDeviceName, raw }: InstanceRecord,
  region: Region,
): Instance {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const within = (key: string): JsonObject => (raw[key] ?? {}) as JsonObject;
  const groups = (raw['SecurityGroups'] ?? []) as readonly JsonObject[];
  return {
    id: id as InstanceId,
    region,
    state,
    tags: Object.fromEntries(tags),
    instanceType: text(raw['InstanceType']),
    architecture: text(raw['Architecture']),
    bootMode: text(raw['BootMode']),
    ...(rootDeviceName !== undefined && { rootDeviceName }),
    availabilityZone: text(within('Placement')['AvailabilityZone']),
    subnetId: text(raw['SubnetId']),
    securityGroupIds: groups.map(({ GroupId }) => text(GroupId)),
    instanceProfile: text(within('IamInstanceProfile')['Arn']).split('/').at(-1) ?? '',
    keyName: text(raw['KeyName']),
    devices: devices.map(({ volumeId, deviceName, deleteOnTermination }) => ({
      volumeId: volumeId as VolumeId,
      deviceName,
      deleteOnTermination,
    })),
  };
}

const volumeOf = (record: VolumeRecord, region: Region): Volume => ({
  id: record.id as VolumeId,
  region,
  state: record.state,
  tags: Object.fromEntries(record.tags),
  volumeType: record.volumeType,
  sizeGiB: record.sizeGiB,
  ...numberIn('iops', record.raw['Iops']),
  ...numberIn('throughput', record.raw['Throughput']),
  encrypted: record.encrypted,
  ...(record.kmsKeyId !== undefined && { kmsKeyId: record.kmsKeyId }),
});

const numberIn = (name: string, value: unknown): Record<string, number> =>
  typeof value === 'number' ? { [name]: value } : {};
