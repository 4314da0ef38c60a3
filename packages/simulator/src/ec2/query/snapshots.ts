import type { Ec2Api } from '../api.ts';
import { invalidValue } from '../errors.ts';
import type { SnapshotRecord } from '../types.ts';
import { type Action, DONE, defined, describeInput, nextToken } from './action.ts';
import { element, list, tagSet, time } from './xml.ts';

/** DescribeSnapshots. */
export const describeSnapshots: Action = (api, form) => {
  const page = api.describeSnapshots({ ...describeInput(form, 'SnapshotId'), owners: form.list('Owner') });
  return list('snapshotSet', page.items, (snapshot) => snapshotXml(api, snapshot)) + nextToken(page);
};

/** CreateSnapshot: the fields of the snapshot stand in the response itself. */
export const createSnapshot: Action = (api, form) =>
  snapshotXml(
    api,
    api.createSnapshot({
      ...defined('volumeId', form.text('VolumeId')),
      ...defined('description', form.text('Description')),
      tags: form.snapshotTags(),
      dryRun: form.flag('DryRun') ?? false,
    }),
  );

/** CreateSnapshots. */
export const createSnapshots: Action = (api, form) => {
  const copyTags = form.text('CopyTagsFromSource');
  if (copyTags !== undefined && copyTags !== 'volume') {
    throw invalidValue(`Value (${copyTags}) for parameter CopyTagsFromSource is invalid.`);
  }
  const created = api.createSnapshots({
    ...defined('instanceId', form.text('InstanceSpecification.InstanceId')),
    ...defined('excludeBootVolume', form.flag('InstanceSpecification.ExcludeBootVolume')),
    excludeDataVolumeIds: form.list('InstanceSpecification.ExcludeDataVolumeId'),
    ...defined('description', form.text('Description')),
    tags: form.snapshotTags(),
    copyTagsFromVolumes: copyTags === 'volume',
    dryRun: form.flag('DryRun') ?? false,
  });
  return list('snapshotSet', created, (snapshot) => snapshotInfoXml(api, snapshot));
};

/** CopySnapshot: the response holds the id and the tags, and nothing else. */
export const copySnapshot: Action = (api, form) => {
  const copy = api.copySnapshot({
    ...defined('sourceRegion', form.text('SourceRegion')),
    ...defined('sourceSnapshotId', form.text('SourceSnapshotId')),
    ...defined('description', form.text('Description')),
    ...defined('encrypted', form.flag('Encrypted')),
    ...defined('kmsKeyId', form.text('KmsKeyId')),
    ...defined('destinationRegion', form.text('DestinationRegion')),
    ...defined('completionDurationMinutes', form.whole('CompletionDurationMinutes')),
    tags: form.snapshotTags(),
    dryRun: form.flag('DryRun') ?? false,
  });
  return element('snapshotId', copy.id) + tagSet(copy.tags);
};

/** DeleteSnapshot. */
export const deleteSnapshot: Action = (api, form) => {
  api.deleteSnapshot({
    ...defined('snapshotId', form.text('SnapshotId')),
    dryRun: form.flag('DryRun') ?? false,
  });
  return DONE;
};

function snapshotXml(api: Ec2Api, snapshot: SnapshotRecord): string {
  return (
    element('snapshotId', snapshot.id) +
    element('volumeId', snapshot.volumeId) +
    element('status', snapshot.state) +
    element('statusMessage', snapshot.stateMessage) +
    time('startTime', snapshot.startedAt) +
    time('completionTime', snapshot.completedAt) +
    element('progress', api.progressOf(snapshot)) +
    element('ownerId', snapshot.ownerId) +
    element('volumeSize', snapshot.sizeGiB) +
    element('description', snapshot.description) +
    tagSet(snapshot.tags) +
    element('encrypted', snapshot.encrypted) +
    (snapshot.encrypted ? element('kmsKeyId', snapshot.kmsKeyId) : '') +
    element('storageTier', snapshot.storageTier) +
    element('transferType', snapshot.transferType) +
    element('completionDurationMinutes', snapshot.completionDurationMinutes) +
    element('fullSnapshotSizeInBytes', snapshot.fullSizeBytes)
  );
}

/** What CreateSnapshots answers: `state` in place of `status`, and no more than this. */
function snapshotInfoXml(api: Ec2Api, snapshot: SnapshotRecord): string {
  return (
    element('snapshotId', snapshot.id) +
    element('volumeId', snapshot.volumeId) +
    element('state', snapshot.state) +
    time('startTime', snapshot.startedAt) +
    element('progress', api.progressOf(snapshot)) +
    element('ownerId', snapshot.ownerId) +
    element('volumeSize', snapshot.sizeGiB) +
    element('description', snapshot.description) +
    tagSet(snapshot.tags) +
    element('encrypted', snapshot.encrypted)
  );
}
