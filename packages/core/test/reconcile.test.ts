import { describe, expect, it } from 'vitest';
import {
  type DeadLetter,
  planReconcile,
  type ReconcileInputs,
  type Region,
  type Slot,
  type Snapshot,
  type Unit,
} from '../src/index.ts';
import {
  AWAY,
  aCopy,
  aPolicy,
  aSource,
  DAY,
  FAR,
  HOUR,
  instanceId,
  NOW,
  SLOT,
  slotDaysAgo,
  snapshotId,
  VAULT,
  volumeId,
} from './builders.ts';

const unit = (instance: number, ...volumes: readonly number[]): Unit => ({
  id: instanceId(instance),
  instanceId: instanceId(instance),
  volumeIds: volumes.map(volumeId),
});
/** `NOW` is four hours after the slot, a moment at which work is enqueued. */
const given = (with_: Partial<ReconcileInputs> = {}): ReconcileInputs => ({
  now: NOW,
  vault: VAULT,
  policy: aPolicy(),
  latestSlot: SLOT,
  selection: { units: [], excluded: [], empty: [] },
  sourceSnapshots: [],
  copies: new Map([[AWAY, []]]),
  queues: { volumesWaiting: 0, copiesWaiting: new Map() },
  ...with_,
});
const withUnits = (...units: readonly Unit[]): Pick<ReconcileInputs, 'selection'> => ({
  selection: { units, excluded: [], empty: [] },
});
/** A source that was completed so long ago. */
const completed = (hoursAgo: number, facts: Parameters<typeof aSource>[0] = {}): Snapshot =>
  aSource(facts, { completedAt: NOW - hoursAgo * HOUR });

describe('the newest slot', () => {
  it('is made up for when a volume has no snapshot of it, with the whole unit', () => {
    const plan = planReconcile(
      given({
        ...withUnits(unit(1, 1, 2)),
        sourceSnapshots: [aSource({ volume: 1 })],
        copies: new Map([[AWAY, [aCopy()]]]),
      }),
    );

    expect(plan.snapshotUnits).toEqual([
      {
        message: {
          v: 1,
          kind: 'snapshot-unit',
          vault: VAULT,
          policy: 'default',
          slot: SLOT,
          unit: instanceId(1),
          instanceId: instanceId(1),
          volumeIds: [volumeId(1), volumeId(2)],
          firstSeenAt: NOW,
        },
        hasLetter: false,
        reason: `1 of 2 volumes have no snapshot for ${SLOT}`,
      },
    ]);
  });

  it.each(['completed', 'pending'] as const)('is left alone when every volume has a %s snapshot', (state) => {
    const plan = planReconcile(
      given({ ...withUnits(unit(1, 1)), sourceSnapshots: [aSource({}, { state })] }),
    );

    expect(plan.snapshotUnits).toEqual([]);
  });

  it.each([
    ['failed', aSource({}, { state: 'error' })],
    ['of an older slot', aSource({ slot: slotDaysAgo(1) })],
    ['of another policy', aSource({ policy: 'weekly' })],
    ['of another vault', aSource({ vault: 'x' })],
  ])('is made up for when the snapshot is %s', (_, snapshot) => {
    expect(
      planReconcile(given({ ...withUnits(unit(1, 1)), sourceSnapshots: [snapshot] })).snapshotUnits,
    ).toHaveLength(1);
  });

  it('is the only one: older slots hold nothing newer', () => {
    const slots = planReconcile(given(withUnits(unit(1, 1)))).snapshotUnits.map((each) => each.message.slot);

    expect(slots).toEqual([SLOT]);
  });

  it('waits while messages are queued, and for its first hour', () => {
    const queues = { volumesWaiting: 1, copiesWaiting: new Map<Region, number>() };

    for (const inputs of [
      given({ ...withUnits(unit(1, 1)), queues }),
      given({ ...withUnits(unit(1, 1)), now: Date.parse(SLOT) + HOUR - 1 }),
    ]) {
      const plan = planReconcile(inputs);
      expect(plan.snapshotUnits).toEqual([]);
      expect(plan.waiting).toMatchObject([{ subject: instanceId(1), region: 'source' }]);
    }
  });

  it('is nothing before the schedule has had one', () => {
    const { latestSlot: _, ...inputs } = given(withUnits(unit(1, 1)));

    expect(planReconcile(inputs).snapshotUnits).toEqual([]);
  });
});

describe('back-off', () => {
  it('enqueues at 1, 2, 4, 8 and 12 hours, and every 12 hours then, in hourly runs', () => {
    const start = Date.parse(SLOT);
    const hours = Array.from({ length: 50 }, (_, hour) => hour).filter(
      // The runs come a little after the full hour.
      (hour) =>
        planReconcile(given({ ...withUnits(unit(1, 1)), now: start + hour * HOUR + 60_000 })).snapshotUnits
          .length > 0,
    );

    expect(hours).toEqual([1, 2, 4, 8, 12, 24, 36, 48]);
  });

  it('is held up by a busy queue for half a day, not for ever: the queue may never be empty', () => {
    const queues = { volumesWaiting: 0, copiesWaiting: new Map([[AWAY, 3]]) };
    const sourceSnapshots = [aSource({ id: 1 }, { completedAt: NOW })];
    const hours = Array.from({ length: 50 }, (_, hour) => hour).filter(
      (hour) => planReconcile(given({ sourceSnapshots, queues, now: NOW + hour * HOUR })).copies.length > 0,
    );

    expect(hours).toEqual([12, 24, 36, 48]);
  });

  it('tells when it will be', () => {
    const reasonAt = (hour: number, volumesWaiting: number): string | undefined =>
      planReconcile(
        given({
          ...withUnits(unit(1, 1)),
          queues: { volumesWaiting, copiesWaiting: new Map() },
          now: Date.parse(SLOT) + hour * HOUR,
        }),
      ).waiting[0]?.reason;

    expect(reasonAt(6, 0)).toBe('due 4 h after its time; again 8 h after');
    expect(reasonAt(4, 2)).toBe(
      '2 messages wait in the queue, and it may be among them; enqueued 12 h after its time at the latest',
    );
    expect(reasonAt(13, 1)).toBe(
      '1 message waits in the queue, and it may be among them; enqueued 24 h after its time at the latest',
    );
  });
});

describe('what lies in a dead-letter queue', () => {
  const start = Date.parse(SLOT);
  const unitLetter = (slot: Slot, ...volumes: readonly number[]): DeadLetter => ({
    queue: 'volumes-dlq',
    subjects: volumes.map(volumeId),
    slot,
  });
  const copyLetter = (snapshot: number): DeadLetter => ({
    queue: 'copies-dlq',
    subjects: [snapshotId(snapshot)],
  });
  const dead = (
    units: readonly DeadLetter[],
    copies: ReadonlyMap<Region, readonly DeadLetter[]> = new Map(),
  ): Pick<ReconcileInputs, 'deadLetters'> => ({ deadLetters: { units, copies } });
  /** The hours of the first three days in which hourly runs enqueue it. */
  const hoursOf = (enqueued: (now: number) => number): readonly number[] =>
    Array.from({ length: 73 }, (_, hour) => hour).filter(
      (hour) => enqueued(start + hour * HOUR + 60_000) > 0,
    );

  it('is enqueued once a day only: a unit', () => {
    const letters = dead([unitLetter(SLOT, 1, 2)]);

    expect(
      hoursOf(
        (now) => planReconcile(given({ ...withUnits(unit(1, 1, 2)), ...letters, now })).snapshotUnits.length,
      ),
    ).toEqual([24, 48, 72]);
  });

  it('is enqueued once a day only: a copy, in the destination where it died', () => {
    const source = aSource({}, { completedAt: start });
    const inputs = given({
      policy: aPolicy({ destinations: [AWAY, FAR] }),
      sourceSnapshots: [source],
      copies: new Map([
        [AWAY, []],
        [FAR, []],
      ]),
      ...dead([], new Map([[AWAY, [copyLetter(1)]]])),
    });
    const to = (region: Region) => (now: number) =>
      planReconcile({ ...inputs, now }).copies.filter((copy) => copy.region === region).length;

    expect(hoursOf(to(AWAY))).toEqual([24, 48, 72]);
    expect(hoursOf(to(FAR))).toEqual([1, 2, 4, 8, 12, 24, 36, 48, 60, 72]);
  });

  it.each([
    ['another slot', unitLetter(slotDaysAgo(1), 1, 3)],
    ['a volume of the unit that has its snapshot by now', unitLetter(SLOT, 2)],
    ['one of several volumes that are missing', unitLetter(SLOT, 1)],
    ['a slot that cannot be read', { queue: 'volumes-dlq', subjects: [volumeId(1), volumeId(3)] }],
  ])('does not keep a unit back when the letter is of %s', (_, letter) => {
    const plan = planReconcile(
      given({ ...withUnits(unit(1, 1, 2, 3)), sourceSnapshots: [aSource({ volume: 2 })], ...dead([letter]) }),
    );

    expect(plan.snapshotUnits).toMatchObject([{ hasLetter: false }]);
  });

  it('is said to wait for an operator, and until when', () => {
    const reasonAt = (hour: number): string | undefined =>
      planReconcile(
        given({ ...withUnits(unit(1, 1)), ...dead([unitLetter(SLOT, 1)]), now: start + hour * HOUR }),
      ).waiting[0]?.reason;

    expect(reasonAt(4)).toBe(
      'its letter lies in the dead-letter queue and is left to an operator; enqueued again 24 h after it was due',
    );
    expect(reasonAt(30)).toMatch(/left to an operator; enqueued again 48 h/);
  });

  it('is not held up by a queue that is busy at this hour every day', () => {
    const queues = { volumesWaiting: 2, copiesWaiting: new Map<Region, number>() };
    const plan = planReconcile(
      given({ ...withUnits(unit(1, 1)), ...dead([unitLetter(SLOT, 1)]), queues, now: start + 24 * HOUR }),
    );

    expect(plan.snapshotUnits).toMatchObject([{ hasLetter: true }]);
  });
});

describe('copies', () => {
  it('are made up for, in each destination by itself', () => {
    const plan = planReconcile(
      given({
        policy: aPolicy({ destinations: [AWAY, FAR] }),
        sourceSnapshots: [completed(1)],
        copies: new Map([
          [AWAY, [aCopy()]],
          [FAR, []],
        ]),
      }),
    );

    expect(plan.copies).toMatchObject([
      {
        region: FAR,
        message: {
          kind: 'copy',
          vault: VAULT,
          snapshotId: snapshotId(1),
          attemptsForgiven: 0,
          firstSeenAt: NOW,
        },
      },
    ]);
  });

  it.each([
    ['pending', aSource({}, { state: 'pending' })],
    ['failed', aSource({}, { state: 'error' })],
    ['condemned', completed(1, { condemnedAt: NOW })],
    ['of another policy', completed(1, { policy: 'weekly' })],
    ['foreign', completed(1, { vault: 'x' })],
    ['archived', { ...completed(1), storageTier: 'archive' as const }],
  ])('are not made of a source that is %s', (_, source) => {
    expect(planReconcile(given({ sourceSnapshots: [source] })).copies).toEqual([]);
  });

  it.each(['completed', 'pending'] as const)('are not made twice: one is %s', (state) => {
    const copies = new Map([[AWAY, [aCopy({}, { state })]]]);

    expect(planReconcile(given({ sourceSnapshots: [completed(1)], copies })).copies).toEqual([]);
  });

  it('are not made of a duplicate when its twin has one, and of the first of twins otherwise', () => {
    const twins = [
      aSource({ id: 5 }, { startedAt: 5, completedAt: NOW - HOUR }),
      aSource({ id: 6 }, { startedAt: 4, completedAt: NOW - HOUR }),
    ];

    expect(
      planReconcile(given({ sourceSnapshots: twins, copies: new Map([[AWAY, [aCopy({ of: 5 })]]]) })).copies,
    ).toEqual([]);
    expect(planReconcile(given({ sourceSnapshots: twins })).copies).toMatchObject([
      { message: { snapshotId: snapshotId(6) } },
    ]);
  });

  it('are not made of what retention is about to remove, but of the newest point of a volume', () => {
    const expired = completed(24 * 8, { id: 1, slot: slotDaysAgo(8) });
    const newer = aSource({ id: 2, slot: slotDaysAgo(1) }, { completedAt: NOW - 24 * HOUR });

    expect(
      planReconcile(given({ sourceSnapshots: [expired, newer] })).copies.map(
        (each) => each.message.snapshotId,
      ),
    ).toEqual([snapshotId(2)]);
    expect(
      planReconcile(given({ sourceSnapshots: [expired] })).copies.map((each) => each.message.snapshotId),
    ).toEqual([snapshotId(1)]);
  });

  it('give a failed one a single further attempt each time', () => {
    const failed = (count: number): ReadonlyMap<Region, readonly Snapshot[]> =>
      new Map([
        [AWAY, Array.from({ length: count }, (_, index) => aCopy({ id: 2_000 + index }, { state: 'error' }))],
      ]);
    const forgiven = [0, 1, 2, 3, 4].map(
      (count) =>
        planReconcile(given({ sourceSnapshots: [completed(1)], copies: failed(count) })).copies[0]?.message
          .attemptsForgiven,
    );

    expect(forgiven).toEqual([0, 0, 0, 1, 2]);
  });

  it('wait while messages are queued for that destination, for the first hour, and when it cannot be listed', () => {
    const queues = { volumesWaiting: 0, copiesWaiting: new Map([[AWAY, 3]]) };

    for (const change of [
      { queues },
      { sourceSnapshots: [completed(0.9)] },
      { copies: new Map<Region, Snapshot[]>() },
    ]) {
      const plan = planReconcile(given({ sourceSnapshots: [completed(1)], ...change }));
      expect(plan.copies).toEqual([]);
      expect(plan.waiting).toMatchObject([{ region: AWAY }]);
    }
  });

  it('come to all days that are still kept, not to the newest only', () => {
    const sourceSnapshots = [1, 2, 3].map((days) =>
      aSource({ id: days, slot: slotDaysAgo(days) }, { completedAt: NOW - days * DAY }),
    );

    expect(planReconcile(given({ sourceSnapshots })).copies).toHaveLength(3);
  });
});
