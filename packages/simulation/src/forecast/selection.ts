import {
  type Instance,
  type InstanceId,
  type Region,
  type Selection,
  selectUnits,
  type Volume,
  type VolumeId,
} from '@smart-vault/core';
import type { Fleet, InstanceRecord, TagMap, VolumeRecord } from '@smart-vault/simulator';
import { tagMap } from '@smart-vault/simulator';
import { ACCOUNT } from '../account.ts';
import type { ForecastSettings } from './settings.ts';

/** What a run of this fleet is about. */
export interface ForecastSelection extends Selection {
  /** Instances with the tag `backup=true`, and others. */
  readonly tagged: number;
  readonly untagged: number;
  readonly volumes: readonly VolumeRecord[];
}

/** Selects as the scheduler does. */
export function selectionOf(
  fleet: Fleet,
  { consistency }: Pick<ForecastSettings, 'consistency'>,
): ForecastSelection {
  const tagged = fleet.instances.filter(({ tags }) => tags.get('backup') === 'true');
  const region = fleet.region as Region;
  const selection = selectUnits(
    tagged.map((record) => instanceOf(record, region)),
    fleet.volumes.map((record) => volumeOf(record, region)),
    consistency,
  );
  const ids = new Set<string>(selection.units.flatMap(({ volumeIds }) => volumeIds));
  return {
    ...selection,
    tagged: tagged.length,
    untagged: fleet.instances.length - tagged.length,
    volumes: fleet.volumes.filter(({ id }) => ids.has(id)),
  };
}

const plain = (tags: TagMap): Readonly<Record<string, string>> => Object.fromEntries(tags);

const instanceOf = ({ id, state, tags, devices }: InstanceRecord, region: Region): Instance => ({
  id: id as InstanceId,
  region,
  state,
  tags: plain(tags),
  instanceType: '',
  architecture: '',
  securityGroupIds: [],
  devices: devices.map(({ volumeId, deviceName, deleteOnTermination }) => ({
    volumeId: volumeId as VolumeId,
    deviceName,
    deleteOnTermination,
  })),
});

const volumeOf = (record: VolumeRecord, region: Region): Volume => ({
  id: record.id as VolumeId,
  region,
  state: record.state,
  tags: plain(record.tags),
  volumeType: record.volumeType,
  sizeGiB: record.sizeGiB,
  encrypted: record.encrypted,
});

/** A fleet as a forecast takes it, from what EC2 told of its instances and volumes. */
export function fleetFrom(region: string, instances: readonly Instance[], volumes: readonly Volume[]): Fleet {
  return {
    region,
    instances: instances.map(instanceRecord),
    volumes: volumes.map((volume) => volumeRecord(volume, instances, region)),
  };
}

function instanceRecord(instance: Instance): InstanceRecord {
  const { id, state, rootDeviceName, tags, devices, region } = instance;
  return {
    id,
    reservationId: `r-${id.slice(2)}`,
    ownerId: ACCOUNT,
    state,
    ...(rootDeviceName === undefined ? {} : { rootDeviceName }),
    tags: tagMap(tags),
    devices: devices.map((device) => ({ ...device, status: 'attached' })),
    raw: {
      InstanceType: instance.instanceType,
      Architecture: instance.architecture,
      Placement: { AvailabilityZone: instance.availabilityZone ?? `${region}a` },
    },
  };
}

function volumeRecord(volume: Volume, instances: readonly Instance[], region: string): VolumeRecord {
  const {
    id,
    state,
    sizeGiB,
    volumeType,
    encrypted,
    kmsKeyId,
    availabilityZone = `${region}a`,
    tags,
  } = volume;
  return {
    id,
    state,
    sizeGiB,
    volumeType,
    encrypted,
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    availabilityZone,
    tags: tagMap(tags),
    attachments: instances.flatMap(({ id: instanceId, devices }) =>
      devices
        .filter(({ volumeId }) => volumeId === id)
        .map(({ deviceName, deleteOnTermination }) => ({
          instanceId,
          device: deviceName,
          state: 'attached',
          deleteOnTermination,
        })),
    ),
    raw: {},
  };
}
