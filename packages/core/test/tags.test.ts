import { describe, expect, it } from 'vitest';
import {
  copyDescription,
  copyTags,
  holdTags,
  type Point,
  pointOf,
  snapshotDescription,
  sourceTags,
  TAG,
  type Tags,
  userTagsFit,
  withUserTags,
} from '../src/index.ts';
import {
  AWAY,
  aCopy,
  anInstance,
  aSource,
  aVolume,
  HOME,
  instanceId,
  SLOT,
  snapshotId,
  VAULT,
  volumeId,
} from './builders.ts';

const pointFrom = (snapshot: Parameters<typeof pointOf>[0]): Point => {
  const ownership = pointOf(snapshot, VAULT);
  if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));
  return ownership.point;
};

describe('source tags', () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
  const instance = anInstance(7, [1, 2]);
  const volumes = [
    aVolume(1),
    aVolume(2, { volumeType: 'io2', iops: 64_000, encrypted: true, kmsKeyId: key }),
  ];
  const tags = sourceTags({ vault: VAULT, policy: 'default', slot: SLOT, instance, volumes });

  it('carry the identity of the point and the names that users look for', () => {
    expect(tags).toMatchObject({
      'smart-vault:vault': 'smart-vault',
      'smart-vault:policy': 'default',
      'smart-vault:slot': SLOT,
      'smart-vault:instance': instance.id,
      InstanceId: instance.id,
      Date: '2026-11-22',
    });
  });

  it('write the volume map as documented', () => {
    expect(tags[TAG.volumes]).toBe(
      '00000000000000001:xvda:gp3:100:3000:125:rd 00000000000000002:xvdb1:io2:100:64000:125:e0',
    );
    expect(tags[TAG.keys]).toBe(key);
  });

  it('write the instance and its network as documented', () => {
    expect(tags[TAG.instanceSpec]).toBe('type=m7g.large arch=arm64 boot=uefi root=/dev/xvda az=us-east-1a');
    expect(tags[TAG.network]).toBe('subnet=subnet-0123456789abcdef0 groups=sg-0123456789abcdef0');
  });
});

describe('pointOf', () => {
  it('reads a source, with the volume that EC2 names', () => {
    const point = pointFrom(aSource({ id: 5, volume: 9 }));

    expect(point).toMatchObject({
      snapshotId: snapshotId(5),
      volumeId: volumeId(9),
      slot: SLOT,
      region: HOME,
    });
    expect(point.copiedFrom).toBeUndefined();
  });

  it('reads a copy, with the volume and start time of its source', () => {
    const point = pointFrom(aCopy({ volume: 9, of: 5 }));

    expect(point).toMatchObject({
      volumeId: volumeId(9),
      copiedFrom: HOME,
      originalSnapshotId: snapshotId(5),
    });
    expect(point.startedAt).toBe(Date.parse(SLOT) + 60_000);
  });

  it.each([
    ['no vault tag', { 'smart-vault:vault': undefined }],
    ['the tag of another vault', { 'smart-vault:vault': 'another' }],
    ['the vault name in another case', { 'smart-vault:vault': 'Smart-Vault' }],
  ])('calls a snapshot with %s foreign', (_, change) => {
    expect(pointOf(retagged(aSource(), change), VAULT)).toEqual({ kind: 'foreign' });
  });

  it.each([
    ['no slot', aSource, { 'smart-vault:slot': undefined }],
    ['a slot that is no instant', aSource, { 'smart-vault:slot': '2026-02-31T00:00:00Z' }],
    ['no policy', aSource, { 'smart-vault:policy': '' }],
    ['a wrong instance', aSource, { 'smart-vault:instance': 'web-1' }],
    ['another volume than EC2 says', aSource, { 'smart-vault:volume': volumeId(77) }],
    ['an unreadable condemnation', aSource, { 'smart-vault:condemned-at': 'yesterday' }],
    ['a copy without its volume', aCopy, { 'smart-vault:volume': undefined }],
    ['a copy without its origin', aCopy, { OriginalSnapshotId: undefined }],
    ['an origin without a region', aCopy, { CopiedFrom: 'the moon' }],
    [
      'neither lineage nor volume',
      aCopy,
      { 'smart-vault:volume': undefined, CopiedFrom: undefined, OriginalSnapshotId: undefined },
    ],
  ])('calls a snapshot with %s malformed, and says which tag', (_, build, change) => {
    const ownership = pointOf(retagged(build(), change), VAULT);

    expect(ownership.kind).toBe('malformed');
    const problems = ownership.kind === 'malformed' ? ownership.problems.join() : '';
    expect(problems).toMatch(/tag \S+ (is missing|cannot be read|says)/);
  });

  it.each([
    ['2026-12-31', Date.UTC(2027, 0, 1)],
    ['2026-12-31T12:00:00Z', Date.UTC(2026, 11, 31, 12)],
    ['', 'forever'],
    ['yes', 'forever'],
    ['1', 'forever'],
    ['31.12.2026', 'forever'],
  ])('reads the hold %j', (value, until) => {
    expect(pointFrom(aSource({ tags: { 'backup:hold': value } })).hold).toEqual({ until });
  });

  it('does not take a property of every object for a tag', () => {
    const tags = Object.create({ 'smart-vault:vault': VAULT }) as Tags;

    expect(pointOf(aSource({}, { tags }), VAULT)).toEqual({ kind: 'foreign' });
  });

  it('reads a point whose restore facts are lost', () => {
    const point = pointFrom(
      aSource({ tags: { 'smart-vault:volumes': '::: nonsense', 'smart-vault:network': '=' } }),
    );

    expect(point.volumes).toEqual([]);
    expect(point.instance).toEqual({ instanceType: '', architecture: '', securityGroupIds: [] });
  });
});

describe('user tags', () => {
  it('never replace or imitate ours', () => {
    const user = {
      Name: 'db',
      'aws:cloudformation:stack-name': 'x',
      'smart-vault:slot': 'x',
      'smart-vault:extra': 'x',
      CopiedFrom: 'x',
      OriginalSnapshotId: 'x',
      'backup:hold': 'x',
      Date: 'x',
    };

    expect(withUserTags({ InstanceId: 'i-1' }, user)).toEqual({ InstanceId: 'i-1', Name: 'db' });
  });

  it('fill the tags that are left, in the order of their keys, and leave room to condemn and to hold', () => {
    const user = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`k${String(i).padStart(2, '0')}`, 'v']),
    );

    const tags = withUserTags({ a: '1', b: '2' }, user);

    expect(Object.keys(tags)).toHaveLength(48);
    expect(tags).toHaveProperty('k45');
    expect(tags).not.toHaveProperty('k46');
  });

  it('may be copied by EC2 only when they all fit and none is ours', () => {
    const ours = { InstanceId: 'i-1' };
    const many = Object.fromEntries(Array.from({ length: 48 }, (_, i) => [`k${i}`, 'v']));

    expect(userTagsFit(ours, [aVolume(1, { tags: { Name: 'x', 'aws:x': 'y' } })])).toBe(true);
    expect(userTagsFit(ours, [aVolume(1), aVolume(2, { tags: many })])).toBe(false);
    expect(userTagsFit(ours, [aVolume(1, { tags: { InstanceId: 'i-2' } })])).toBe(false);
    expect(userTagsFit(ours, [aVolume(1, { tags: { CopiedFrom: 'x' } })])).toBe(false);
  });
});

describe('copy tags', () => {
  const source = aSource({
    id: 4,
    volume: 2,
    condemnedAt: 0,
    tags: {
      Name: 'db',
      'backup:hold': 'x',
      'backup:hold-reason': 'why',
      'aws:backup:source': 'y',
      'smart-vault:volumes-2': 'more',
    },
  });
  const tags = copyTags(source, pointFrom(source));

  it('say where the copy comes from', () => {
    expect(tags).toMatchObject({
      CopiedFrom: HOME,
      OriginalSnapshotId: snapshotId(4),
      Date: '2026-11-22',
      'smart-vault:volume': volumeId(2),
      'smart-vault:started-at': '2026-11-22T03:01:00.000Z',
    });
  });

  it('carry what the source carries, but its condemnation, its hold and tags of AWS', () => {
    expect(tags).toMatchObject({ Name: 'db', 'smart-vault:slot': SLOT, 'smart-vault:volumes-2': 'more' });
    expect(Object.keys(tags).filter((key) => /condemned|hold|^aws:/.test(key))).toEqual([]);
  });

  it('make a point that reads like its source', () => {
    const copy = {
      ...source,
      id: snapshotId(99),
      region: AWAY,
      volumeId: 'vol-ffffffff',
      startedAt: 0,
      tags,
    };

    const { condemnedAt: _c, hold: _h, ...original } = pointFrom(source);
    expect(pointFrom(copy)).toEqual({
      ...original,
      snapshotId: snapshotId(99),
      region: AWAY,
      copiedFrom: HOME,
      originalSnapshotId: snapshotId(4),
    });
  });
});

it('describes snapshots and copies as users expect', () => {
  expect(snapshotDescription(instanceId(1), SLOT)).toBe('Backup-i-00000000000000001-2026-11-22');
  expect(copyDescription(HOME, SLOT)).toBe('Copied from us-east-1 on 2026-11-22');
});

function retagged(
  snapshot: ReturnType<typeof aSource>,
  change: Record<string, string | undefined>,
): typeof snapshot {
  const tags = Object.fromEntries(
    Object.entries({ ...snapshot.tags, ...change }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  return { ...snapshot, tags };
}

describe('holdTags', () => {
  it('are read as the hold that they were made from, to the second', () => {
    const until = Date.parse('2027-01-31T23:59:59Z');
    expect(pointFrom(aSource({ tags: holdTags(until, 'case 4711') })).hold).toEqual({
      until,
      reason: 'case 4711',
    });
    expect(pointFrom(aSource({ tags: holdTags('forever', ' ') })).hold).toEqual({ until: 'forever' });
  });

  it('cut the reason to what a tag takes, on one line', () => {
    const reason = holdTags('forever', `a\nb ${'x'.repeat(300)}`)['backup:hold-reason'] ?? '';
    expect(reason).toHaveLength(256);
    expect(reason).toMatch(/^a b x/);
  });
});
