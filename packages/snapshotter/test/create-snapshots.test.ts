import { createSnapshotStore } from '@smart-vault/aws';
import { DEAD_LETTER_ATTRIBUTE, pointOf, type Snapshot } from '@smart-vault/core';
import { Ec2Error } from '@smart-vault/simulator';
import { describe, expect, it } from 'vitest';
import { anInstance, aUnit, instanceId, SLOT, SOURCE, Stage, volumeId } from './stage.ts';

describe('one unit', () => {
  it('of one volume gets one snapshot, born with everything that a restore needs', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11], { Name: 'web' })]);
    await stage.schedule(aUnit(1, [11]));

    const report = await stage.pump();

    expect(report).toMatchObject({ stopped: 'empty', started: 1, failed: 0 });
    expect(stage.queue.messages).toEqual([]);
    const [snapshot] = await createSnapshotStore(stage.ec2.connection(SOURCE)).listVaultSnapshots(
      'smart-vault',
    );
    expect(snapshot?.description).toBe(`Backup-${instanceId(1)}-2026-11-22`);
    expect(snapshot?.tags).toMatchObject({ InstanceId: instanceId(1), Date: '2026-11-22' });
    expect(pointOf(snapshot as Snapshot, 'smart-vault')).toMatchObject({
      kind: 'owned',
      point: { volumeId: volumeId(11), instanceId: instanceId(1), slot: SLOT, policy: 'default' },
    });
  });

  it('of several volumes becomes one crash-consistent set, by one call', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12, 13])]);
    await stage.schedule(aUnit(1, [11, 12, 13]));

    await stage.pump();

    expect(stage.countOf(11, 12, 13)).toEqual([1, 1, 1]);
    expect(new Set(stage.snapshots.map(({ startedAt }) => startedAt)).size).toBe(1);
    expect(stage.ec2.world.stats.api(SOURCE, 'CreateSnapshots').calls).toBe(1);
    expect(stage.ec2.world.stats.api(SOURCE, 'CreateSnapshot').calls).toBe(0);
    expect(stage.ec2.world.stats.api(SOURCE, 'CreateTags').calls).toBe(0);
  });
});

describe('the same work again', () => {
  it('creates nothing, however often the message comes', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11]), anInstance(2, [21, 22])]);

    for (let time = 0; time < 4; time += 1) {
      await stage.schedule(aUnit(1, [11]), aUnit(1, [11]), aUnit(2, [21, 22]));
      await stage.pump();
      stage.ec2.advance(60_000);
    }

    expect(stage.countOf(11, 21, 22)).toEqual([1, 1, 1]);
    expect(stage.queue.messages).toEqual([]);
  });

  it('creates nothing while EC2 does not show the snapshot yet', async () => {
    const stage = new Stage({ knobs: { readLagMaxMs: 300_000 } });
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11]), anInstance(2, [21, 22])]);
    stage.ec2.advance(300_000); // the fleet itself is visible

    for (let time = 0; time < 8; time += 1) {
      await stage.schedule(aUnit(1, [11]), aUnit(2, [21, 22]));
      await stage.pump();
      stage.ec2.advance(60_000);
    }

    expect(stage.countOf(11, 21, 22)).toEqual([1, 1, 1]);
  });

  it('creates nothing when the answer was lost: the next look decides, after the read lag', async () => {
    const stage = new Stage({ knobs: { readLagMaxMs: 300_000 } });
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11])]);
    stage.ec2.advance(300_000);
    await stage.schedule(aUnit(1, [11]));
    stage.ec2.losesAnswerOf.add('CreateSnapshot');

    const lost = await stage.pump();
    stage.coldStart();
    await stage.pumpUntilIdle();

    expect(lost).toMatchObject({ started: 0, failed: 1 });
    expect(stage.countOf(11)).toEqual([1]);
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('for another slot is other work', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11])]);
    await stage.schedule(aUnit(1, [11]), aUnit(1, [11], { slot: '2026-11-22T11:00:00Z' as typeof SLOT }));

    await stage.pumpUntilIdle();

    expect(stage.countOf(11)).toEqual([2]);
  });

  it('takes up what a failed snapshot has left open', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11])]);
    const fault = stage.ec2.world.faults.failSnapshots();
    await stage.schedule(aUnit(1, [11]));
    await stage.pump();
    stage.ec2.advance(60_000);
    stage.ec2.world.faults.lift(fault);

    await stage.schedule(aUnit(1, [11]));
    await stage.pump();
    stage.ec2.advance(600_000);

    expect(stage.snapshots.map(({ state }) => state)).toEqual(['error', 'completed']);
  });
});

describe('a region with little room', () => {
  it('never has more pending than it may, throttles nothing and loses nothing', async () => {
    const stage = new Stage();
    const instances = Array.from({ length: 130 }, (_, n) => anInstance(n, [1000 + 2 * n, 1001 + 2 * n]));
    const units = Array.from({ length: 130 }, (_, n) => aUnit(n, [1000 + 2 * n, 1001 + 2 * n]));
    stage.ec2.loadFleet(SOURCE, instances);
    await stage.schedule(...units);

    await stage.pumpUntilIdle();

    const { pendingMax, snapshotsStarted } = stage.ec2.world.stats.region(SOURCE);
    const { throttled, failed } = stage.ec2.world.stats.api(SOURCE, 'CreateSnapshots');
    expect({ pendingMax, snapshotsStarted, throttled, failed }).toEqual({
      pendingMax: 100,
      snapshotsStarted: 260,
      throttled: 0,
      failed: 0,
    });
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('leaves room for the pending snapshots of others, and does not count copies', async () => {
    const stage = new Stage({ config: { pendingSnapshotsMax: 3 } });
    stage.ec2.loadFleet(SOURCE, [
      anInstance(1, [11]),
      anInstance(2, [21]),
      anInstance(3, [31]),
      anInstance(4, [41]),
    ]);
    const api = stage.ec2.world.api(SOURCE);
    api.createSnapshot({ volumeId: volumeId(41) });
    api.copySnapshot({ sourceRegion: 'eu-west-1', sourceSnapshotId: 'snap-00000001' });
    await stage.schedule(aUnit(1, [11]), aUnit(2, [21]), aUnit(3, [31]));

    const report = await stage.pump();

    expect(report).toMatchObject({ stopped: 'no-permits', inProgress: 1, started: 2 });
    expect(stage.countOf(11, 21, 31)).toEqual([1, 1, 0]);
  });

  it('a limit that is lower than we think costs time, but no message', async () => {
    const stage = new Stage({ knobs: { pendingSnapshotsMax: 2 } });
    const numbers = [1, 2, 3, 4, 5, 6, 7];
    stage.ec2.loadFleet(
      SOURCE,
      numbers.map((n) => anInstance(n, [n])),
    );
    await stage.schedule(...numbers.map((n) => aUnit(n, [n])));

    await stage.pumpUntilIdle();

    expect(stage.countOf(...numbers)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('a volume that was snapshotted a moment ago comes later, and holds up nobody', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11]), anInstance(2, [21])]);
    stage.ec2.world.api(SOURCE).createSnapshot({ volumeId: volumeId(11) });
    await stage.schedule(aUnit(1, [11]), aUnit(2, [21]));

    const report = await stage.pump();
    await stage.pumpUntilIdle();

    expect(report).toMatchObject({ started: 1, handedBack: 1, failed: 0 });
    expect(stage.countOf(11, 21)).toEqual([2, 1]);
  });
});

describe('what has changed since the schedule', () => {
  it('a volume that is gone is told with its reason, and the others are snapshotted', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12, 13])]);
    await stage.schedule(aUnit(1, [11, 12, 13]));
    stage.ec2.world.operator.deleteVolume(SOURCE, volumeId(12));

    await stage.pumpUntilIdle();

    expect(stage.countOf(11, 12, 13)).toEqual([1, 0, 1]);
    expect(stage.ec2.logged('volume.gone')).toEqual([
      { volumeId: volumeId(12), reason: 'the volume has been deleted', slot: SLOT, unit: instanceId(1) },
    ]);
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('an instance that is gone is no failure', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12])]);
    await stage.schedule(aUnit(1, [11, 12]));
    stage.ec2.world.operator.terminateInstance(SOURCE, instanceId(1));

    const report = await stage.pump();

    expect(report).toMatchObject({ done: 1, failed: 0 });
    expect(stage.ec2.logged('volume.gone')).toHaveLength(2);
    expect(stage.queue.messages).toEqual([]);
  });

  it('a volume that was opted out is left alone', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12])]);
    await stage.schedule(aUnit(1, [11, 12]));
    stage.ec2.world.operator.setTags(SOURCE, volumeId(12), { backup: 'false' });

    await stage.pumpUntilIdle();

    expect(stage.countOf(11, 12)).toEqual([1, 0]);
  });
});

describe('failures', () => {
  it('a volume that may not be snapshotted does not keep back the unit, and ends in the dead letters', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12, 13]), anInstance(2, [21])]);
    // One member exists already, so the rest is snapshotted one by one.
    await stage.schedule(aUnit(1, [13], { unit: volumeId(13) }));
    await stage.pumpUntilIdle();
    stage.ec2.advance(60_000);
    stage.ec2.world.faults.deny('CreateSnapshot', ({ subject }) => subject === volumeId(11));
    await stage.schedule(aUnit(1, [11, 12, 13]), aUnit(2, [21]));

    await stage.pumpUntilIdle();

    expect(stage.countOf(11, 12, 13, 21)).toEqual([0, 1, 1, 1]);
    expect(stage.deadLetters.messages.map(({ attributes }) => attributes)).toMatchObject([
      {
        [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED',
        [DEAD_LETTER_ATTRIBUTE.attempts]: '5',
        [DEAD_LETTER_ATTRIBUTE.subject]: [11, 12, 13].map(volumeId).join(' '),
      },
    ]);
  });

  it('a busy volume does not hide that another one is denied', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11, 12, 13])]);
    await stage.schedule(aUnit(1, [13], { unit: volumeId(13) }));
    await stage.pumpUntilIdle();
    const { faults } = stage.ec2.world;
    const busy = new Ec2Error('SnapshotCreationPerVolumeRateExceeded', 'busy');
    faults.fail('CreateSnapshot', busy, ({ subject }) => subject === volumeId(11));
    faults.deny('CreateSnapshot', ({ subject }) => subject === volumeId(12));
    await stage.schedule(aUnit(1, [11, 12, 13]));

    await stage.pumpUntilIdle();

    expect(stage.deadLetters.messages[0]?.attributes).toMatchObject({
      [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED',
    });
  });

  it('a message of another vault never starts anything', async () => {
    const stage = new Stage();
    stage.ec2.loadFleet(SOURCE, [anInstance(1, [11])]);
    await stage.schedule(aUnit(1, [11], { vault: 'other' }));

    await stage.pumpUntilIdle();

    expect(stage.countOf(11)).toEqual([0]);
    expect(stage.deadLetters.messages[0]?.attributes).toMatchObject({
      [DEAD_LETTER_ATTRIBUTE.code]: 'CONTRACT',
      [DEAD_LETTER_ATTRIBUTE.cause]: 'the message is for vault other; this is smart-vault',
    });
  });
});
