import type { BlockDeviceMapping, DeregisterImageRequest, RegisterImageRequest } from '@aws-sdk/client-ec2';
import { checkDescription } from './create.ts';
import { dryRunSucceeded, Ec2Error, invalidValue, missing } from './errors.ts';
import { checkId, IMAGE_ID, idOf, notFound } from './ids.ts';
import { planVolume } from './new-volume.ts';
import type { RegionState } from './region.ts';
import { newTags } from './sdk/values.ts';
import { checkTags } from './tags.ts';
import type { ImageDevice, ImageRecord } from './types.ts';

const ARCHITECTURES = ['i386', 'x86_64', 'arm64', 'x86_64_mac', 'arm64_mac'];
const BOOT_MODES = ['legacy-bios', 'uefi', 'uefi-preferred'];

/**
 * RegisterImage: an image of snapshots, available at once. What is not given is as AWS has it: architecture `i386`,
 * virtualization `paravirtual`, no enhanced networking.
 * @throws Ec2Error
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 */
export function registerImage(region: RegionState, input: RegisterImageRequest): ImageRecord {
  return region.call('RegisterImage', input.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '', () => {
    const name = checkName(region, input.Name);
    const rootDeviceName = input.RootDeviceName ?? '/dev/sda1';
    const devices = (input.BlockDeviceMappings ?? []).flatMap((mapping) => deviceOf(region, mapping));
    checkDevices(devices, rootDeviceName);
    const image: ImageRecord = {
      id: '',
      name,
      ownerId: region.account.accountId,
      state: 'available',
      createdAt: new Date(region.now()).toISOString(),
      architecture: oneOf('architecture', input.Architecture ?? 'i386', ARCHITECTURES),
      rootDeviceName,
      description: checkDescription(input.Description),
      virtualizationType: oneOf('virtualizationType', input.VirtualizationType ?? 'paravirtual', [
        'hvm',
        'paravirtual',
      ]),
      ...(input.BootMode === undefined ? {} : { bootMode: oneOf('bootMode', input.BootMode, BOOT_MODES) }),
      ...(input.EnaSupport === undefined ? {} : { enaSupport: input.EnaSupport }),
      ...(input.ImdsSupport === undefined ? {} : { imdsSupport: input.ImdsSupport }),
      ...(input.TpmSupport === undefined ? {} : { tpmSupport: input.TpmSupport }),
      devices,
      tags: checkTags(newTags(input.TagSpecifications, ['image'])),
    };
    if (input.DryRun) throw dryRunSucceeded();
    const number = region.nextNumber(`image/${name}`);
    const id = idOf('ami-', region.account.seed, `${region.name}/image/${name}/${number}`);
    return addImage(region, { ...image, id });
  });
}

/** @throws Ec2Error for a name that EC2 does not take, or that another image of the account has */
function checkName(region: RegionState, name: string | undefined): string {
  if (name === undefined || name === '') throw missing('name');
  if (!/^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/.test(name)) {
    throw new Ec2Error(
      'InvalidAMIName.Malformed',
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
    );
  }
  for (const other of region.images.values()) {
    if (other.name === name && other.ownerId === region.account.accountId)
      throw new Ec2Error('InvalidAMIName.Duplicate', `AMI name ${name} is already in use by AMI ${other.id}`);
  }
  return name;
}

/** One entry of the block device map; instance store, and a device left out, are none. @throws Ec2Error */
function deviceOf(region: RegionState, mapping: BlockDeviceMapping): ImageDevice[] {
  const { DeviceName, Ebs, NoDevice } = mapping;
  if (DeviceName === undefined || DeviceName === '') throw missing('deviceName');
  if (Ebs === undefined || NoDevice !== undefined) return [];
  const { SnapshotId: snapshotId, DeleteOnTermination: deleteOnTermination = true } = Ebs;
  const { performance, encrypted } = planVolume(region, Ebs, badMapping);
  const { sizeGiB, volumeType } = performance;
  return [
    {
      deviceName: DeviceName,
      ...(snapshotId === undefined ? {} : { snapshotId }),
      sizeGiB,
      volumeType,
      ...(performance.iops === undefined || volumeType === 'gp2' ? {} : { iops: performance.iops }),
      ...(performance.throughput === undefined ? {} : { throughput: performance.throughput }),
      deleteOnTermination,
      encrypted,
    },
  ];
}

/** @throws Ec2Error when a device is there twice, or the root has no snapshot */
function checkDevices(devices: readonly ImageDevice[], rootDeviceName: string): void {
  const names = new Set(devices.map(({ deviceName }) => deviceName));
  if (names.size < devices.length) throw badMapping('A device name is there more than once');
  const root = devices.find(({ deviceName }) => deviceName === rootDeviceName);
  if (root?.snapshotId === undefined)
    throw badMapping(`The root device ${rootDeviceName} needs a snapshot in the block device mapping`);
}

/** A block device map that EC2 does not take. */
export const badMapping = (message: string): Ec2Error => new Ec2Error('InvalidBlockDeviceMapping', message);

function oneOf(parameter: string, value: string, allowed: readonly string[]): string {
  if (allowed.includes(value)) return value;
  throw invalidValue(
    `Value (${value}) for parameter ${parameter} is invalid. Valid values: ${allowed.join(', ')}`,
  );
}

/** Puts an image there, and holds its snapshots. */
export function addImage(region: RegionState, image: ImageRecord): ImageRecord {
  region.images.put(image);
  for (const { snapshotId } of image.devices) {
    if (snapshotId === undefined) continue;
    const holders = region.imagesOf.get(snapshotId) ?? new Set();
    region.imagesOf.set(snapshotId, holders.add(image.id));
  }
  return image;
}

/** DeregisterImage: its snapshots can be deleted again. Instances made of it stay. @throws Ec2Error */
export function deregisterImage(region: RegionState, input: DeregisterImageRequest): void {
  region.call('DeregisterImage', input.ImageId ?? '', () => {
    const image = imageNamed(region, input.ImageId);
    if (image.ownerId !== region.account.accountId)
      throw new Ec2Error('AuthFailure', `Not authorized for image:${image.id}`, 403);
    if (input.DryRun) throw dryRunSucceeded();
    removeImage(region, image);
  });
}

/** @throws Ec2Error for a bad id, and for one of an image that is not there */
export function imageNamed(region: RegionState, given: string | undefined): ImageRecord {
  const id = checkId(given, IMAGE_ID);
  const image = region.images.get(id);
  if (image === undefined) throw notFound([id], IMAGE_ID);
  return image;
}

/** Lets go of an image and its snapshots. */
export function removeImage(region: RegionState, image: ImageRecord): void {
  for (const { snapshotId } of image.devices) {
    if (snapshotId === undefined) continue;
    const holders = region.imagesOf.get(snapshotId);
    holders?.delete(image.id);
    if (holders?.size === 0) region.imagesOf.delete(snapshotId);
  }
  region.images.remove(image.id);
}
