import type { AttachVolumeRequest, DetachVolumeRequest } from '@aws-sdk/client-ec2';
import { dryRunSucceeded, Ec2Error, invalidValue, missing } from './errors.ts';
import { instanceNamed } from './instances.ts';
import type { RegionState } from './region.ts';
import type { Attachment, Device, InstanceRecord, VolumeRecord } from './types.ts';
import { volumeNamed } from './volumes.ts';

/** An attachment of a volume, as it is after a call. */
export interface AttachmentChange {
  readonly volumeId: string;
  readonly attachment: Attachment;
}

/** AttachVolume: `attaching`, and `attached` later. @throws Ec2Error */
export function attachVolume(region: RegionState, input: AttachVolumeRequest): AttachmentChange {
  return region.call('AttachVolume', input.VolumeId ?? '', () => {
    const volume = volumeNamed(region, input.VolumeId);
    const instance = instanceNamed(region, input.InstanceId);
    const deviceName = checkDevice(input.Device);
    checkAttachable(region, volume, instance);
    if (instance.devices.some((device) => device.deviceName === deviceName)) {
      throw invalidValue(
        `Invalid value '${deviceName}' for unixDevice. Attachment point ${deviceName} is already in use`,
      );
    }
    if (input.DryRun) throw dryRunSucceeded();
    const attachTime = new Date(region.now()).toISOString();
    const part = { deleteOnTermination: false, attachTime };
    addDevice(region, volume, instance, { ...part, deviceName, volumeId: volume.id, status: 'attaching' });
    later(region, volume.id, instance.id, 'attaching', () =>
      setStatus(region, volume.id, instance.id, 'attached'),
    );
    return changeOf(region, volume.id, instance.id);
  });
}

function checkAttachable(region: RegionState, volume: VolumeRecord, instance: InstanceRecord): void {
  if (volume.attachments.length > 0)
    throw new Ec2Error('VolumeInUse', `${volume.id} is already attached to an instance`);
  if (volume.state !== 'available') throw new Ec2Error('IncorrectState', `${volume.id} is not 'available'.`);
  if (instance.state !== 'running' && instance.state !== 'stopped')
    throw new Ec2Error('IncorrectState', `Instance '${instance.id}' is not 'running'.`);
  if (volume.availabilityZone !== zoneOf(region, instance)) {
    throw new Ec2Error(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
}

/** The zone of an instance. */
function zoneOf(region: RegionState, { raw }: InstanceRecord): string {
  const placement = raw['Placement'] as { readonly AvailabilityZone?: unknown } | undefined;
  const zone = placement?.AvailabilityZone;
  return typeof zone === 'string' ? zone : `${region.name}a`;
}

/** @throws Ec2Error for a name that no device can have */
export function checkDevice(name: string | undefined): string {
  if (name === undefined || name === '') throw missing('device');
  if (!/^(\/dev\/[a-z][a-z0-9]{1,12}|xvd[a-z]{1,2})$/.test(name))
    throw invalidValue(
      `Value (${name}) for parameter device is invalid. ${name} is not a valid EBS device name.`,
    );
  return name;
}

/**
 * DetachVolume: `detaching`, and `available` later. The root volume can only be taken from a stopped instance.
 * @throws Ec2Error
 */
export function detachVolume(region: RegionState, input: DetachVolumeRequest): AttachmentChange {
  return region.call('DetachVolume', input.VolumeId ?? '', () => {
    const volume = volumeNamed(region, input.VolumeId);
    const attachment = attachmentNamed(volume, input);
    const instance = region.instances.get(attachment.instanceId);
    if (instance?.rootDeviceName === attachment.device && instance.state !== 'stopped') {
      throw new Ec2Error(
        'OperationNotPermitted',
        `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`,
      );
    }
    if (input.DryRun) throw dryRunSucceeded();
    const { instanceId } = attachment;
    setStatus(region, volume.id, instanceId, 'detaching');
    later(region, volume.id, instanceId, 'detaching', () => removeDevice(region, volume.id, instanceId));
    return { volumeId: volume.id, attachment: { ...attachment, state: 'detaching' } };
  });
}

/** @throws Ec2Error when the volume is not attached, or not as the request says */
function attachmentNamed(volume: VolumeRecord, { InstanceId, Device }: DetachVolumeRequest): Attachment {
  const [first] = volume.attachments;
  if (first === undefined)
    throw new Ec2Error('IncorrectState', `Volume '${volume.id}' is in the '${volume.state}' state.`);
  const found = volume.attachments.find(
    ({ instanceId, device }) =>
      (InstanceId === undefined || InstanceId === instanceId) && (Device === undefined || Device === device),
  );
  if (found !== undefined) return found;
  const place = [InstanceId, Device].filter((part) => part !== undefined).join(' as ');
  throw new Ec2Error('InvalidAttachment.NotFound', `The volume '${volume.id}' is not attached to ${place}`);
}

/** Puts a volume into the block device map of an instance, and the instance into the volume. */
export function addDevice(
  region: RegionState,
  volume: VolumeRecord,
  instance: InstanceRecord,
  device: Device,
): void {
  const { deviceName, status: state, deleteOnTermination, attachTime } = device;
  const time = attachTime === undefined ? {} : { attachTime };
  const attachment = { instanceId: instance.id, device: deviceName, state, deleteOnTermination, ...time };
  region.instances.update({ ...instance, devices: [...instance.devices, device] });
  region.volumes.update({ ...volume, state: 'in-use', attachments: [...volume.attachments, attachment] });
}

/** Takes a volume out of the block device map of an instance, and the instance out of the volume, as far as they are there. */
export function removeDevice(region: RegionState, volumeId: string, instanceId: string): void {
  const instance = region.instances.get(instanceId);
  if (instance !== undefined) {
    const devices = instance.devices.filter((device) => device.volumeId !== volumeId);
    region.instances.update({ ...instance, devices });
  }
  const volume = region.volumes.get(volumeId);
  if (volume === undefined) return;
  const attachments = volume.attachments.filter((attachment) => attachment.instanceId !== instanceId);
  const state = attachments.length === 0 && volume.state === 'in-use' ? 'available' : volume.state;
  region.volumes.update({ ...volume, state, attachments });
}

/** Changes the state of an attachment in both of its places. */
export function setStatus(region: RegionState, volumeId: string, instanceId: string, status: string): void {
  changeDevice(region, volumeId, instanceId, { status });
}

/** Changes an attachment in both of its places. */
export function changeDevice(
  region: RegionState,
  volumeId: string,
  instanceId: string,
  change: Partial<Pick<Device, 'status' | 'deleteOnTermination'>>,
): void {
  const { status, ...rest } = change;
  const instance = region.instances.get(instanceId);
  const volume = region.volumes.get(volumeId);
  if (instance !== undefined) {
    const devices = instance.devices.map((device) =>
      device.volumeId === volumeId ? { ...device, ...change } : device,
    );
    region.instances.update({ ...instance, devices });
  }
  if (volume === undefined) return;
  const attachments = volume.attachments.map((attachment) =>
    attachment.instanceId === instanceId
      ? { ...attachment, ...rest, ...(status === undefined ? {} : { state: status }) }
      : attachment,
  );
  region.volumes.update({ ...volume, attachments });
}

/** Runs this when the attachment has been in this state for long enough, if it still is. */
function later(
  region: RegionState,
  volumeId: string,
  instanceId: string,
  state: string,
  run: () => void,
): void {
  region.after(region.account.knobs.volumeSeconds, `${volumeId} ends ${state}`, () => {
    const attachments = region.volumes.get(volumeId)?.attachments ?? [];
    if (attachments.some((known) => known.instanceId === instanceId && known.state === state)) run();
  });
}

function changeOf(region: RegionState, volumeId: string, instanceId: string): AttachmentChange {
  const attachments = region.volumes.get(volumeId)?.attachments ?? [];
  const attachment = attachments.find((known) => known.instanceId === instanceId);
  if (attachment === undefined) throw new Error(`simulator: ${volumeId} is not attached to ${instanceId}`);
  return { volumeId, attachment };
}
