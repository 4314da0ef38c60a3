import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyTags, decodeInstanceTags, pointOf, sourceTags, userTagsFit } from '../src/index.ts';
import { anInstance, aSource, aVolume, SLOT, VAULT } from './builders.ts';

const tagsOf = (tags: Record<string, string>, volumes = 1) => {
  const numbers = Array.from({ length: volumes }, (_, index) => index + 1);
  const instance = anInstance(1, numbers, { tags });
  const unit = { vault: VAULT, policy: 'default', slot: SLOT, instance };
  return sourceTags({ ...unit, volumes: numbers.map((number) => aVolume(number)) });
};

describe('the tags of the instance', () => {
  it('are written as documented: how many found no room, the name, and the others by their keys', () => {
    expect(tagsOf({ team: 'core', Name: 'db 1', backup: 'true' })['smart-vault:instance-tags']).toBe(
      '+0 Name=db@00201 backup=true team=core',
    );
  });

  it('come back from a copy, but those of AWS and of ours', () => {
    const theirs = {
      Name: 'db',
      Größe: 'L = 3:4',
      'aws:autoscaling:groupName': 'x',
      'smart-vault:restore': 'x',
    };
    const source = aSource({ tags: tagsOf(theirs) });
    const ownership = pointOf(source, VAULT);
    if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));

    expect(decodeInstanceTags(copyTags(source, ownership.point))).toEqual({
      tags: { Name: 'db', Größe: 'L = 3:4' },
      leftOut: 0,
      known: true,
    });
  });

  it('are counted when they find no room, beside 128 volumes too', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1, maxLength: 127 }), fc.string({ maxLength: 256 }), {
          maxKeys: 48,
        }),
        fc.constantFrom(1, 6, 128),
        (given, volumes) => {
          const theirs = Object.fromEntries(
            Object.entries(given).filter(
              ([key]) => !/^(aws:|smart-vault:|backup:hold$|Date$|InstanceId$)/i.test(key),
            ),
          );

          const tags = tagsOf(theirs, volumes);
          const read = decodeInstanceTags(tags);

          expect(Object.keys(tags).length).toBeLessThanOrEqual(44);
          for (const value of Object.values(tags)) expect(value.length).toBeLessThanOrEqual(256);
          for (const [key, value] of Object.entries(read.tags)) expect(theirs[key]).toBe(value);
          expect(Object.keys(read.tags).length + read.leftOut).toBe(Object.keys(theirs).length);
        },
      ),
    );
  });

  it('are unknown for snapshots of before', () => {
    expect(decodeInstanceTags({})).toEqual({ tags: {}, leftOut: 0, known: false });
  });
});

it('lets EC2 copy the tags of a volume that a restore made, and leaves those of the restore behind on copies', () => {
  const restored = { Name: 'db', 'smart-vault:restore': 'r', 'smart-vault:restore-step': 's' };
  const source = aSource({ tags: restored });
  const ownership = pointOf(source, VAULT);
  if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));

  expect(userTagsFit(tagsOf({}), [aVolume(1, { tags: restored })])).toBe(true);
  expect(Object.keys(copyTags(source, ownership.point)).filter((key) => /restore/.test(key))).toEqual([]);
});
