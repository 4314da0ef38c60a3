import type { InstanceId, Region, SnapshotId, VolumeId } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { createSnapshotStore } from '../src/snapshot-store.ts';
import { snapshotInfoXml, snapshotSet, snapshotXml } from './support/ec2-xml.ts';
import { ec2, scriptedAws } from './support/scripted-aws.ts';

const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;
const OTHER = 'snap-0f60ea082183ba234' as SnapshotId;
const VOLUME = 'vol-033bb51d90d7fbc9f' as VolumeId;
const INSTANCE = 'i-0123456789abcdef0' as InstanceId;
const done = (action: string) => ec2(action, '<return>true</return>');

test('createSnapshot sends all tags in the call that creates', async () => {
  const aws = scriptedAws(
    ec2(
      'CreateSnapshot',
      snapshotXml({ id: SNAPSHOT, state: 'pending', extra: '<volumeSize>2</volumeSize>' }),
    ),
  );

  const snapshot = await createSnapshotStore(aws.connection()).createSnapshot({
    volumeId: VOLUME,
    description: 'Backup-i-1-2026-11-22',
    tags: { 'smart-vault:vault': 'v', Name: 'a&b=ü' },
  });

  expect(snapshot).toMatchObject({ id: SNAPSHOT, state: 'pending', sizeGiB: 2, region: 'us-east-1' });
  expect(aws.requests).toEqual([
    {
      method: 'POST',
      host: 'ec2.us-east-1.amazonaws.com',
      path: '/',
      form: {
        Action: 'CreateSnapshot',
        VolumeId: VOLUME,
        Description: 'Backup-i-1-2026-11-22',
        'TagSpecification.1.ResourceType': 'snapshot',
        'TagSpecification.1.Tag.1.Key': 'smart-vault:vault',
        'TagSpecification.1.Tag.1.Value': 'v',
        'TagSpecification.1.Tag.2.Key': 'Name',
        'TagSpecification.1.Tag.2.Value': 'a&b=ü',
      },
    },
  ]);
});

describe('createSnapshotSet', () => {
  const answer = ec2(
    'CreateSnapshots',
    snapshotSet(
      snapshotInfoXml({ id: SNAPSHOT, state: 'pending' }),
      snapshotInfoXml({ id: OTHER, state: 'pending' }),
    ),
  );
  const request = {
    instanceId: INSTANCE,
    excludeBootVolume: false,
    excludeDataVolumeIds: [],
    description: 'd',
    tags: { k: 'v' },
    copyTagsFromVolumes: false,
  };
  const plain = {
    Action: 'CreateSnapshots',
    Description: 'd',
    'InstanceSpecification.InstanceId': INSTANCE,
    'TagSpecification.1.ResourceType': 'snapshot',
    'TagSpecification.1.Tag.1.Key': 'k',
    'TagSpecification.1.Tag.1.Value': 'v',
  };

  test('takes all volumes of the instance', async () => {
    const aws = scriptedAws(answer);

    const snapshots = await createSnapshotStore(aws.connection()).createSnapshotSet(request);

    expect(snapshots.map(({ id, state }) => [id, state])).toEqual([
      [SNAPSHOT, 'pending'],
      [OTHER, 'pending'],
    ]);
    expect(aws.requests[0]?.form).toEqual(plain);
  });

  test('leaves out what it is told to, and lets EC2 add the tags of the volumes', async () => {
    const aws = scriptedAws(answer);

    await createSnapshotStore(aws.connection()).createSnapshotSet({
      ...request,
      excludeBootVolume: true,
      excludeDataVolumeIds: [VOLUME],
      copyTagsFromVolumes: true,
    });

    expect(aws.requests[0]?.form).toEqual({
      ...plain,
      'InstanceSpecification.ExcludeBootVolume': 'true',
      'InstanceSpecification.ExcludeDataVolumeId.1': VOLUME,
      CopyTagsFromSource: 'volume',
    });
  });

  test('refuses more than 40 excluded volumes', async () => {
    const aws = scriptedAws();
    const excludeDataVolumeIds = Array.from({ length: 41 }, () => VOLUME);

    const set = createSnapshotStore(aws.connection()).createSnapshotSet({ ...request, excludeDataVolumeIds });

    await expect(set).rejects.toMatchObject({ code: 'INVALID' });
    expect(aws.requests).toEqual([]);
  });
});

describe('copySnapshot', () => {
  const request = {
    sourceRegion: 'us-east-1' as Region,
    sourceSnapshotId: SNAPSHOT,
    description: 'Copied from us-east-1 on 2026-11-22',
    tags: { CopiedFrom: 'us-east-1' },
    encrypted: false,
  };
  const copied = ec2('CopySnapshot', `<snapshotId>${OTHER}</snapshotId>`);

  test('asks the destination, with a URL that is signed for the source', async () => {
    const aws = scriptedAws(copied);

    const id = await createSnapshotStore(aws.connection('eu-west-1')).copySnapshot(request);

    expect(id).toBe(OTHER);
    expect(aws.requests).toHaveLength(1);
    const { PresignedUrl = '', ...form } = aws.requests[0]?.form ?? {};
    expect(aws.requests[0]?.host).toBe('ec2.eu-west-1.amazonaws.com');
    // The SDK fills in the destination: the region of the client.
    expect(form).toEqual({
      Action: 'CopySnapshot',
      SourceRegion: 'us-east-1',
      SourceSnapshotId: SNAPSHOT,
      DestinationRegion: 'eu-west-1',
      Description: 'Copied from us-east-1 on 2026-11-22',
      'TagSpecification.1.ResourceType': 'snapshot',
      'TagSpecification.1.Tag.1.Key': 'CopiedFrom',
      'TagSpecification.1.Tag.1.Value': 'us-east-1',
    });
    const url = new URL(PresignedUrl);
    expect(url.host).toBe('ec2.us-east-1.amazonaws.com');
    expect(url.searchParams.get('SourceSnapshotId')).toBe(SNAPSHOT);
    expect(url.searchParams.get('DestinationRegion')).toBe('eu-west-1');
  });

  test.each([
    ['an encrypted source', { encrypted: true }, { Encrypted: 'true' }],
    ['a key', { encrypted: true, kmsKeyId: 'alias/dr' }, { Encrypted: 'true', KmsKeyId: 'alias/dr' }],
    [
      'a key for a plain source',
      { encrypted: false, kmsKeyId: 'alias/dr' },
      { Encrypted: 'true', KmsKeyId: 'alias/dr' },
    ],
    ['a plain source', { encrypted: false }, {}],
  ])('with %s', async (_, given, sent) => {
    const aws = scriptedAws(copied);

    await createSnapshotStore(aws.connection('eu-west-1')).copySnapshot({ ...request, ...given });

    const { Encrypted, KmsKeyId } = aws.requests[0]?.form ?? {};
    expect(JSON.parse(JSON.stringify({ Encrypted, KmsKeyId }))).toEqual(sent);
  });

  test('does not take an answer without an id for a copy', async () => {
    const aws = scriptedAws(ec2('CopySnapshot', ''));

    await expect(
      createSnapshotStore(aws.connection('eu-west-1')).copySnapshot(request),
    ).rejects.toMatchObject({
      code: 'CONTRACT',
    });
  });
});

test('deleteSnapshot deletes one snapshot by id', async () => {
  const aws = scriptedAws(done('DeleteSnapshot'));

  await createSnapshotStore(aws.connection()).deleteSnapshot(SNAPSHOT);

  expect(aws.requests.map(({ form }) => form)).toEqual([{ Action: 'DeleteSnapshot', SnapshotId: SNAPSHOT }]);
});

describe('tags', () => {
  test('are added to all snapshots in one call', async () => {
    const aws = scriptedAws(done('CreateTags'));

    await createSnapshotStore(aws.connection()).addTags([SNAPSHOT, OTHER], {
      'smart-vault:condemned-at': '1',
    });

    expect(aws.requests[0]?.form).toEqual({
      Action: 'CreateTags',
      'ResourceId.1': SNAPSHOT,
      'ResourceId.2': OTHER,
      'Tag.1.Key': 'smart-vault:condemned-at',
      'Tag.1.Value': '1',
    });
  });

  test('are removed whatever their value', async () => {
    const aws = scriptedAws(done('DeleteTags'));

    await createSnapshotStore(aws.connection()).removeTags([SNAPSHOT], ['smart-vault:condemned-at']);

    expect(aws.requests[0]?.form).toEqual({
      Action: 'DeleteTags',
      'ResourceId.1': SNAPSHOT,
      'Tag.1.Key': 'smart-vault:condemned-at',
    });
  });

  test('are written in pieces of 200 snapshots', async () => {
    const aws = scriptedAws(done('CreateTags'), done('CreateTags'));

    await createSnapshotStore(aws.connection()).addTags(
      Array.from({ length: 201 }, () => SNAPSHOT),
      { a: 'b' },
    );

    expect(
      aws.requests.map(({ form }) => Object.keys(form ?? {}).filter((key) => key.startsWith('Res')).length),
    ).toEqual([200, 1]);
  });

  test('of no keys or no snapshots are no call: EC2 would remove every tag', async () => {
    const aws = scriptedAws();
    const store = createSnapshotStore(aws.connection());

    await store.removeTags([SNAPSHOT], []);
    await store.removeTags([], ['a']);
    await store.addTags([SNAPSHOT], {});
    await store.addTags([], { a: 'b' });

    expect(aws.requests).toEqual([]);
  });
});
