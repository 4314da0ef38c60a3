import fc from 'fast-check';
import { expect, it } from 'vitest';
import { selectUnits } from '../src/index.ts';
import { anInstance, aVolume } from './builders.ts';

const fleet = fc.record({
  instances: fc.uniqueArray(
    fc.record({
      id: fc.nat(12),
      volumes: fc.array(fc.nat(15), { maxLength: 6 }),
      state: fc.constantFrom(
        'pending',
        'running',
        'stopping',
        'stopped',
        'shutting-down',
        'terminated' as const,
      ),
    }),
    { selector: (each) => each.id, maxLength: 8 },
  ),
  volumes: fc.uniqueArray(
    fc.record({
      id: fc.nat(15),
      state: fc.constantFrom('in-use', 'available', 'creating', 'deleting', 'deleted', 'error' as const),
      tags: fc.constantFrom({}, { backup: 'false' }, { backup: 'true' }, { Name: 'x' }),
    }),
    { selector: (each) => each.id },
  ),
});
const consistency = fc.constantFrom('instance', 'volume' as const);
const build = ({ instances, volumes }: typeof fleet extends fc.Arbitrary<infer T> ? T : never) => ({
  instances: instances.map(({ id, volumes: ids, state }) => anInstance(id, ids, { state })),
  volumes: volumes.map(({ id, state, tags }) => aVolume(id, { state, tags: tags as Record<string, string> })),
});

it('puts every attached volume of a taken instance into exactly one unit or one exclusion', () => {
  fc.assert(
    fc.property(fleet, consistency, (facts, mode) => {
      const { instances, volumes } = build(facts);

      const { units, excluded, empty } = selectUnits(instances, volumes, mode);

      for (const instance of instances) {
        const taken = ['pending', 'running', 'stopping', 'stopped'].includes(instance.state);
        const mine = units
          .filter((unit) => unit.instanceId === instance.id)
          .flatMap((unit) => unit.volumeIds);
        const out = excluded.filter((each) => each.instanceId === instance.id).map((each) => each.volumeId);
        const attached = taken ? [...new Set(instance.devices.map((device) => device.volumeId))] : [];
        expect([...mine, ...out].sort()).toEqual([...attached].sort());
        expect(empty.some((each) => each.instanceId === instance.id)).toBe(mine.length === 0);
      }
      const inUnits = units.flatMap((unit) => unit.volumeIds);
      expect(new Set(inUnits).size).toBe(inUnits.length);
      expect(new Set(units.map((unit) => unit.id)).size).toBe(units.length);
      for (const id of inUnits) {
        const volume = volumes.find((each) => each.id === id);
        expect(volume?.tags['backup']).not.toBe('false');
        expect(['in-use', 'available', 'creating']).toContain(volume?.state);
      }
    }),
    { numRuns: 300 },
  );
});

it('does not depend on the order of the lists', () => {
  fc.assert(
    fc.property(fleet, consistency, (facts, mode) => {
      const { instances, volumes } = build(facts);

      const backwards = selectUnits([...instances].reverse(), [...volumes].reverse(), mode);

      expect(backwards).toEqual(selectUnits(instances, volumes, mode));
    }),
  );
});
