import type { Attachment, VolumeRecord } from '../types.ts';
import { type Action, describeInput, nextToken } from './action.ts';
import { isoTime, PLAIN_SHAPE, rawXml } from './raw.ts';
import { element, list, tagSet } from './xml.ts';

/** DescribeVolumes. */
export const describeVolumes: Action = (api, form) => {
  const page = api.describeVolumes(describeInput(form, 'VolumeId'));
  return list('volumeSet', page.items, volumeXml) + nextToken(page);
};

const OWN = new Set([
  'VolumeId',
  'State',
  'Size',
  'VolumeType',
  'Encrypted',
  'KmsKeyId',
  'AvailabilityZone',
  'Tags',
  'Attachments',
]);

function volumeXml(volume: VolumeRecord): string {
  return (
    element('volumeId', volume.id) +
    element('size', volume.sizeGiB) +
    element('availabilityZone', volume.availabilityZone) +
    element('status', volume.state) +
    list('attachmentSet', volume.attachments, (attachment) => attachmentXml(volume.id, attachment)) +
    tagSet(volume.tags) +
    element('volumeType', volume.volumeType) +
    element('encrypted', volume.encrypted) +
    element('kmsKeyId', volume.kmsKeyId) +
    rawXml(volume.raw, PLAIN_SHAPE, OWN)
  );
}

function attachmentXml(volumeId: string, attachment: Attachment): string {
  return (
    element('volumeId', volumeId) +
    element('instanceId', attachment.instanceId) +
    element('device', attachment.device) +
    element('status', attachment.state) +
    isoTime('attachTime', attachment.attachTime) +
    element('deleteOnTermination', attachment.deleteOnTermination)
  );
}
