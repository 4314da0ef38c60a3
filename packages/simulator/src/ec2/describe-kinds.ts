import type { DescribeKind } from './describe.ts';
import { GROUP_ID, IMAGE_ID, INSTANCE_ID, SNAPSHOT_ID, SUBNET_ID, VOLUME_ID } from './ids.ts';
import type {
  ImageRecord,
  InstanceRecord,
  Json,
  JsonObject,
  SecurityGroupRecord,
  SnapshotRecord,
  SubnetRecord,
  VolumeRecord,
} from './types.ts';

/** The text at a path of what a fleet file had; lists are looked into. */
function at(raw: Json | undefined, ...path: readonly string[]): string | readonly string[] | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (Array.isArray(raw)) {
    return raw.flatMap((item: Json) => at(item, ...path) ?? []);
  }
  const [key, ...rest] = path;
  if (key === undefined) return typeof raw === 'object' ? undefined : String(raw);
  return typeof raw === 'object' ? at((raw as JsonObject)[key], ...rest) : undefined;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** EC2's numbers for instance states. */
export const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

/** DescribeInstances. */
export const INSTANCES: DescribeKind<InstanceRecord> = {
  operation: 'DescribeInstances',
  id: INSTANCE_ID,
  idFilter: 'instance-id',
  store: (region) => region.instances,
  indexed: new Set(['block-device-mapping.volume-id']),
  fields: {
    'instance-id': ({ id }) => id,
    'reservation-id': ({ reservationId }) => reservationId,
    'owner-id': ({ ownerId }) => ownerId,
    'instance-state-name': ({ state }) => state,
    'instance-state-code': ({ state }) => String(STATE_CODES[state]),
    'root-device-name': ({ rootDeviceName }) => rootDeviceName,
    'root-device-type': ({ raw }) => at(raw, 'RootDeviceType') ?? 'ebs',
    'block-device-mapping.volume-id': ({ devices }) => devices.map(({ volumeId }) => volumeId),
    'block-device-mapping.device-name': ({ devices }) => devices.map(({ deviceName }) => deviceName),
    'block-device-mapping.status': ({ devices }) => devices.map(({ status }) => status),
    'block-device-mapping.delete-on-termination': ({ devices }) =>
      devices.map(({ deleteOnTermination }) => String(deleteOnTermination)),
    'block-device-mapping.attach-time': ({ devices }) =>
      devices.flatMap(({ attachTime }) => attachTime ?? []),
    'instance-type': ({ raw }) => at(raw, 'InstanceType'),
    'image-id': ({ raw }) => at(raw, 'ImageId'),
    'availability-zone': ({ raw }) => at(raw, 'Placement', 'AvailabilityZone'),
    'placement-group-name': ({ raw }) => at(raw, 'Placement', 'GroupName'),
    tenancy: ({ raw }) => at(raw, 'Placement', 'Tenancy'),
    'vpc-id': ({ raw }) => at(raw, 'VpcId'),
    'subnet-id': ({ raw }) => at(raw, 'SubnetId'),
    architecture: ({ raw }) => at(raw, 'Architecture'),
    'boot-mode': ({ raw }) => at(raw, 'BootMode'),
    'current-instance-boot-mode': ({ raw }) => at(raw, 'CurrentInstanceBootMode'),
    'client-token': ({ raw }) => at(raw, 'ClientToken'),
    'key-name': ({ raw }) => at(raw, 'KeyName'),
    'launch-time': ({ raw }) => at(raw, 'LaunchTime'),
    'private-ip-address': ({ raw }) => at(raw, 'PrivateIpAddress'),
    'ip-address': ({ raw }) => at(raw, 'PublicIpAddress'),
    'private-dns-name': ({ raw }) => at(raw, 'PrivateDnsName'),
    'dns-name': ({ raw }) => at(raw, 'PublicDnsName'),
    'iam-instance-profile.arn': ({ raw }) => at(raw, 'IamInstanceProfile', 'Arn'),
    'iam-instance-profile.id': ({ raw }) => at(raw, 'IamInstanceProfile', 'Id'),
    'instance.group-id': ({ raw }) => at(raw, 'SecurityGroups', 'GroupId'),
    'instance.group-name': ({ raw }) => at(raw, 'SecurityGroups', 'GroupName'),
    'group-id': ({ raw }) => at(raw, 'SecurityGroups', 'GroupId'),
    'group-name': ({ raw }) => at(raw, 'SecurityGroups', 'GroupName'),
    'network-interface.network-interface-id': ({ raw }) => at(raw, 'NetworkInterfaces', 'NetworkInterfaceId'),
    'instance-lifecycle': ({ raw }) => at(raw, 'InstanceLifecycle'),
    'monitoring-state': ({ raw }) => at(raw, 'Monitoring', 'State'),
    hypervisor: ({ raw }) => at(raw, 'Hypervisor'),
    'virtualization-type': ({ raw }) => at(raw, 'VirtualizationType'),
    platform: ({ raw }) => at(raw, 'Platform'),
    'platform-details': ({ raw }) => at(raw, 'PlatformDetails'),
    'state-reason-code': ({ raw }) => at(raw, 'StateReason', 'Code'),
  },
};

/** DescribeVolumes. */
export const VOLUMES: DescribeKind<VolumeRecord> = {
  operation: 'DescribeVolumes',
  id: VOLUME_ID,
  idFilter: 'volume-id',
  store: (region) => region.volumes,
  indexed: new Set(['attachment.instance-id', 'snapshot-id']),
  fields: {
    'volume-id': ({ id }) => id,
    status: ({ state }) => state,
    size: ({ sizeGiB }) => String(sizeGiB),
    'volume-type': ({ volumeType }) => volumeType,
    encrypted: ({ encrypted }) => String(encrypted),
    'availability-zone': ({ availabilityZone }) => availabilityZone,
    'attachment.instance-id': ({ attachments }) => attachments.map(({ instanceId }) => instanceId),
    'attachment.device': ({ attachments }) => attachments.map(({ device }) => device),
    'attachment.status': ({ attachments }) => attachments.map(({ state }) => state),
    'attachment.delete-on-termination': ({ attachments }) =>
      attachments.map(({ deleteOnTermination }) => String(deleteOnTermination)),
    'attachment.attach-time': ({ attachments }) => attachments.flatMap(({ attachTime }) => attachTime ?? []),
    'create-time': ({ raw }) => at(raw, 'CreateTime'),
    'snapshot-id': ({ raw }) => at(raw, 'SnapshotId'),
    'fast-restored': ({ raw }) => at(raw, 'FastRestored') ?? 'false',
    'multi-attach-enabled': ({ raw }) => at(raw, 'MultiAttachEnabled') ?? 'false',
  },
};

/** DescribeSnapshots. The filter `progress` knows the two ends only: what is between depends on the time. */
export const SNAPSHOTS: DescribeKind<SnapshotRecord> = {
  operation: 'DescribeSnapshots',
  id: SNAPSHOT_ID,
  idFilter: 'snapshot-id',
  store: (region) => region.snapshots,
  indexed: new Set(['status', 'volume-id']),
  fields: {
    'snapshot-id': ({ id }) => id,
    'volume-id': ({ volumeId }) => volumeId,
    'volume-size': ({ sizeGiB }) => String(sizeGiB),
    status: ({ state }) => state,
    description: ({ description }) => description,
    encrypted: ({ encrypted }) => String(encrypted),
    'owner-id': ({ ownerId }) => ownerId,
    'owner-alias': () => undefined,
    progress: ({ state }) => (state === 'completed' ? '100%' : ''),
    'start-time': ({ startedAt }) => iso(startedAt),
    'storage-tier': ({ storageTier }) => storageTier,
    'transfer-type': ({ transferType }) => transferType,
  },
};

/** DescribeImages. */
export const IMAGES: DescribeKind<ImageRecord> = {
  operation: 'DescribeImages',
  id: IMAGE_ID,
  idFilter: 'image-id',
  store: (region) => region.images,
  indexed: new Set(['block-device-mapping.snapshot-id', 'name']),
  fields: {
    'image-id': ({ id }) => id,
    name: ({ name }) => name,
    'owner-id': ({ ownerId }) => ownerId,
    state: ({ state }) => state,
    architecture: ({ architecture }) => architecture,
    'root-device-name': ({ rootDeviceName }) => rootDeviceName,
    'root-device-type': () => 'ebs',
    'creation-date': ({ createdAt }) => createdAt,
    'is-public': () => 'false',
    'image-type': () => 'machine',
    'virtualization-type': ({ virtualizationType }) => virtualizationType ?? 'hvm',
    'boot-mode': ({ bootMode }) => bootMode,
    'ena-support': ({ enaSupport }) => (enaSupport === undefined ? undefined : String(enaSupport)),
    description: ({ description }) => description,
    'block-device-mapping.snapshot-id': ({ devices }) =>
      devices.flatMap(({ snapshotId }) => snapshotId ?? []),
    'block-device-mapping.device-name': ({ devices }) => devices.map(({ deviceName }) => deviceName),
  },
};

/** DescribeSubnets. */
export const SUBNETS: DescribeKind<SubnetRecord> = {
  operation: 'DescribeSubnets',
  id: SUBNET_ID,
  idFilter: 'subnet-id',
  store: (region) => region.network.subnets,
  indexed: new Set(),
  fields: {
    'subnet-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
    'availability-zone': ({ availabilityZone }) => availabilityZone,
    'cidr-block': ({ cidrBlock }) => cidrBlock,
    'default-for-az': ({ defaultForAz }) => String(defaultForAz),
    state: () => 'available',
  },
};

/** DescribeSecurityGroups. */
export const GROUPS: DescribeKind<SecurityGroupRecord> = {
  operation: 'DescribeSecurityGroups',
  id: GROUP_ID,
  idFilter: 'group-id',
  store: (region) => region.network.groups,
  indexed: new Set(),
  fields: {
    'group-id': ({ id }) => id,
    'group-name': ({ name }) => name,
    'vpc-id': ({ vpcId }) => vpcId,
    description: ({ description }) => description,
  },
};
