import { type IdKind, INSTANCE_ID, isWellFormed, VOLUME_ID } from './ids.ts';
import {
  flagOf,
  itemsOf,
  kindOf,
  member,
  objectOf,
  type Place,
  parseJson,
  requiredText,
  textOf,
  wholeOf,
  wrong,
} from './json-reader.ts';
import type {
  Attachment,
  Device,
  InstanceRecord,
  InstanceState,
  JsonObject,
  TagMap,
  VolumeRecord,
  VolumeState,
} from './types.ts';

/** Instances and volumes of one region, ready to be loaded into a world. */
export interface Fleet {
  readonly region: string;
  readonly instances: readonly InstanceRecord[];
  readonly volumes: readonly VolumeRecord[];
}

/** What `aws ec2 describe-instances` and `describe-volumes` print. */
export interface FleetText {
  readonly instances: string;
  /** Volumes that are missing here are derived from the instances' block device maps. */
  readonly volumes?: string;
  readonly region: string;
  /** Owner of reservations that do not name one. */
  readonly accountId?: string;
}

const INSTANCE_STATES: readonly InstanceState[] = [
  'pending',
  'running',
  'stopping',
  'stopped',
  'shutting-down',
  'terminated',
];
const VOLUME_STATES: readonly VolumeState[] = [
  'creating',
  'available',
  'in-use',
  'deleting',
  'deleted',
  'error',
];

/**
 * Reads a fleet. Takes `{"Reservations": […]}`, `{"Instances": […]}` and bare lists of either; keys that it does
 * not know are kept and printed again.
 * @throws AppError `INVALID` that names the place (JSON path, or line and column) and the reason
 */
export function parseFleet({ instances, volumes, region, accountId = '000000000000' }: FleetText): Fleet {
  const machines = instancePlaces(parseJson('instances', instances), accountId).map((found) =>
    instanceAt(found, region),
  );
  unique(machines, 'instance');
  const disks = volumes === undefined ? [] : listOf(parseJson('volumes', volumes), 'Volumes');
  const known = disks.map((place) => volumeAt(place, region));
  unique(known, 'volume');
  return {
    region,
    instances: machines.map(({ record }) => record),
    volumes: withDerived(
      known.map(({ record }) => record),
      machines.map(({ record }) => record),
      region,
    ),
  };
}

interface Found<T> {
  readonly place: Place;
  readonly record: T;
}

function unique(found: readonly Found<{ readonly id: string }>[], what: string): void {
  const seen = new Map<string, string>();
  for (const { place, record } of found) {
    const first = seen.get(record.id);
    if (first !== undefined) throw wrong(place, `the ${what} ${record.id} is already at ${first}`);
    seen.set(record.id, place.path);
  }
}

/** The list in a document that is either the list or an object that has it. */
function listOf(document: Place, key: string): Place[] {
  if (Array.isArray(document.value)) return itemsOf(document);
  const list = member(document, key);
  if (list.value === undefined) throw wrong(document, `expected "${key}" or a list, found neither`);
  return itemsOf(list);
}

interface InstancePlace {
  readonly place: Place;
  readonly reservationId: string;
  readonly ownerId: string;
}

function instancePlaces(document: Place, ownerId: string): InstancePlace[] {
  const { value } = document;
  if (Array.isArray(value)) return itemsOf(document).flatMap((item) => instancePlaces(item, ownerId));
  const object = objectOf(document);
  if (Object.hasOwn(object, 'Reservations')) {
    return itemsOf(member(document, 'Reservations')).flatMap((item) => instancePlaces(item, ownerId));
  }
  if (Object.hasOwn(object, 'Instances')) {
    const owner = textOf(member(document, 'OwnerId'), ownerId);
    const reservationId = textOf(member(document, 'ReservationId'), '');
    return itemsOf(member(document, 'Instances')).map((place) => ({ place, reservationId, ownerId: owner }));
  }
  if (Object.hasOwn(object, 'InstanceId')) return [{ place: document, reservationId: '', ownerId }];
  throw wrong(document, 'expected "Reservations", "Instances" or an instance with "InstanceId"');
}

function instanceAt({ place, reservationId, ownerId }: InstancePlace, region: string): Found<InstanceRecord> {
  const id = idAt(member(place, 'InstanceId'), INSTANCE_ID);
  const state = member(place, 'State');
  const name = state.value === undefined ? 'running' : requiredText(member(state, 'Name'));
  const devices = itemsOf(member(place, 'BlockDeviceMappings')).flatMap(deviceAt);
  const root = textOf(member(place, 'RootDeviceName'), devices[0]?.deviceName);
  return {
    place,
    record: {
      id,
      reservationId: reservationId === '' ? `r-${id.slice(2)}` : reservationId,
      ownerId,
      state: oneOf(member(place, 'State'), name, INSTANCE_STATES),
      ...(root === undefined ? {} : { rootDeviceName: root }),
      tags: tagsAt(member(place, 'Tags')),
      devices,
      raw: { ...instanceDefaults(region), ...objectOf(place) },
    },
  };
}

/** What EC2 always tells of an instance: a short file need not. */
function instanceDefaults(region: string): JsonObject {
  return {
    InstanceType: 't3.micro',
    Architecture: 'x86_64',
    RootDeviceType: 'ebs',
    Placement: { AvailabilityZone: `${region}a`, Tenancy: 'default' },
  };
}

/** Entries without EBS volume (instance store) are left out. */
function deviceAt(place: Place): Device[] {
  const ebs = member(place, 'Ebs');
  if (ebs.value === undefined) return [];
  const attachTime = textOf(member(ebs, 'AttachTime'), undefined);
  return [
    {
      deviceName: requiredText(member(place, 'DeviceName')),
      volumeId: idAt(member(ebs, 'VolumeId'), VOLUME_ID),
      deleteOnTermination: flagOf(member(ebs, 'DeleteOnTermination'), false),
      status: textOf(member(ebs, 'Status'), 'attached'),
      ...(attachTime === undefined ? {} : { attachTime }),
    },
  ];
}

function volumeAt(place: Place, region: string): Found<VolumeRecord> {
  const attachments = itemsOf(member(place, 'Attachments')).map(attachmentAt);
  const fallback = attachments.length > 0 ? 'in-use' : 'available';
  const kmsKeyId = textOf(member(place, 'KmsKeyId'), undefined);
  return {
    place,
    record: {
      id: idAt(member(place, 'VolumeId'), VOLUME_ID),
      state: oneOf(member(place, 'State'), textOf(member(place, 'State'), fallback), VOLUME_STATES),
      sizeGiB: wholeOf(member(place, 'Size'), 1, 8),
      volumeType: textOf(member(place, 'VolumeType'), 'gp3'),
      encrypted: flagOf(member(place, 'Encrypted'), false),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      availabilityZone: textOf(member(place, 'AvailabilityZone'), `${region}a`),
      tags: tagsAt(member(place, 'Tags')),
      attachments,
      raw: objectOf(place),
    },
  };
}

function attachmentAt(place: Place): Attachment {
  const attachTime = textOf(member(place, 'AttachTime'), undefined);
  return {
    instanceId: requiredText(member(place, 'InstanceId')),
    device: textOf(member(place, 'Device'), ''),
    state: textOf(member(place, 'State'), 'attached'),
    deleteOnTermination: flagOf(member(place, 'DeleteOnTermination'), false),
    ...(attachTime === undefined ? {} : { attachTime }),
  };
}

function tagsAt(place: Place): TagMap {
  const tags = new Map<string, string>();
  for (const item of itemsOf(place)) {
    const key = requiredText(member(item, 'Key'));
    if (tags.has(key)) throw wrong(item, `the key ${JSON.stringify(key)} is there twice`);
    tags.set(key, textOf(member(item, 'Value'), ''));
  }
  return tags;
}

function idAt(place: Place, kind: IdKind): string {
  const id = requiredText(place);
  if (isWellFormed(id, kind)) return id;
  throw wrong(place, `expected "${kind.prefix}" and 8 to 17 hexadecimal digits, found ${JSON.stringify(id)}`);
}

function oneOf<T extends string>(place: Place, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value);
  if (found !== undefined) return found;
  throw wrong(
    place,
    `expected one of ${allowed.join(', ')}, found ${JSON.stringify(value) ?? kindOf(value)}`,
  );
}

/** The volumes, with those that only block device maps name, and the attachments that only those name. */
function withDerived(
  volumes: readonly VolumeRecord[],
  instances: readonly InstanceRecord[],
  region: string,
): VolumeRecord[] {
  const all = new Map(volumes.map((volume) => [volume.id, volume]));
  for (const instance of instances) {
    if (instance.state === 'terminated') continue;
    for (const device of instance.devices) {
      const volume =
        all.get(device.volumeId) ?? derivedVolume(device.volumeId, zoneOf(instance) ?? `${region}a`);
      if (volume.attachments.some(({ instanceId }) => instanceId === instance.id)) continue;
      const attachments = [...volume.attachments, attachmentOf(instance.id, device)];
      const state = volume.state === 'available' ? 'in-use' : volume.state;
      all.set(volume.id, { ...volume, state, attachments });
    }
  }
  return [...all.values()];
}

function derivedVolume(id: string, availabilityZone: string): VolumeRecord {
  return {
    id,
    state: 'available',
    sizeGiB: 8,
    volumeType: 'gp3',
    encrypted: false,
    availabilityZone,
    tags: new Map(),
    attachments: [],
    raw: { Iops: 3000, Throughput: 125, MultiAttachEnabled: false },
  };
}

function attachmentOf(instanceId: string, device: Device): Attachment {
  const { deviceName, status, deleteOnTermination, attachTime } = device;
  return {
    instanceId,
    device: deviceName,
    state: status,
    deleteOnTermination,
    ...(attachTime === undefined ? {} : { attachTime }),
  };
}

function zoneOf({ raw }: InstanceRecord): string | undefined {
  const placement = raw['Placement'];
  if (typeof placement !== 'object' || placement === null || Array.isArray(placement)) return undefined;
  const zone = (placement as { readonly [key: string]: unknown })['AvailabilityZone'];
  return typeof zone === 'string' ? zone : undefined;
}
