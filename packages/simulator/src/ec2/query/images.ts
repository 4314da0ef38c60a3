import type { ImageRecord } from '../types.ts';
import { type Action, describeInput, nextToken } from './action.ts';
import { block, element, list, tagSet } from './xml.ts';

/** DescribeImages. */
export const describeImages: Action = (api, form) => {
  const page = api.describeImages({
    ...describeInput(form, 'ImageId'),
    owners: form.list('Owner'),
    includeDisabled: form.flag('IncludeDisabled') ?? false,
  });
  return list('imagesSet', page.items, imageXml) + nextToken(page);
};

function imageXml(image: ImageRecord): string {
  return (
    element('imageId', image.id) +
    element('name', image.name) +
    element('imageOwnerId', image.ownerId) +
    element('imageState', image.state) +
    element('imageType', 'machine') +
    element('isPublic', false) +
    element('architecture', image.architecture) +
    element('virtualizationType', 'hvm') +
    element('rootDeviceType', 'ebs') +
    element('rootDeviceName', image.rootDeviceName) +
    element('creationDate', image.createdAt) +
    element('deprecationTime', image.deprecationTime) +
    list('blockDeviceMapping', image.devices, ({ deviceName, snapshotId }) =>
      deviceXml(deviceName, snapshotId),
    ) +
    tagSet(image.tags)
  );
}

const deviceXml = (deviceName: string, snapshotId: string): string =>
  element('deviceName', deviceName) + block('ebs', element('snapshotId', snapshotId));
