import type {
  CopySnapshotRequest,
  CopySnapshotResult,
  CreateSnapshotRequest,
  CreateSnapshotsRequest,
  CreateSnapshotsResult,
  CreateTagsRequest,
  DeleteSnapshotRequest,
  DeleteTagsRequest,
  Snapshot,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '../api.ts';
import { invalidValue } from '../errors.ts';
import { snapshotInfoOf, snapshotOf } from './resources.ts';
import { defined, newTags, tagList, tagRemovals, tagsOf, wholeOf } from './values.ts';

export function createSnapshot(api: Ec2Api, input: CreateSnapshotRequest): Snapshot {
  const created = api.createSnapshot({
    ...defined('volumeId', input.VolumeId),
    ...defined('description', input.Description),
    tags: newTags(input.TagSpecifications, ['snapshot']),
    dryRun: input.DryRun ?? false,
  });
  return snapshotOf(api, created);
}

export function createSnapshots(api: Ec2Api, input: CreateSnapshotsRequest): CreateSnapshotsResult {
  const { CopyTagsFromSource: copyTags, InstanceSpecification: from } = input;
  if (copyTags !== undefined && copyTags !== 'volume') {
    throw invalidValue(`Value (${String(copyTags)}) for parameter CopyTagsFromSource is invalid.`);
  }
  const created = api.createSnapshots({
    ...defined('instanceId', from?.InstanceId),
    ...defined('excludeBootVolume', from?.ExcludeBootVolume),
    excludeDataVolumeIds: from?.ExcludeDataVolumeIds ?? [],
    ...defined('description', input.Description),
    tags: newTags(input.TagSpecifications, ['snapshot']),
    copyTagsFromVolumes: copyTags === 'volume',
    dryRun: input.DryRun ?? false,
  });
  return { Snapshots: created.map((snapshot) => snapshotInfoOf(api, snapshot)) };
}

/** The answer holds the id and the tags, and nothing else. The SDK itself adds the destination region. */
export function copySnapshot(api: Ec2Api, input: CopySnapshotRequest): CopySnapshotResult {
  const copy = api.copySnapshot({
    ...defined('sourceRegion', input.SourceRegion),
    ...defined('sourceSnapshotId', input.SourceSnapshotId),
    ...defined('description', input.Description),
    ...defined('encrypted', input.Encrypted),
    ...defined('kmsKeyId', input.KmsKeyId),
    ...defined('destinationRegion', input.DestinationRegion),
    ...defined(
      'completionDurationMinutes',
      wholeOf('CompletionDurationMinutes', input.CompletionDurationMinutes),
    ),
    tags: newTags(input.TagSpecifications, ['snapshot']),
    dryRun: input.DryRun ?? false,
  });
  return { SnapshotId: copy.id, ...defined('Tags', tagsOf(copy.tags)) };
}

export function deleteSnapshot(api: Ec2Api, input: DeleteSnapshotRequest): object {
  api.deleteSnapshot({ ...defined('snapshotId', input.SnapshotId), dryRun: input.DryRun ?? false });
  return {};
}

export function createTags(api: Ec2Api, input: CreateTagsRequest): object {
  api.createTags({
    resourceIds: input.Resources ?? [],
    tags: tagList(input.Tags),
    dryRun: input.DryRun ?? false,
  });
  return {};
}

export function deleteTags(api: Ec2Api, input: DeleteTagsRequest): object {
  api.deleteTags({
    resourceIds: input.Resources ?? [],
    tags: tagRemovals(input.Tags),
    dryRun: input.DryRun ?? false,
  });
  return {};
}
