import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planUnit, pointOf, type SnapshotUnitMessage, slotAt, type UnitPlanInput } from '../src/index.ts';
import {
  anInstance,
  aSource,
  aVolume,
  instanceId,
  NOW,
  SLOT,
  slotDaysAgo,
  VAULT,
  volumeId,
} from './builders.ts';

const snapshot = fc
  .record({
    id: fc.nat(1_000),
    volume: fc.integer({ min: 1, max: 8 }),
    state: fc.constantFrom('pending', 'completed', 'error', 'recoverable', 'recovering' as const),
    slot: fc.constantFrom(SLOT, SLOT, slotDaysAgo(1)),
    vault: fc.constantFrom(VAULT, VAULT, 'other'),
    policy: fc.constantFrom('default', 'default', 'weekly'),
  })
  .map(({ state, ...facts }) => aSource(facts, { state }));

const input: fc.Arbitrary<UnitPlanInput> = fc
  .record({
    wanted: fc.uniqueArray(fc.integer({ min: 1, max: 8 }), { minLength: 1 }),
    attached: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 }),
    state: fc.constantFrom('running', 'stopped', 'terminated', 'shutting-down', undefined),
    found: fc.uniqueArray(
      fc.record({
        id: fc.integer({ min: 1, max: 8 }),
        state: fc.constantFrom('in-use', 'in-use', 'available', 'deleting', 'error' as const),
        tags: fc.constantFrom<Record<string, string>>({}, {}, { backup: 'false' }, { Name: 'x' }),
      }),
      { selector: (each) => each.id },
    ),
    existing: fc.array(snapshot, { maxLength: 12 }),
  })
  .map(({ wanted, attached, state, found, existing }) => {
    const message: SnapshotUnitMessage = {
      v: 1,
      kind: 'snapshot-unit',
      vault: VAULT,
      policy: 'default',
      slot: SLOT,
      unit: instanceId(1),
      instanceId: instanceId(1),
      volumeIds: wanted.map(volumeId),
      firstSeenAt: NOW,
    };
    return {
      message,
      instance: state === undefined ? undefined : anInstance(1, attached, { state }),
      volumes: found.map(({ id, ...with_ }) => aVolume(id, with_)),
      existing,
      now: NOW,
    };
  });

it('never plans a volume that has a good or pending snapshot, and accounts for every other', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planUnit(given);

      const made =
        plan.kind === 'create-set'
          ? plan.volumeIds
          : plan.kind === 'create-each'
            ? plan.requests.map((r) => r.volumeId)
            : [];
      const gone = plan.kind === 'done' ? undefined : plan.gone.map((each) => each.volumeId);
      // The oracle: a plain reading of the tags, without pointOf.
      const has = (id: string): boolean =>
        given.existing.some(
          ({ tags, state, volumeId: of }) =>
            of === id &&
            (state === 'completed' || state === 'pending') &&
            tags['smart-vault:slot'] === SLOT &&
            tags['smart-vault:vault'] === VAULT &&
            tags['smart-vault:policy'] === 'default',
        );
      expect(new Set(made).size).toBe(made.length);
      for (const id of made) {
        expect(has(id)).toBe(false);
        expect(given.message.volumeIds).toContain(id);
        expect(given.instance?.devices.map((device) => device.volumeId)).toContain(id);
        const volume = given.volumes.find((each) => each.id === id);
        expect(volume?.tags['backup']).not.toBe('false');
        expect(['in-use', 'available']).toContain(volume?.state);
      }
      if (gone !== undefined) {
        const rest = given.message.volumeIds.filter((id) => !has(id));
        expect([...made, ...gone].sort()).toEqual([...rest].sort());
      }
    }),
    { numRuns: 500 },
  );
});

it('makes sets that hold exactly the wanted volumes, in a call that EC2 takes', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planUnit(given);
      if (plan.kind !== 'create-set' || given.instance === undefined) return;

      const { request } = plan;
      const taken = given.instance.devices.filter(
        (device) =>
          !(request.excludeBootVolume && device.deviceName === given.instance?.rootDeviceName) &&
          !request.excludeDataVolumeIds.includes(device.volumeId),
      );
      expect(taken.map((device) => device.volumeId).sort()).toEqual([...plan.volumeIds].sort());
      expect(plan.volumeIds.length).toBeGreaterThan(1);
      expect(request.excludeDataVolumeIds.length).toBeLessThanOrEqual(40);
      const root = given.instance.devices.find(
        (device) => device.deviceName === given.instance?.rootDeviceName,
      );
      expect(request.excludeDataVolumeIds).not.toContain(root?.volumeId);
    }),
    { numRuns: 500 },
  );
});

it('is born owned: what it makes is read back as a point of this key, and planning again makes nothing', () => {
  fc.assert(
    fc.property(input, (given) => {
      const plan = planUnit(given);
      const requests =
        plan.kind === 'create-each'
          ? plan.requests.map((request) => ({ tags: request.tags, volume: request.volumeId }))
          : plan.kind === 'create-set'
            ? plan.volumeIds.map((volume) => ({ tags: plan.request.tags, volume }))
            : [];
      const made = requests.map(({ tags, volume }, index) =>
        aSource({ id: 5_000 + index, slot: slotAt(NOW) }, { tags, volumeId: volume, state: 'pending' }),
      );

      for (const each of made)
        expect(pointOf(each, VAULT)).toMatchObject({
          kind: 'owned',
          point: { slot: SLOT, policy: 'default' },
        });
      const again = planUnit({ ...given, existing: [...given.existing, ...made] });
      expect(['done', 'gone']).toContain(again.kind);
    }),
    { numRuns: 300 },
  );
});
