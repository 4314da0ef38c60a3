import { describe, expect, it } from 'vitest';
import { selectUnits } from '../src/index.ts';
import { anInstance, aVolume, instanceId, volumeId } from './builders.ts';

describe('selection', () => {
  it('makes one unit of an instance with its volumes', () => {
    const selection = selectUnits([anInstance(1, [1, 2])], [aVolume(1), aVolume(2)], 'instance');

    expect(selection).toEqual({
      units: [{ id: instanceId(1), instanceId: instanceId(1), volumeIds: [volumeId(1), volumeId(2)] }],
      excluded: [],
      empty: [],
    });
  });

  it('calls the unit of an instance with one volume after the instance too', () => {
    expect(selectUnits([anInstance(1, [9])], [aVolume(9)], 'instance').units[0]?.id).toBe(instanceId(1));
  });

  it('makes one unit of each volume when consistency is by volume', () => {
    const { units } = selectUnits([anInstance(1, [1, 2])], [aVolume(1), aVolume(2)], 'volume');

    expect(units.map((unit) => [unit.id, unit.volumeIds])).toEqual([
      [volumeId(1), [volumeId(1)]],
      [volumeId(2), [volumeId(2)]],
    ]);
  });

  it.each([
    ['running', 1],
    ['stopped', 1],
    ['stopping', 1],
    ['pending', 1],
    ['shutting-down', 0],
    ['terminated', 0],
  ] as const)('takes %i unit of an instance that is %s', (state, count) => {
    const { units, empty } = selectUnits([anInstance(1, [1], { state })], [aVolume(1)], 'instance');

    expect(units).toHaveLength(count);
    expect(empty).toHaveLength(1 - count);
  });

  it.each([
    ['opted-out', aVolume(2, { tags: { backup: 'false' } })],
    ['opted-out', aVolume(2, { tags: { backup: ' FALSE ' } })],
    ['deleting', aVolume(2, { state: 'deleting' })],
    ['gone', undefined],
  ] as const)('leaves out a volume as %s, says so, and takes the others', (reason, volume) => {
    const selection = selectUnits(
      [anInstance(1, [1, 2])],
      [aVolume(1), ...(volume ? [volume] : [])],
      'instance',
    );

    expect(selection.units[0]?.volumeIds).toEqual([volumeId(1)]);
    expect(selection.excluded).toMatchObject([{ volumeId: volumeId(2), instanceId: instanceId(1), reason }]);
    expect(selection.excluded[0]?.text).toMatch(/\w+ \w+/);
  });

  it('does not read backup=true or another tag on a volume as an opt-out', () => {
    const volumes = [aVolume(1, { tags: { backup: 'true' } }), aVolume(2, { tags: { Backup: 'false' } })];

    expect(selectUnits([anInstance(1, [1, 2])], volumes, 'instance').units[0]?.volumeIds).toHaveLength(2);
  });

  it('gives a shared volume to the lowest instance id, whatever the order', () => {
    const instances = [anInstance(2, [1, 2]), anInstance(1, [1])];

    const { units, excluded } = selectUnits(instances, [aVolume(1), aVolume(2)], 'instance');

    expect(units.map((unit) => [unit.id, unit.volumeIds])).toEqual([
      [instanceId(1), [volumeId(1)]],
      [instanceId(2), [volumeId(2)]],
    ]);
    expect(excluded).toMatchObject([
      { volumeId: volumeId(1), instanceId: instanceId(2), reason: 'attached-elsewhere' },
    ]);
  });

  it('tells which instances have nothing to snapshot', () => {
    const { empty } = selectUnits(
      [anInstance(1, []), anInstance(2, [2])],
      [aVolume(2, { tags: { backup: 'false' } })],
      'volume',
    );

    expect(empty).toEqual([
      { instanceId: instanceId(1), reason: 'it has no EBS volume' },
      { instanceId: instanceId(2), reason: 'all its volumes are left out' },
    ]);
  });
});
