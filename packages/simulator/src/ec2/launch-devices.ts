import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { checkDevice } from './attachments.ts';
import { badMapping } from './images.ts';
import { planVolume, type VolumePlan, type VolumeWish } from './new-volume.ts';
import type { RegionState } from './region.ts';
import type { ImageDevice, ImageRecord } from './types.ts';

/** A volume that an instance will be started with. */
export interface LaunchDevice {
  readonly deviceName: string;
  readonly deleteOnTermination: boolean;
  readonly plan: VolumePlan;
}

/** The image's block device map with the request's over it. @throws Ec2Error */
export function launchDevices(
  region: RegionState,
  image: ImageRecord,
  mappings: readonly BlockDeviceMapping[],
): LaunchDevice[] {
  const given = new Map(mappings.map((mapping) => [checkDevice(mapping.DeviceName), mapping]));
  if (given.size < mappings.length) throw badMapping('A device name is there more than once');
  const known = new Set(image.devices.map(({ deviceName }) => deviceName));
  const added = [...given.keys()].filter((name) => !known.has(name)).map((deviceName) => ({ deviceName }));
  return [...image.devices, ...added].flatMap((device) =>
    launchDevice(region, image, device, given.get(device.deviceName)),
  );
}

function launchDevice(
  region: RegionState,
  { rootDeviceName }: ImageRecord,
  device: ImageDevice,
  mapping: BlockDeviceMapping | undefined,
): LaunchDevice[] {
  const isRoot = device.deviceName === rootDeviceName;
  const { Ebs, NoDevice, VirtualName } = mapping ?? {};
  if (NoDevice !== undefined && isRoot)
    throw badMapping(`The root device ${rootDeviceName} cannot be left out`);
  if (NoDevice !== undefined || VirtualName !== undefined) return [];
  if (isRoot && Ebs?.SnapshotId !== undefined && Ebs.SnapshotId !== device.snapshotId)
    throw badMapping('snapshotId cannot be modified on root device');
  if (mapping !== undefined && Ebs === undefined && device.snapshotId === undefined)
    throw badMapping(`The device ${device.deviceName} needs a snapshot or a size`);
  return [
    {
      deviceName: device.deviceName,
      deleteOnTermination: Ebs?.DeleteOnTermination ?? device.deleteOnTermination ?? true,
      plan: planVolume(region, wishOf(device, Ebs ?? {}), badMapping),
    },
  ];
}

/** What the request says, and else what the image says. IOPS and throughput of the image belong to its volume type. */
function wishOf(device: ImageDevice, ebs: VolumeWish): VolumeWish {
  const sameType = ebs.VolumeType === undefined || ebs.VolumeType === device.volumeType;
  return {
    SnapshotId: ebs.SnapshotId ?? device.snapshotId,
    VolumeSize: ebs.VolumeSize ?? device.sizeGiB,
    VolumeType: ebs.VolumeType ?? (device.volumeType as VolumeWish['VolumeType']),
    Iops: ebs.Iops ?? (sameType ? device.iops : undefined),
    Throughput: ebs.Throughput ?? (sameType ? device.throughput : undefined),
    Encrypted: ebs.Encrypted,
    KmsKeyId: ebs.KmsKeyId,
  };
}
