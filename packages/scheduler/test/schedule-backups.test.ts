import { AppError, parseRun, parseSnapshotUnit, parseWakeUp } from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { anInstance, aVolume, instanceId, volumeId } from '../../core/test/builders.ts';
import { scheduleBackups } from '../src/index.ts';
import { CONFIG, REGION, RUN, SLOT, START, World } from './fakes.ts';

const unitsIn = (world: World) => world.volumes.messages.map((message) => parseSnapshotUnit(message.body));
const reportIn = (world: World) => parseRun(world.reports.messages[0]?.body ?? '');

describe('what is scheduled', () => {
  it('enqueues one message per instance, with its volumes, group and key', async () => {
    const world = new World().has(anInstance(1, [1, 2])).has(anInstance(2, [3]));

    const report = await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world)).toEqual([
      {
        v: 1,
        kind: 'snapshot-unit',
        vault: 'smart-vault',
        policy: 'default',
        slot: SLOT,
        unit: instanceId(1),
        instanceId: instanceId(1),
        volumeIds: [volumeId(1), volumeId(2)],
        firstSeenAt: START,
      },
      {
        v: 1,
        kind: 'snapshot-unit',
        vault: 'smart-vault',
        policy: 'default',
        slot: SLOT,
        unit: instanceId(2),
        instanceId: instanceId(2),
        volumeIds: [volumeId(3)],
        firstSeenAt: START,
      },
    ]);
    expect(world.volumes.messages.map(({ groupId, deduplicationId }) => [groupId, deduplicationId])).toEqual([
      [instanceId(1), `smart-vault/default/${instanceId(1)}/${SLOT}`],
      [instanceId(2), `smart-vault/default/${instanceId(2)}/${SLOT}`],
    ]);
    expect(report).toEqual({ instances: 2, units: 2, volumes: 3, excluded: 0 });
  });

  it('makes one unit of each volume when consistency is volume', async () => {
    const world = new World().has(anInstance(1, [1, 2]));

    const report = await scheduleBackups(world, { ...CONFIG, consistency: 'volume' }, RUN);

    expect(unitsIn(world).map(({ unit, volumeIds }) => [unit, volumeIds])).toEqual([
      [volumeId(1), [volumeId(1)]],
      [volumeId(2), [volumeId(2)]],
    ]);
    expect(report).toEqual({ instances: 1, units: 2, volumes: 2, excluded: 0 });
    expect(reportIn(world).scheduled).toEqual({ [instanceId(1)]: [volumeId(1), volumeId(2)] });
  });

  it.each([
    ['untagged', { tags: {} }],
    ['tagged with another value', { tags: { backup: 'yes' } }],
    ['terminated', { state: 'terminated' }],
    ['shutting down', { state: 'shutting-down' }],
  ] as const)('leaves out an instance that is %s', async (_name, override) => {
    const world = new World().has(anInstance(1, [1], override)).has(anInstance(2, [2]));

    await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world).map((unit) => unit.instanceId)).toEqual([instanceId(2)]);
  });

  it.each(['stopped', 'stopping', 'pending'] as const)('takes an instance that is %s', async (state) => {
    const world = new World().has(anInstance(1, [1], { state }));

    await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world).map((unit) => unit.volumeIds)).toEqual([[volumeId(1)]]);
  });

  it.each([
    ['is tagged backup=false', { tags: { backup: 'false' } }, 'opted-out'],
    ['is being deleted', { state: 'deleting' }, 'deleting'],
  ] as const)('leaves out a volume that %s, and says so', async (_name, override, reason) => {
    const world = new World().has(anInstance(1, [2]));
    world.volumeList.push(aVolume(1, override));
    world.instances = [anInstance(1, [1, 2])];

    const report = await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world).map((unit) => unit.volumeIds)).toEqual([[volumeId(2)]]);
    expect(world.log.logged('volume.excluded').map((line) => [line['volumeId'], line['reason']])).toEqual([
      [volumeId(1), reason],
    ]);
    expect(report.excluded).toBe(1);
  });

  it('leaves out a volume that has vanished since the instances were listed', async () => {
    const world = new World().has(anInstance(1, [1, 2]));
    world.volumeList = world.volumeList.filter((volume) => volume.id !== volumeId(1));

    await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world).map((unit) => unit.volumeIds)).toEqual([[volumeId(2)]]);
    expect(world.log.logged('volume.excluded').map((line) => line['reason'])).toEqual(['gone']);
  });

  it('logs an instance of which nothing is left', async () => {
    const world = new World();
    world.instances = [anInstance(1, [])];

    await scheduleBackups(world, CONFIG, RUN);

    expect(world.log.logged('instance.empty').map((line) => line['instanceId'])).toEqual([instanceId(1)]);
  });
});

describe('what follows', () => {
  it('wakes the snapshotter of the source region once, after the work is there', async () => {
    const world = new World().has(anInstance(1, [1])).has(anInstance(2, [2]));

    await scheduleBackups(world, CONFIG, RUN);

    expect(world.snapshotterWakeups.messages.map((message) => message.groupId)).toEqual([REGION]);
    const wakeUp = parseWakeUp(world.snapshotterWakeups.messages[0]?.body ?? '');
    expect([wakeUp.region, wakeUp.cause]).toEqual([REGION, 'work']);
  });

  it('asks for a report five minutes later, with the counts and what was scheduled', async () => {
    const world = new World().has(anInstance(1, [1, 2]));

    await scheduleBackups(world, CONFIG, RUN);

    expect(world.reports.messages.map((message) => message.delaySeconds)).toEqual([300]);
    expect(reportIn(world)).toEqual({
      v: 1,
      kind: 'run',
      vault: 'smart-vault',
      policy: 'default',
      slot: SLOT,
      startedAt: START,
      instances: 1,
      units: 1,
      volumes: 2,
      scheduled: { [instanceId(1)]: [volumeId(1), volumeId(2)] },
      check: 0,
    });
  });

  it('reports a selection that matches nothing, and wakes nobody', async () => {
    const world = new World();

    const report = await scheduleBackups(world, CONFIG, RUN);

    expect(report).toEqual({ instances: 0, units: 0, volumes: 0, excluded: 0 });
    expect([world.volumes.messages.length, world.snapshotterWakeups.messages.length]).toEqual([0, 0]);
    expect([reportIn(world).volumes, reportIn(world).scheduled]).toEqual([0, {}]);
    expect(world.log.logged('selection.empty')).toHaveLength(1);
  });

  it('leaves what was scheduled out of the report of a fleet whose list is too long for a message', async () => {
    const world = new World();
    for (let n = 0; n < 5_000; n += 1) world.has(anInstance(n, [n]));

    await scheduleBackups(world, CONFIG, RUN);

    expect(reportIn(world).scheduled).toBe(undefined);
    expect(reportIn(world).volumes).toBe(5_000);
  });
});

describe('when something goes wrong', () => {
  it('throws when SQS fails after two batches, and the retry completes the run without doubles', async () => {
    const world = new World();
    for (let n = 0; n < 35; n += 1) world.has(anInstance(n, [n]));
    world.volumes.failsAfterBatches = 2;

    await expect(scheduleBackups(world, CONFIG, RUN)).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(world.volumes.messages).toHaveLength(20);
    expect(world.reports.messages).toHaveLength(0);

    world.volumes.failsAfterBatches = Number.POSITIVE_INFINITY;
    world.now += 90_000;
    await scheduleBackups(world, CONFIG, RUN);

    expect(new Set(unitsIn(world).map((unit) => unit.unit)).size).toBe(35);
    expect(world.volumes.messages).toHaveLength(35);
    expect(world.reports.messages).toHaveLength(1);
  });

  it('adds no work when the same slot is started twice, but does wake the snapshotter again', async () => {
    const world = new World().has(anInstance(1, [1]));

    await scheduleBackups(world, CONFIG, RUN);
    world.now += 60_000;
    await scheduleBackups(world, CONFIG, RUN);

    expect(world.volumes.messages).toHaveLength(1);
    expect(new Set(world.snapshotterWakeups.messages.map((message) => message.body)).size).toBe(2);
  });

  it('keeps the slot of a start that is hours late, and says that it is late', async () => {
    const world = new World().has(anInstance(1, [1]));
    world.now = Date.parse(SLOT) + 5 * 3_600_000;

    await scheduleBackups(world, CONFIG, RUN);

    expect(unitsIn(world).map((unit) => unit.slot)).toEqual([SLOT]);
    expect(world.log.logged('run.late').map((line) => line['lateSeconds'])).toEqual([18_000]);
  });

  it('refuses a run of another policy before it enqueues anything', async () => {
    const world = new World().has(anInstance(1, [1]));

    const attempt = scheduleBackups(world, CONFIG, { ...RUN, policy: 'hourly' });

    await expect(attempt).rejects.toMatchObject({ code: 'CONFIG' } satisfies Partial<AppError>);
    expect([world.volumes.messages.length, world.reports.messages.length]).toEqual([0, 0]);
  });

  it('enqueues nothing when the volumes cannot be listed', async () => {
    const world = new World().has(anInstance(1, [1]));
    world.catalog.findVolumes = () => Promise.reject(new AppError('DENIED', 'not allowed'));

    await expect(scheduleBackups(world, CONFIG, RUN)).rejects.toMatchObject({ code: 'DENIED' });

    expect([world.volumes.messages.length, world.reports.messages.length]).toEqual([0, 0]);
  });
});
