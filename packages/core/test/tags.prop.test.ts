import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copyTags,
  type Instance,
  pointOf,
  sourceTags,
  type Tags,
  type Volume,
  withUserTags,
} from '../src/index.ts';
import { AWAY, anInstance, aSource, aVolume, HOME, SLOT, snapshotId, VAULT, volumeId } from './builders.ts';

/** Characters that AWS allows in tag values in every service. */
const ALLOWED = /^[A-Za-z0-9 _.:/=+@-]*$/;

const device = fc.oneof(
  fc.constantFrom('/dev/xvda', '/dev/sdf', 'xvdf', '/dev/nvme1n1'),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const kmsKey = fc.uuid().map((uuid) => `arn:aws:kms:us-east-1:123456789012:key/${uuid}`);
const volumeFacts = (keys: readonly string[]) =>
  fc.record(
    {
      device,
      volumeType: fc.constantFrom('gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'),
      sizeGiB: fc.integer({ min: 1, max: 65_536 }),
      iops: fc.integer({ min: 100, max: 256_000 }),
      throughput: fc.integer({ min: 125, max: 2_000 }),
      key: fc.constantFrom(undefined, ...keys),
      encrypted: fc.boolean(),
      deleteOnTermination: fc.boolean(),
    },
    { requiredKeys: ['device', 'volumeType', 'sizeGiB', 'encrypted', 'deleteOnTermination'] },
  );

interface UnitFacts {
  readonly instance: Instance;
  readonly volumes: readonly Volume[];
}
const unitOf = (maxVolumes: number, maxKeys: number): fc.Arbitrary<UnitFacts> =>
  fc.uniqueArray(kmsKey, { maxLength: maxKeys }).chain((keys) =>
    fc
      .record({
        facts: fc.array(volumeFacts(keys), { minLength: 1, maxLength: maxVolumes }),
        instanceProfile: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
        groups: fc.integer({ min: 0, max: 16 }),
      })
      .map(({ facts, instanceProfile, groups }) => ({
        instance: anInstance(1, [], {
          rootDeviceName: facts[0]?.device ?? '',
          securityGroupIds: Array.from({ length: groups }, (_, i) => `sg-${String(i).padStart(17, '0')}`),
          ...(instanceProfile ? { instanceProfile } : {}),
          devices: facts.map((each, index) => ({
            volumeId: volumeId(index + 1),
            deviceName: each.device,
            deleteOnTermination: each.deleteOnTermination,
          })),
        }),
        volumes: facts.map((each, index) => {
          const { iops: _i, throughput: _t, ...base } = aVolume(index + 1);
          return {
            ...base,
            volumeType: each.volumeType,
            sizeGiB: each.sizeGiB,
            encrypted: each.encrypted,
            ...(each.iops === undefined ? {} : { iops: each.iops }),
            ...(each.throughput === undefined ? {} : { throughput: each.throughput }),
            ...(each.encrypted && each.key !== undefined ? { kmsKeyId: each.key } : {}),
          };
        }),
      })),
  );

const tagsOf = ({ instance, volumes }: UnitFacts): Tags =>
  sourceTags({ vault: VAULT, policy: 'default', slot: SLOT, instance, volumes });
const decode = (tags: Tags) => {
  const ownership = pointOf(aSource({}, { tags }), VAULT);
  if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));
  return ownership.point;
};

describe('tags of a unit', () => {
  it('give back every volume and the instance exactly', () => {
    fc.assert(
      fc.property(unitOf(20, 3), (unit) => {
        const { volumes, instance } = decode(tagsOf(unit));

        expect(volumes).toEqual(
          unit.volumes.map((volume, index) => ({
            volumeId: volume.id,
            deviceName: unit.instance.devices[index]?.deviceName,
            volumeType: volume.volumeType,
            sizeGiB: volume.sizeGiB,
            ...(volume.iops === undefined ? {} : { iops: volume.iops }),
            ...(volume.throughput === undefined ? {} : { throughput: volume.throughput }),
            encrypted: volume.encrypted,
            ...(volume.kmsKeyId === undefined ? {} : { kmsKeyId: volume.kmsKeyId }),
            root: unit.instance.devices[index]?.deviceName === unit.instance.rootDeviceName,
            deleteOnTermination: unit.instance.devices[index]?.deleteOnTermination,
          })),
        );
        expect(instance.securityGroupIds).toEqual(unit.instance.securityGroupIds);
        expect(instance.instanceProfile).toEqual(unit.instance.instanceProfile);
      }),
    );
  });

  it('stay within what EC2 allows: 50 tags, 256 characters, characters that are legal everywhere', () => {
    fc.assert(
      fc.property(
        unitOf(128, 128),
        fc.dictionary(fc.string(), fc.string(), { maxKeys: 60 }),
        (unit, user) => {
          const ours = tagsOf(unit);
          const source = aSource({}, { tags: withUserTags(ours, user) });
          const ownership = pointOf(source, VAULT);
          const copied = ownership.kind === 'owned' ? copyTags(source, ownership.point) : {};

          for (const value of Object.values(ours)) {
            expect(value.length).toBeLessThanOrEqual(256);
            expect(value).toMatch(ALLOWED);
          }
          // Two are left for condemned-at and backup:hold.
          expect(Object.keys(source.tags).length).toBeLessThanOrEqual(48);
          expect(Object.keys(copied).length).toBeLessThanOrEqual(48);
          expect(copied).toMatchObject(ours);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('hold all 128 volumes of the largest instance, at the longest that real values get', () => {
    const numbers = Array.from({ length: 128 }, (_, index) => index + 1);
    const key = 'arn:aws:kms:ap-southeast-2:123456789012:key/11111111-2222-3333-4444-555555555555';
    const volumes = numbers.map((number) =>
      aVolume(number, {
        volumeType: 'standard',
        sizeGiB: 65_536,
        iops: 256_000,
        throughput: 2_000,
        encrypted: true,
        kmsKeyId: key,
      }),
    );
    const instance = anInstance(1, numbers, {
      securityGroupIds: Array.from({ length: 16 }, (_, i) => `sg-${String(i).padStart(17, '0')}`),
    });

    const tags = tagsOf({ instance, volumes });

    expect(Object.keys(tags).length).toBeLessThanOrEqual(44);
    const decoded = decode(tags).volumes;
    expect(decoded.map((volume) => volume.volumeId)).toEqual(numbers.map(volumeId));
    expect(new Set(decoded.map((volume) => volume.kmsKeyId))).toEqual(new Set([key]));
  });

  it('survive the copy: a copy reads like its source, with the source region gone', () => {
    fc.assert(
      fc.property(unitOf(128, 3), (unit) => {
        const source = aSource({ id: 3 }, { tags: tagsOf(unit) });
        const point = decode(source.tags);
        const copy = {
          ...source,
          id: snapshotId(4),
          region: AWAY,
          volumeId: 'vol-ffffffff',
          startedAt: 1,
          tags: copyTags(source, point),
        };

        const read = pointOf(copy, VAULT);

        expect(read).toEqual({
          kind: 'owned',
          point: {
            ...point,
            snapshotId: copy.id,
            region: AWAY,
            copiedFrom: HOME,
            originalSnapshotId: source.id,
          },
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe('pointOf', () => {
  const key = fc.oneof(
    fc.constantFrom(
      'smart-vault:vault',
      'smart-vault:policy',
      'smart-vault:slot',
      'smart-vault:instance',
      'smart-vault:volume',
      'smart-vault:volumes',
      'smart-vault:volumes-2',
      'smart-vault:keys',
      'smart-vault:network',
      'smart-vault:instance-spec',
      'smart-vault:condemned-at',
      'CopiedFrom',
      'OriginalSnapshotId',
      'backup:hold',
      '__proto__',
      'constructor',
    ),
    fc.string(),
  );
  const value = fc.oneof(
    fc.string(),
    fc.constantFrom(VAULT, SLOT, HOME, 'default', 'r', ':::::::', '1:2:3:4:5:6:7'),
  );

  it('never throws, and never owns what lacks our vault tag', () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), (tags) => {
        const ownership = pointOf(aSource({}, { tags }), VAULT);

        if (tags['smart-vault:vault'] !== VAULT) expect(ownership).toEqual({ kind: 'foreign' });
        else expect(['owned', 'malformed']).toContain(ownership.kind);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never throws on damage to real tags', () => {
    const tags = tagsOf({
      instance: anInstance(1, [1, 2, 3]),
      volumes: [aVolume(1), aVolume(2), aVolume(3)],
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(tags)),
        fc.nat(256),
        fc.string({ maxLength: 5 }),
        (name, at, junk) => {
          const whole = tags[name] ?? '';
          const damaged = { ...tags, [name]: whole.slice(0, at) + junk + whole.slice(at + junk.length) };

          expect(() => pointOf(aSource({}, { tags: damaged }), VAULT)).not.toThrow();
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
