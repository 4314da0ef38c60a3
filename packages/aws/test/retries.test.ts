import type { Region, SnapshotId, VolumeId } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { createSnapshotStore } from '../src/snapshot-store.ts';
import { snapshotInfoXml, snapshotSet, snapshotXml } from './support/ec2-xml.ts';
import { type Answer, ec2, ec2Error, lostAnswer, scriptedAws } from './support/scripted-aws.ts';

const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;
const created = ec2('CreateSnapshot', snapshotXml({ id: SNAPSHOT, state: 'pending' }));
const throttled = ec2Error(503, 'RequestLimitExceeded', 'Request limit exceeded.');

const REQUEST = { volumeId: 'vol-033bb51d90d7fbc9f' as VolumeId, description: 'd', tags: {} };
const COPY = {
  sourceRegion: 'us-east-1' as Region,
  sourceSnapshotId: SNAPSHOT,
  description: 'd',
  tags: {},
  encrypted: false,
};
type Store = ReturnType<typeof createSnapshotStore>;

const WRITES: [string, (store: Store) => Promise<unknown>, Answer][] = [
  ['CreateSnapshot', (store) => store.createSnapshot(REQUEST), created],
  [
    'CreateSnapshots',
    (store) =>
      store.createSnapshotSet({
        instanceId: 'i-0123456789abcdef0' as never,
        excludeBootVolume: false,
        excludeDataVolumeIds: [],
        description: 'd',
        tags: {},
        copyTagsFromVolumes: false,
      }),
    ec2('CreateSnapshots', snapshotSet(snapshotInfoXml({ id: SNAPSHOT, state: 'pending' }))),
  ],
  [
    'CopySnapshot',
    (store) => store.copySnapshot(COPY),
    ec2('CopySnapshot', `<snapshotId>${SNAPSHOT}</snapshotId>`),
  ],
  [
    'DeleteSnapshot',
    (store) => store.deleteSnapshot(SNAPSHOT),
    ec2('DeleteSnapshot', '<return>true</return>'),
  ],
  [
    'CreateTags',
    (store) => store.addTags([SNAPSHOT], { a: 'b' }),
    ec2('CreateTags', '<return>true</return>'),
  ],
  ['DeleteTags', (store) => store.removeTags([SNAPSHOT], ['a']), ec2('DeleteTags', '<return>true</return>')],
];

describe.each(WRITES)('%s', (_, call, success) => {
  test.each<[string, () => Answer]>([
    ['a lost answer', lostAnswer],
    ['an HTTP 500', () => ec2Error(500, 'InternalError')],
    ['an HTTP 503 that is no throttle', () => ec2Error(503, 'Unavailable')],
    ['an HTTP 502 without a body', () => ({ status: 502, body: '' })],
    ['an HTTP 504 that is no XML', () => ({ status: 504, body: 'upstream request timeout' })],
  ])('is sent once when the answer is %s, as it may have been carried out', async (_name, answer) => {
    const aws = scriptedAws(answer(), success);

    await expect(call(createSnapshotStore(aws.connection()))).rejects.toMatchObject({ code: 'TRANSIENT' });

    expect(aws.requests).toHaveLength(1);
    expect(aws.waits).toEqual([]);
  });

  test('is repeated while it is throttled, after growing waits', async () => {
    const aws = scriptedAws(throttled, ec2Error(400, 'Throttling'), ec2Error(503, 'SlowDown'), success);

    await call(createSnapshotStore(aws.connection()));

    expect(aws.requests).toHaveLength(4);
    expect(aws.requests[3]).toEqual(aws.requests[0]);
    expect(aws.waits).toEqual([499, 999, 1_999]);
  });

  test('gives up when it is throttled four times', async () => {
    const aws = scriptedAws(throttled, throttled, throttled, throttled, success);

    await expect(call(createSnapshotStore(aws.connection()))).rejects.toMatchObject({
      code: 'THROTTLED',
      details: { awsCode: 'RequestLimitExceeded', attempts: 4 },
    });

    expect(aws.unused()).toBe(1);
  });

  test.each([
    'ResourceLimitExceeded',
    'PendingSnapshotLimitExceeded',
    'SnapshotCreationPerVolumeRateExceeded',
    'ConcurrentSnapshotLimitExceeded',
    'UnauthorizedOperation',
  ])('is not repeated on %s', async (awsCode) => {
    const aws = scriptedAws(ec2Error(400, awsCode), success);

    await expect(call(createSnapshotStore(aws.connection()))).rejects.toMatchObject({ details: { awsCode } });

    expect(aws.requests).toHaveLength(1);
  });
});

describe('a read', () => {
  test('is repeated after a 5xx and after a lost answer', async () => {
    const page = ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT })));
    const aws = scriptedAws(ec2Error(500, 'InternalError'), lostAnswer(), page);

    const found = await createSnapshotStore(aws.connection()).findSnapshots([SNAPSHOT]);

    expect(found.map(({ id }) => id)).toEqual([SNAPSHOT]);
    expect(aws.requests).toHaveLength(3);
  });

  test('fails after four attempts', async () => {
    const aws = scriptedAws(
      lostAnswer(),
      lostAnswer(),
      lostAnswer(),
      lostAnswer(),
      ec2('DescribeSnapshots', snapshotSet()),
    );

    await expect(createSnapshotStore(aws.connection()).listPendingSnapshots()).rejects.toMatchObject({
      code: 'TRANSIENT',
    });

    expect(aws.unused()).toBe(1);
  });
});
