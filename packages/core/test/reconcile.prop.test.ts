import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  planCopy,
  planPrune,
  planReconcile,
  type ReconcileInputs,
  type Region,
  type Snapshot,
} from '../src/index.ts';
import {
  AWAY,
  aCopy,
  anInventory,
  aPolicy,
  aSource,
  HOME,
  HOUR,
  instanceId,
  NOW,
  SLOT,
  slotDaysAgo,
  VAULT,
  volumeId,
} from './builders.ts';

const state = fc.constantFrom('completed', 'completed', 'completed', 'pending', 'error' as const);
const facts = fc.record({
  volume: fc.integer({ min: 1, max: 3 }),
  daysAgo: fc.integer({ min: 0, max: 12 }),
  state,
  condemned: fc.integer({ min: 0, max: 8 }).map((n) => n === 0),
  of: fc.integer({ min: 1, max: 12 }),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;
const named = (each: Facts) => ({
  volume: each.volume,
  slot: slotDaysAgo(each.daysAgo),
  ...(each.condemned ? { condemnedAt: NOW - HOUR } : {}),
});

const inputs: fc.Arbitrary<ReconcileInputs> = fc
  .record({
    sources: fc.array(facts, { maxLength: 12, size: 'max' }),
    copies: fc.array(facts, { maxLength: 12, size: 'max' }),
    units: fc.uniqueArray(fc.integer({ min: 1, max: 3 })),
    retentionDays: fc.integer({ min: 1, max: 10 }),
    keepMin: fc.integer({ min: 1, max: 3 }),
    hours: fc.nat(72),
  })
  .map(({ sources, copies, units, hours, ...policy }) => ({
    now: NOW + hours * HOUR,
    vault: VAULT,
    policy: aPolicy(policy),
    latestSlot: SLOT,
    selection: {
      units: units.map((number) => ({
        id: instanceId(number),
        instanceId: instanceId(number),
        volumeIds: [volumeId(number)],
      })),
      excluded: [],
      empty: [],
    },
    sourceSnapshots: sources.map((each, index) =>
      aSource({ id: index + 1, ...named(each) }, { state: each.state }),
    ),
    copies: new Map<Region, Snapshot[]>([
      [
        AWAY,
        copies.map((each, index) =>
          aCopy({ id: index + 1_001, of: each.of, ...named(each) }, { state: each.state }),
        ),
      ],
    ]),
    queues: { volumesWaiting: 0, copiesWaiting: new Map() },
    // Every run may enqueue, whatever the age: back-off has tests of its own.
    intervalMs: 1_000_000 * HOUR,
  }));

/** The world when everything that was enqueued has been done, by the planners that will do it. */
function done(given: ReconcileInputs): ReconcileInputs {
  const plan = planReconcile(given);
  let count = 5_000;
  const nextId = (): number => {
    count += 1;
    return count;
  };
  const made = plan.snapshotUnits.flatMap(({ message }) =>
    message.volumeIds.map((volume) =>
      aSource(
        { id: nextId(), slot: message.slot },
        { volumeId: volume, startedAt: given.now, completedAt: given.now },
      ),
    ),
  );
  const copies = new Map([...given.copies].map(([region, list]) => [region, [...list]]));
  for (const { region, message } of plan.copies) {
    const source = given.sourceSnapshots.find((each) => each.id === message.snapshotId);
    const list = copies.get(region) ?? [];
    const copy = planCopy({
      message,
      source,
      existing: list.filter((each) => each.tags['OriginalSnapshotId'] === message.snapshotId),
      vault: VAULT,
      destination: region,
      messageAgeMs: 0,
      now: given.now,
    });
    if (copy.kind === 'copy')
      list.push(
        aCopy(
          { id: nextId(), region },
          { tags: copy.request.tags, startedAt: given.now, completedAt: given.now },
        ),
      );
  }
  return { ...given, sourceSnapshots: [...given.sourceSnapshots, ...made], copies };
}

it('comes to rest: when what it asked for is done, it asks for nothing more than copies of that', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const first = done(given);
      expect(planReconcile(first).snapshotUnits).toEqual([]);

      const later = { ...first, now: first.now + 2 * HOUR };
      const second = done(later);
      const third = planReconcile({ ...second, now: second.now + 2 * HOUR });
      expect(third.snapshotUnits).toEqual([]);
      expect(third.copies).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

it('never makes what retention would remove', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const before = new Set(
        [...given.sourceSnapshots, ...(given.copies.get(AWAY) ?? [])].map((each) => each.id),
      );
      const after = done(given);
      const plan = planPrune({
        now: after.now,
        vault: VAULT,
        policy: given.policy,
        source: HOME,
        limits: { deletesPerRunMax: 1_000, deleteShareMax: 1 },
        regions: [anInventory(HOME, after.sourceSnapshots), anInventory(AWAY, after.copies.get(AWAY) ?? [])],
      });

      for (const decision of plan.decisions)
        if (!before.has(decision.snapshotId)) expect(decision.kind).toBe('keep');
    }),
    { numRuns: 500 },
  );
});

it('asks for each missing thing once, and only for what is missing', () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const plan = planReconcile(given);

      const units = plan.snapshotUnits.map(({ message }) => message.unit);
      expect(new Set(units).size).toBe(units.length);
      for (const { message } of plan.snapshotUnits) {
        const covered = given.sourceSnapshots
          .filter((each) => each.tags['smart-vault:slot'] === SLOT && each.state !== 'error')
          .map((each) => each.volumeId);
        expect(message.volumeIds.every((id) => covered.includes(id))).toBe(false);
      }
      const keys = plan.copies.map(({ message }) => {
        const source = given.sourceSnapshots.find((each) => each.id === message.snapshotId) as Snapshot;
        expect(source.state).toBe('completed');
        const twin = (given.copies.get(AWAY) ?? []).find(
          (each) =>
            each.state !== 'error' &&
            each.tags['smart-vault:volume'] === source.volumeId &&
            each.tags['smart-vault:slot'] === source.tags['smart-vault:slot'],
        );
        expect(twin).toBeUndefined();
        return `${source.volumeId} ${source.tags['smart-vault:slot']}`;
      });
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 300 },
  );
});

it('backs off: in hourly runs over a week, a thing that always fails is enqueued some 18 times', () => {
  fc.assert(
    fc.property(fc.nat(3_599_999), (jitter) => {
      const runs = Array.from({ length: 24 * 7 }, (_, hour) => {
        const now = Date.parse(SLOT) + hour * HOUR + jitter;
        const selection = {
          units: [{ id: instanceId(1), instanceId: instanceId(1), volumeIds: [volumeId(1)] }],
          excluded: [],
          empty: [],
        };
        const queues = { volumesWaiting: 0, copiesWaiting: new Map<Region, number>() };
        return planReconcile({
          now,
          vault: VAULT,
          policy: aPolicy(),
          latestSlot: SLOT,
          selection,
          sourceSnapshots: [],
          copies: new Map(),
          queues,
        }).snapshotUnits.length;
      });

      const total = runs.reduce((sum, each) => sum + each, 0);
      expect(total).toBe(4 + 13);
      // Nothing waits longer than half a day for its next attempt.
      const at = runs.flatMap((each, hour) => (each > 0 ? [hour] : []));
      for (const [index, hour] of at.entries()) expect(hour - (at[index - 1] ?? 0)).toBeLessThanOrEqual(12);
    }),
    { numRuns: 20 },
  );
});
