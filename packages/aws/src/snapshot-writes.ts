import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  type EC2Client,
  type TagSpecification,
} from '@aws-sdk/client-ec2';
import {
  AppError,
  type CopySnapshotRequest,
  type CreateSnapshotRequest,
  type CreateSnapshotSetRequest,
  isSnapshotId,
  type Region,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  type Tags,
} from '@smart-vault/core';
import { COPY_ENCRYPTED_MEANINGS, callAws, DELETE_SNAPSHOT_MEANINGS } from './ebs-errors.ts';
import { toSnapshot, toTagList } from './ec2-mapping.ts';
import { chunksOf } from './paginate.ts';

type SnapshotWrites = Pick<
  SnapshotStore,
  'createSnapshot' | 'createSnapshotSet' | 'copySnapshot' | 'deleteSnapshot' | 'addTags' | 'removeTags'
>;

/** EC2 takes 40 ids of excluded data volumes. */
const EXCLUDED_VOLUMES_MAX = 40;
/** Of the 1,000 resources that one call may tag: small enough to be quick. */
const TAGGED_PER_CALL = 200;

/** The writing half of a snapshot store. `client` repeats nothing but throttles, and is in the store's own region. */
export function snapshotWrites(client: EC2Client, region: Region): SnapshotWrites {
  return {
    createSnapshot: (request) => createSnapshot(client, region, request),
    createSnapshotSet: (request) => createSnapshotSet(client, region, request),
    copySnapshot: (request) => copySnapshot(client, request),
    deleteSnapshot: async (id) => {
      const command = new DeleteSnapshotCommand({ SnapshotId: id });
      await callAws('DeleteSnapshot', () => client.send(command), DELETE_SNAPSHOT_MEANINGS);
    },
    addTags: (ids, tags) => addTags(client, ids, tags),
    removeTags: (ids, keys) => removeTags(client, ids, keys),
  };
}

async function createSnapshot(
  client: EC2Client,
  region: Region,
  request: CreateSnapshotRequest,
): Promise<Snapshot> {
  const command = new CreateSnapshotCommand({
    VolumeId: request.volumeId,
    Description: request.description,
    TagSpecifications: tagsAtCreation(request.tags),
  });
  return toSnapshot(await callAws('CreateSnapshot', () => client.send(command)), region);
}

async function createSnapshotSet(
  client: EC2Client,
  region: Region,
  request: CreateSnapshotSetRequest,
): Promise<readonly Snapshot[]> {
  const { excludeDataVolumeIds: excluded } = request;
  if (excluded.length > EXCLUDED_VOLUMES_MAX)
    throw new AppError(
      'INVALID',
      `CreateSnapshots: ${excluded.length} excluded volumes; EC2 takes ${EXCLUDED_VOLUMES_MAX}`,
    );
  const command = new CreateSnapshotsCommand({
    InstanceSpecification: {
      InstanceId: request.instanceId,
      ...(request.excludeBootVolume ? { ExcludeBootVolume: true } : {}),
      ...(excluded.length > 0 ? { ExcludeDataVolumeIds: [...excluded] } : {}),
    },
    Description: request.description,
    TagSpecifications: tagsAtCreation(request.tags),
    ...(request.copyTagsFromVolumes ? { CopyTagsFromSource: 'volume' } : {}),
  });
  const { Snapshots = [] } = await callAws('CreateSnapshots', () => client.send(command));
  return Snapshots.map((snapshot) => toSnapshot(snapshot, region));
}

/** The SDK adds the destination (the client's region) and a presigned URL for the source region. */
async function copySnapshot(client: EC2Client, request: CopySnapshotRequest): Promise<SnapshotId> {
  const { encrypted, kmsKeyId } = request;
  const command = new CopySnapshotCommand({
    SourceRegion: request.sourceRegion,
    SourceSnapshotId: request.sourceSnapshotId,
    Description: request.description,
    TagSpecifications: tagsAtCreation(request.tags),
    // Never `false`: EC2 does not know it, and takes a key only together with `true`.
    ...(encrypted || kmsKeyId !== undefined ? { Encrypted: true } : {}),
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
  });
  const meanings = command.input.Encrypted === true ? COPY_ENCRYPTED_MEANINGS : {};
  const { SnapshotId: id } = await callAws('CopySnapshot', () => client.send(command), meanings);
  if (isSnapshotId(id)) return id;
  throw new AppError(
    'CONTRACT',
    `CopySnapshot: the answer has no snapshot id but ${JSON.stringify(id) ?? 'nothing'}`,
  );
}

async function addTags(client: EC2Client, ids: readonly SnapshotId[], tags: Tags): Promise<void> {
  const list = toTagList(tags);
  if (list.length === 0) return;
  for (const some of chunksOf(ids, TAGGED_PER_CALL)) {
    const command = new CreateTagsCommand({ Resources: some, Tags: list });
    await callAws('CreateTags', () => client.send(command));
  }
}

/** Without a value, a tag goes whatever its value. Without keys, EC2 would remove all tags: then there is no call. */
async function removeTags(
  client: EC2Client,
  ids: readonly SnapshotId[],
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  for (const some of chunksOf(ids, TAGGED_PER_CALL)) {
    const command = new DeleteTagsCommand({ Resources: some, Tags: keys.map((Key) => ({ Key })) });
    await callAws('DeleteTags', () => client.send(command));
  }
}

function tagsAtCreation(tags: Tags): TagSpecification[] {
  const list = toTagList(tags);
  return list.length === 0 ? [] : [{ ResourceType: 'snapshot', Tags: list }];
}
