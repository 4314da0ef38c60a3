import { STATE_CODES } from '../describe-kinds.ts';
import type { Device, InstanceRecord } from '../types.ts';
import { type Action, describeInput, nextToken } from './action.ts';
import { INSTANCE_SHAPE, isoTime, rawXml } from './raw.ts';
import { block, element, list, tagSet } from './xml.ts';

/** DescribeInstances: instances of one reservation stand together. */
export const describeInstances: Action = (api, form) => {
  const page = api.describeInstances(describeInput(form, 'InstanceId'));
  return list('reservationSet', byReservation(page.items), reservationXml) + nextToken(page);
};

function byReservation(instances: readonly InstanceRecord[]): InstanceRecord[][] {
  const reservations = new Map<string, InstanceRecord[]>();
  for (const instance of instances) {
    const known = reservations.get(instance.reservationId);
    if (known === undefined) reservations.set(instance.reservationId, [instance]);
    else known.push(instance);
  }
  return [...reservations.values()];
}

function reservationXml(instances: readonly InstanceRecord[]): string {
  const [first] = instances;
  return (
    element('reservationId', first?.reservationId) +
    element('ownerId', first?.ownerId) +
    '<groupSet/>' +
    list('instancesSet', instances, instanceXml)
  );
}

const OWN = new Set(['InstanceId', 'State', 'Tags', 'BlockDeviceMappings', 'RootDeviceName']);

function instanceXml({ id, state, rootDeviceName, devices, tags, raw }: InstanceRecord): string {
  return (
    element('instanceId', id) +
    block('instanceState', element('code', STATE_CODES[state]) + element('name', state)) +
    element('rootDeviceName', rootDeviceName) +
    list('blockDeviceMapping', devices, deviceXml) +
    tagSet(tags) +
    rawXml(raw, INSTANCE_SHAPE, OWN)
  );
}

function deviceXml({ deviceName, volumeId, status, attachTime, deleteOnTermination }: Device): string {
  const ebs =
    element('volumeId', volumeId) +
    element('status', status) +
    isoTime('attachTime', attachTime) +
    element('deleteOnTermination', deleteOnTermination);
  return element('deviceName', deviceName) + block('ebs', ebs);
}
