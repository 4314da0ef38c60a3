import {
  type AppError,
  HAS_LETTER_ATTRIBUTE,
  HOUR_MS,
  parseCopyWork,
  parseSchedule,
  parseSnapshotUnit,
  type Slot,
  slotAt,
} from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { anInstance, instanceId, snapshotId, volumeId } from '../../core/test/builders.ts';
import { aCopyLetter, aUnitLetter } from '../../lambda-kit/test/letters.ts';
import { reconcileVault } from '../src/index.ts';
import { aCopy, aSnapshot, CONFIG, JOB, NORTH, NOW, SLOT, SOURCE, VAULT, WEST, World } from './fakes.ts';

const unitsIn = (world: World) => world.volumes.sent.map(({ body }) => parseSnapshotUnit(body));
const copiesIn = (world: World, region: typeof WEST) =>
  world.copiesTo(region).sent.map(({ body }) => {
    const work = parseCopyWork(body);
    return work.kind === 'copy' ? work.message.snapshotId : work.kind;
  });

/** Instance 1 with volume 1, its snapshot of the day, and a copy in each destination. */
function healthy(): World {
  const world = new World();
  world.instances = [anInstance(1, [1])];
  world.source.snapshots = [aSnapshot(1)];
  world.west.snapshots = [aCopy(1, WEST)];
  world.north.snapshots = [aCopy(1, NORTH)];
  return world;
}

describe('a vault where everything is there', () => {
  it('enqueues nothing and wakes nobody', async () => {
    const world = healthy();

    const report = await reconcileVault(world, CONFIG, JOB);

    expect(report).toEqual({ snapshotUnits: 0, copies: 0, waiting: 0, unreadable: [] });
    expect([world.volumes.sent, world.wakeUps()]).toEqual([[], []]);
  });

  it('stays quiet for a day of hourly sweeps', async () => {
    const world = healthy();

    for (let hour = 0; hour < 18; hour += 1) {
      world.now = NOW + hour * HOUR_MS;
      await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });
    }

    expect([world.volumes.sent, world.wakeUps()]).toEqual([[], []]);
  });
});

describe('what is missing', () => {
  it('enqueues the newest slot of a volume that has none, keyed as the scheduler does', async () => {
    const world = healthy();
    world.source.snapshots = [];
    world.west.snapshots = [];
    world.north.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;

    const report = await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });

    expect(report.snapshotUnits).toBe(1);
    expect(unitsIn(world).map(({ unit, slot, volumeIds }) => [unit, slot, volumeIds])).toEqual([
      [instanceId(1), SLOT, [volumeId(1)]],
    ]);
    expect(world.volumes.sent.map(({ groupId, deduplicationId }) => [groupId, deduplicationId])).toEqual([
      [instanceId(1), `smart-vault/default/${instanceId(1)}/${SLOT}`],
    ]);
  });

  it('enqueues the copy that nobody started, only where it is missing', async () => {
    const world = healthy();
    world.north.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;

    await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });

    expect(copiesIn(world, NORTH)).toEqual([snapshotId(1)]);
    expect(copiesIn(world, WEST)).toEqual([]);
  });

  it('wakes every pump when anything was enqueued', async () => {
    const world = healthy();
    world.north.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;

    await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });

    expect(world.wakeUps()).toEqual([SOURCE, WEST, NORTH]);
  });

  it('enqueues a missing copy again in ever longer steps, not every hour', async () => {
    const world = healthy();
    world.north.snapshots = [];
    const sentAtHour: number[] = [];

    for (let hour = 1; hour <= 12; hour += 1) {
      world.now = Date.parse(SLOT) + hour * HOUR_MS;
      const before = world.copiesTo(NORTH).sent.length;
      await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });
      if (world.copiesTo(NORTH).sent.length > before) sentAtHour.push(hour);
    }

    expect(sentAtHour).toEqual([2, 3, 5, 9]);
  });
});

it('misses nothing between two sweeps that start unequally late', async () => {
  const world = healthy();
  world.north.snapshots = [];
  world.source.snapshots = [aSnapshot(1, { completedAt: NOW - 4 * HOUR_MS + 10_000 })];

  world.now = NOW + 5_000;
  await reconcileVault(world, CONFIG, JOB);
  expect(copiesIn(world, NORTH)).toEqual([]);

  world.now = NOW + HOUR_MS + 20_000;
  await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(NOW + HOUR_MS) });
  expect(copiesIn(world, NORTH)).toEqual([snapshotId(1)]);
});

describe('what lies in a dead-letter queue', () => {
  const copyLetter = (n: number) =>
    aCopyLetter({ vault: VAULT, snapshotId: snapshotId(n), firstSeenAt: NOW });
  const unitLetter = (slot: Slot) => aUnitLetter({ vault: VAULT, slot, firstSeenAt: NOW });
  /** Its copy to the north has died; another letter, of nothing that is missing, lies beside it. */
  async function poisoned(): Promise<World> {
    const world = healthy();
    world.north.snapshots = [];
    world.now = Date.parse(SLOT);
    await world.copiesDlq.send([copyLetter(1), copyLetter(7)]);
    return world;
  }
  const sweepAt = (world: World, hour: number) => {
    world.now = Date.parse(SLOT) + hour * HOUR_MS;
    return reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });
  };

  it('is left there and not enqueued for a day', async () => {
    const world = await poisoned();

    for (let hour = 1; hour <= 24; hour += 1) await sweepAt(world, hour);

    expect(copiesIn(world, NORTH)).toEqual([]);
    expect(await world.copiesDlq.depth()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  it('is enqueued after a day, says that it has a letter, and leaves it where it is', async () => {
    const world = await poisoned();
    world.instances = [anInstance(1, [1, 2])];
    world.source.snapshots = [aSnapshot(1), aSnapshot(2, { completedAt: Date.parse(SLOT) + 23.5 * HOUR_MS })];
    world.west.snapshots = [aCopy(1, WEST), aCopy(2, WEST)];

    await sweepAt(world, 25);

    const marks = world.copiesTo(NORTH).sent.map(({ attributes = {} }) => Object.keys(attributes));
    expect(copiesIn(world, NORTH)).toEqual([snapshotId(1), snapshotId(2)]);
    expect(marks).toEqual([[HAS_LETTER_ATTRIBUTE], []]);
    expect(await world.copiesDlq.depth()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
  });

  it('is a unit of this slot, not of an older one', async () => {
    const world = new World();
    world.instances = [anInstance(1, [1])];
    await world.volumesDlq.send([unitLetter(slotAt(Date.parse(SLOT) - 24 * HOUR_MS))]);
    await sweepAt(world, 2);
    expect(unitsIn(world).map(({ slot }) => slot)).toEqual([SLOT]);

    world.volumes.sent.length = 0;
    await world.volumesDlq.send([unitLetter(SLOT)]);
    for (const hour of [4, 8, 12]) await sweepAt(world, hour);
    expect(unitsIn(world)).toEqual([]);

    const config = { ...CONFIG, schedule: parseSchedule('cron(0 3 ? * SUN *)', 'UTC') };
    world.now = Date.parse(SLOT) + 24 * HOUR_MS;
    await reconcileVault(world, config, { ...JOB, at: slotAt(world.now) });
    expect(unitsIn(world).map(({ slot }) => slot)).toEqual([SLOT]);
    expect(world.volumes.sent[0]?.attributes).toEqual({ [HAS_LETTER_ATTRIBUTE]: 'true' });
    expect(world.volumesDlq.messages).toHaveLength(2);
  });

  it('is enqueued as ever when its queue cannot be read', async () => {
    const world = await poisoned();
    world.copiesDlq.fails('DENIED');

    await sweepAt(world, 2);

    expect(copiesIn(world, NORTH)).toEqual([snapshotId(1)]);
    expect(world.log.logged('dead-letters.unreadable')).toEqual([
      { queue: 'smart-vault-copies-eu-north-1-dlq', code: 'DENIED', cause: 'SQS says DENIED' },
    ]);
    expect(world.copiesDlq.messages).toHaveLength(2);
  });
});

describe('waking', () => {
  it('wakes the pump whose queue holds messages, and only that', async () => {
    const world = healthy();
    await world.copiesTo(NORTH).waits(3);

    await reconcileVault(world, CONFIG, JOB);

    expect(world.wakeUps()).toEqual([NORTH]);
  });

  it('wakes the snapshotter for units that wait', async () => {
    const world = healthy();
    await world.volumes.waits(1);

    await reconcileVault(world, CONFIG, JOB);

    expect(world.wakeUps()).toEqual([SOURCE]);
  });
});

describe('when something cannot be read or sent', () => {
  it('does not judge a destination that is denied, judges the others, and counts it', async () => {
    const world = healthy();
    world.west.fails('DENIED');
    world.north.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;

    const report = await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(world.now) });

    expect(copiesIn(world, WEST)).toEqual([]);
    expect(copiesIn(world, NORTH)).toEqual([snapshotId(1)]);
    expect(report.unreadable).toEqual([WEST]);
    expect(world.counts).toEqual({ RecordsFailed: 1 });
    expect(world.log.logged('region.unreadable')).toHaveLength(1);
  });

  it('enqueues nothing when the source region cannot be read', async () => {
    const world = healthy();
    world.source.fails('TRANSIENT');

    await expect(reconcileVault(world, CONFIG, JOB)).rejects.toMatchObject({ code: 'TRANSIENT' });

    expect([world.volumes.sent, copiesIn(world, WEST), world.wakeUps()]).toEqual([[], [], []]);
  });

  it('throws when a message cannot be sent, and the retry minutes later sends it', async () => {
    const world = healthy();
    world.north.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;
    const job = { ...JOB, at: slotAt(world.now) };
    world.copiesTo(NORTH).fails('TRANSIENT');

    await expect(reconcileVault(world, CONFIG, job)).rejects.toMatchObject({ code: 'TRANSIENT' });
    world.copiesTo(NORTH).before = () => {};
    world.now += 2 * 60_000;
    await reconcileVault(world, CONFIG, job);

    expect(copiesIn(world, NORTH)).toEqual([snapshotId(1)]);
  });

  it('judges by the clock when its start was delayed for hours', async () => {
    const world = healthy();
    world.source.snapshots = [];
    world.now = Date.parse(SLOT) + 2 * HOUR_MS;

    await reconcileVault(world, CONFIG, { ...JOB, at: slotAt(Date.parse(SLOT) - 10 * HOUR_MS) });

    expect(unitsIn(world).map(({ slot }) => slot)).toEqual([SLOT]);
  });

  it('does not run for another job', async () => {
    const attempt = reconcileVault(healthy(), CONFIG, { ...JOB, job: 'prune' });

    await expect(attempt).rejects.toMatchObject({ code: 'CONTRACT' } satisfies Partial<AppError>);
  });
});
