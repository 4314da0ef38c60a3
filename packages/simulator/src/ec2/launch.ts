import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { setStatus } from './attachments.ts';
import { once } from './client-token.ts';
import { dryRunSucceeded, Ec2Error, invalidValue, missing } from './errors.ts';
import { idOf } from './ids.ts';
import { imageNamed } from './images.ts';
import { instanceNamed, settleLater } from './instances.ts';
import { type LaunchDevice, launchDevices } from './launch-devices.ts';
import { type LaunchPlace, launchPlace, profileOf } from './launch-place.ts';
import { checkInstanceType } from './machine-types.ts';
import { volumeRecord } from './new-volume.ts';
import type { RegionState } from './region.ts';
import { newTags } from './sdk/values.ts';
import { checkTags } from './tags.ts';
import type { Attachment, Device, ImageRecord, InstanceRecord, JsonObject, TagMap } from './types.ts';
import { newVolumeId } from './volumes.ts';

/**
 * RunInstances, one at a time: `pending` with its volumes, and `running` later. With a key that cannot be used it is
 * accepted all the same and ends `terminated`, with the reason.
 * @throws Ec2Error
 */
export function runInstances(region: RegionState, input: RunInstancesRequest): InstanceRecord {
  return region.call('RunInstances', input.ImageId ?? '', () => {
    const make = () => {
      const launch = planLaunch(region, input);
      if (input.DryRun) throw dryRunSucceeded();
      return start(region, launch);
    };
    if (input.DryRun) return make();
    const request = { operation: 'RunInstances', token: input.ClientToken, input };
    return once(region, request, make, (id) => madeBefore(region, id));
  });
}

function madeBefore(region: RegionState, id: string): InstanceRecord {
  const instance = instanceNamed(region, id);
  if (instance.state !== 'terminated') return instance;
  throw new Ec2Error(
    'IdempotentInstanceTerminated',
    'The request to launch an instance uses the same client token as a previous request for which the instance has been terminated.',
  );
}

interface Launch {
  readonly input: RunInstancesRequest;
  readonly image: ImageRecord;
  readonly instanceType: string;
  readonly place: LaunchPlace;
  readonly devices: readonly LaunchDevice[];
  readonly tags: TagMap;
  readonly volumeTags: TagMap;
}

function planLaunch(region: RegionState, input: RunInstancesRequest): Launch {
  checkCount(input);
  const image = imageNamed(region, input.ImageId);
  if (image.state !== 'available')
    throw new Ec2Error('InvalidAMIID.Unavailable', `The image ID '${image.id}' is not available`);
  const instanceType = checkInstanceType(input.InstanceType ?? 'm1.small', image);
  const { TagSpecifications: given = [] } = input;
  newTags(given, ['instance', 'volume', 'network-interface']);
  const tagsFor = (type: string): TagMap =>
    checkTags(
      newTags(
        given.filter(({ ResourceType }) => ResourceType === type),
        [type],
      ),
    );
  return {
    input,
    image,
    instanceType,
    place: launchPlace(region, input),
    devices: launchDevices(region, image, input.BlockDeviceMappings ?? []),
    tags: tagsFor('instance'),
    volumeTags: tagsFor('volume'),
  };
}

function checkCount({ MinCount, MaxCount }: RunInstancesRequest): void {
  if (MinCount === undefined) throw missing('MinCount');
  if (MaxCount === undefined) throw missing('MaxCount');
  if (MinCount !== 1 || MaxCount !== 1)
    throw invalidValue(`simulator: MinCount ${MinCount} and MaxCount ${MaxCount}; only 1 is modelled`);
}

function start(region: RegionState, launch: Launch): InstanceRecord {
  const { image, devices, tags } = launch;
  const { seed, accountId } = region.account;
  const label = `${region.name}/instance/${image.id}`;
  const own = `${label}/${region.nextNumber(label)}`;
  const id = idOf('i-', seed, own);
  const mapped = devices.map((device) => addVolume(region, launch, id, device));
  const instance: InstanceRecord = {
    id,
    reservationId: idOf('r-', seed, own),
    ownerId: accountId,
    state: 'pending',
    rootDeviceName: image.rootDeviceName,
    tags,
    devices: mapped,
    raw: rawOf(region, launch, own),
  };
  region.instances.put(instance);
  const failure = devices.find(({ plan }) => plan.failure !== undefined)?.plan.failure;
  if (failure === undefined) {
    settleLater(region, id, 'pending', 'running', () => {
      for (const { volumeId } of mapped) setStatus(region, volumeId, id, 'attached');
    });
  } else {
    settleLater(region, id, 'pending', 'terminated', () => tellWhy(region, id, failure));
  }
  return instance;
}

/** Makes the volume of a device, attached from the start. */
function addVolume(region: RegionState, launch: Launch, instanceId: string, device: LaunchDevice): Device {
  const { deviceName, deleteOnTermination, plan } = device;
  const volumeId = newVolumeId(region, `${instanceId}/${deviceName}`);
  const attachTime = new Date(region.now()).toISOString();
  const attachment: Attachment = {
    instanceId,
    device: deviceName,
    state: 'attaching',
    deleteOnTermination,
    attachTime,
  };
  const place = { id: volumeId, availabilityZone: launch.place.zone, tags: launch.volumeTags };
  region.volumes.put({ ...volumeRecord(region, plan, place), state: 'in-use', attachments: [attachment] });
  return { deviceName, volumeId, deleteOnTermination, status: 'attaching', attachTime };
}

function tellWhy(region: RegionState, id: string, failure: string): void {
  const instance = region.instances.get(id);
  if (instance === undefined) return;
  const StateReason = {
    Code: 'Client.InvalidKMSKey.InvalidState',
    Message: `Client.InvalidKMSKey.InvalidState: ${failure}`,
  };
  region.instances.update({ ...instance, raw: { ...instance.raw, StateReason } });
}

function rawOf(region: RegionState, { input, image, instanceType, place }: Launch, own: string): JsonObject {
  const profile = profileOf(region, input.IamInstanceProfile);
  const { KeyName, EbsOptimized, ClientToken, MetadataOptions } = input;
  return {
    AmiLaunchIndex: 0,
    ImageId: image.id,
    InstanceType: instanceType,
    Architecture: image.architecture,
    VirtualizationType: image.virtualizationType ?? 'hvm',
    RootDeviceType: 'ebs',
    LaunchTime: new Date(region.now()).toISOString(),
    Placement: { AvailabilityZone: place.zone, Tenancy: 'default', GroupName: '' },
    SubnetId: place.subnet.id,
    VpcId: place.subnet.vpcId,
    PrivateIpAddress: place.addressOf(own),
    SecurityGroups: place.groups.map(({ id, name }) => ({ GroupId: id, GroupName: name })),
    Monitoring: { State: input.Monitoring?.Enabled ? 'enabled' : 'disabled' },
    EbsOptimized: EbsOptimized ?? false,
    EnaSupport: image.enaSupport ?? false,
    ...(image.bootMode === undefined ? {} : { BootMode: image.bootMode }),
    ...(KeyName === undefined ? {} : { KeyName }),
    ...(ClientToken === undefined ? {} : { ClientToken }),
    ...(MetadataOptions === undefined ? {} : { MetadataOptions: { ...MetadataOptions } as JsonObject }),
    ...(profile === undefined ? {} : { IamInstanceProfile: profile }),
  };
}
