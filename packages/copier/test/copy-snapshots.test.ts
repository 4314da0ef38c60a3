import { createSnapshotStore } from '@smart-vault/aws';
import { DEAD_LETTER_ATTRIBUTE, type Region, type SnapshotId } from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { SLOT, SOURCE, Stage, TARGET } from './stage.ts';

/** All volumes of a stage. */
const all = (stage: Stage): readonly number[] => stage.volumeIds.map((_, n) => n);
const TEN_MINUTES = 600_000;

describe('a completed snapshot of ours', () => {
  it('is copied once, to the right region, born with all its tags', async () => {
    const stage = new Stage();
    const [sourceId] = await stage.startSnapshots([1]);
    stage.ec2.advance(TEN_MINUTES);

    await stage.pumpUntilIdle();

    const [copy, ...others] = await createSnapshotStore(stage.ec2.connection(TARGET)).listVaultSnapshots(
      'smart-vault',
    );
    expect(others).toEqual([]);
    expect(copy?.description).toBe('Copied from us-east-1 on 2026-11-22');
    expect(copy?.tags).toMatchObject({
      CopiedFrom: SOURCE,
      OriginalSnapshotId: sourceId,
      Date: '2026-11-22',
      'smart-vault:slot': SLOT,
      'smart-vault:volume': stage.volumeIds[1],
    });
    expect(stage.ec2.world.stats.api(TARGET, 'CreateTags').calls).toBe(0);
    expect(stage.copied).toEqual([sourceId]);
  });

  it('of a set is copied each by itself, as far as there are permits', async () => {
    const stage = new Stage({ volumes: 5, config: { copiesInFlightMax: 2 } });
    const ids = await stage.startSet();
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();

    const first = await stage.pump();

    expect(first).toMatchObject({ replaced: 1, started: 2, stopped: 'no-permits' });
    expect(stage.queue.messages).toHaveLength(3);
    await stage.pumpUntilIdle();
    expect([...stage.copied].sort()).toEqual([...ids].sort());
  });

  it('is encrypted with the key of the destination, and with its default key when there is none', async () => {
    const key = 'arn:aws:kms:eu-west-1:000000000000:key/copies';
    const configured = new Stage({ kmsKeyId: 'arn:source', config: { kmsKeyIds: new Map([[TARGET, key]]) } });
    const plain = new Stage({ kmsKeyId: 'arn:source', config: { kmsKeyIds: new Map([[TARGET, '']]) } });

    for (const stage of [configured, plain]) {
      await stage.startSnapshots([0]);
      stage.ec2.advance(TEN_MINUTES);
      await stage.pumpUntilIdle();
    }

    expect(configured.copies.map(({ kmsKeyId }) => kmsKeyId)).toEqual([key]);
    expect(plain.copies.map(({ kmsKeyId }) => kmsKeyId)).toEqual([
      'arn:aws:kms:eu-west-1:000000000000:key/aws-ebs',
    ]);
  });
});

describe('the same work again', () => {
  it('copies nothing twice: doubled events, in one batch and later', async () => {
    const stage = new Stage();
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents(3);

    await stage.pump();
    await stage.ask(ids);
    await stage.pumpUntilIdle();

    expect([...stage.copied].sort()).toEqual([...ids].sort());
    expect(stage.queue.messages).toEqual([]);
  });

  it('copies nothing twice while the destination does not show the copy yet', async () => {
    const stage = new Stage({ knobs: { readLagMaxMs: 300_000 } });
    stage.ec2.advance(300_000);
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);

    for (let time = 0; time < 8; time += 1) {
      await stage.ask(ids);
      await stage.pump();
      stage.ec2.advance(60_000);
    }

    expect([...stage.copied].sort()).toEqual([...ids].sort());
  });

  it('copies a point once that has two sources, in one batch', async () => {
    const stage = new Stage();
    const [first = ''] = await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);
    const [second = ''] = await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);

    await stage.ask([first, second] as SnapshotId[]);
    await stage.pump();
    await stage.pumpUntilIdle();

    expect(stage.copied).toHaveLength(1);
    expect(stage.queue.messages).toEqual([]);
  });

  it('copies nothing twice when the answer was lost, even after a cold start', async () => {
    const stage = new Stage({ knobs: { readLagMaxMs: 300_000 } });
    stage.ec2.advance(300_000);
    const ids = await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();
    stage.ec2.losesAnswerOf.add('CopySnapshot');

    const lost = await stage.pump();
    stage.coldStart();
    await stage.pumpUntilIdle();

    expect(lost).toMatchObject({ started: 0, failed: 1 });
    expect(stage.copied).toEqual(ids);
    expect(stage.deadLetters.messages).toEqual([]);
  });
});

describe('a destination with little room', () => {
  it('never has more copies in flight than it may, throttles nothing and loses nothing', async () => {
    const stage = new Stage({ volumes: 90 });
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);

    await stage.pumpUntilIdle();

    const { copiesInFlightMax, copiesStarted } = stage.ec2.world.stats.region(TARGET);
    const { throttled, failed } = stage.ec2.world.stats.api(TARGET, 'CopySnapshot');
    expect({ copiesInFlightMax, copiesStarted, throttled, failed }).toEqual({
      copiesInFlightMax: 20,
      copiesStarted: ids.length,
      throttled: 0,
      failed: 0,
    });
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('fills the places of copies that have ended at once, also while listings lag', async () => {
    const stage = new Stage({
      volumes: 12,
      config: { copiesInFlightMax: 3 },
      knobs: { readLagMaxMs: 5_000 },
    });
    await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);
    const begin = stage.ec2.clock.now();

    await stage.pumpUntilIdle();

    expect(stage.copied).toHaveLength(12);
    expect(stage.ec2.world.stats.region(TARGET).copiesInFlightMax).toBe(3);
    expect(stage.ec2.clock.now() - begin).toBeLessThan(1_800_000);
  });

  it('leaves room for the copies of others, and for its own after a cold start', async () => {
    const stage = new Stage({ volumes: 6, config: { copiesInFlightMax: 4 } });
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();
    stage.ec2.world.api(TARGET).copySnapshot({ sourceRegion: SOURCE, sourceSnapshotId: ids[0] as string });
    stage.ec2.world.api(TARGET).copySnapshot({ sourceRegion: SOURCE, sourceSnapshotId: ids[1] as string });

    const first = await stage.pump();
    stage.coldStart();
    const second = await stage.pump();

    expect(first).toMatchObject({ inProgress: 2, started: 2, stopped: 'no-permits' });
    expect(second).toMatchObject({ inProgress: 4, received: 0 });
  });

  it('shares the room with the copies of others, and a limit lower than we think costs no message', async () => {
    const stage = new Stage({ volumes: 6, knobs: { copiesInFlightMax: 2 } });
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);
    const api = stage.ec2.world.api(TARGET);
    api.copySnapshot({ sourceRegion: SOURCE, sourceSnapshotId: ids[0] as string });

    await stage.pumpUntilIdle();

    expect(stage.copies).toHaveLength(7);
    expect(stage.deadLetters.messages).toEqual([]);
  });
});

describe('what is not to be copied', () => {
  it('somebody else’s snapshot: its event is gone after one look', async () => {
    const stage = new Stage();
    await stage.startSnapshots([0], 'another-vault');
    stage.ec2.world.api(SOURCE).createSnapshot({ volumeId: stage.volumeIds[1] as string });
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();

    const report = await stage.pump();

    expect(report).toMatchObject({ received: 2, done: 2, handedBack: 0 });
    expect(stage.queue.messages).toEqual([]);
    expect(stage.copies).toEqual([]);
  });

  it('a snapshot that is still pending waits until it is completed, for hours if need be', async () => {
    const stage = new Stage({
      knobs: { snapshotDuration: { baseSeconds: 20_000, secondsPerGiB: 0, jitter: 0 } },
    });
    const ids = await stage.startSnapshots([0]);
    await stage.ask(ids);

    await stage.pumpUntilIdle();
    await stage.pumpUntilIdle();

    expect(stage.copied).toEqual(ids);
    expect(stage.ec2.world.stats.copiesOfUnfinishedSources).toBe(0);
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('a snapshot that is gone: given up once reads cannot lag any more', async () => {
    const stage = new Stage();
    const ids = await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();
    stage.ec2.world.operator.deleteSnapshot(SOURCE, ids[0] as string);

    const early = await stage.pump();
    await stage.pumpUntilIdle();

    expect(early).toMatchObject({ handedBack: 1, done: 0 });
    expect(stage.queue.messages).toEqual([]);
    expect(stage.deadLetters.messages).toEqual([]);
  });

  it('an event of a copy or of a failed snapshot', async () => {
    const stage = new Stage();
    stage.ec2.world.faults.failSnapshots();
    await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();
    await stage.queue.send([
      {
        body: JSON.stringify({
          version: '0',
          id: '1',
          'detail-type': 'EBS Snapshot Notification',
          source: 'aws.ec2',
          account: '000000000000',
          time: '2026-11-22T12:00:00Z',
          region: SOURCE,
          resources: [],
          detail: { event: 'copySnapshot', result: 'succeeded' },
        }),
      },
    ]);

    const report = await stage.pump();

    expect(report).toMatchObject({ received: 2, done: 2 });
    expect(stage.copies).toEqual([]);
  });
});

describe('failures', () => {
  const failedThrice = async (stage: Stage): Promise<readonly SnapshotId[]> => {
    const ids = await stage.startSnapshots([0]);
    stage.ec2.advance(TEN_MINUTES);
    await stage.deliverEvents();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      await stage.pump();
      stage.ec2.advance(TEN_MINUTES);
      if (attempt < 3) await stage.ask(ids);
    }
    return ids;
  };

  it('three copies that end in error are enough: it is dead-lettered with EC2’s own cause', async () => {
    const stage = new Stage();
    stage.ec2.world.faults.failCopies();

    const ids = await failedThrice(stage);

    expect(stage.copies.map(({ state }) => state)).toEqual(['error', 'error', 'error']);
    expect(stage.queue.messages).toEqual([]);
    expect(stage.deadLetters.messages).toHaveLength(1);
    expect(stage.deadLetters.messages[0]?.attributes).toMatchObject({
      [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED',
      [DEAD_LETTER_ATTRIBUTE.cause]: 'Given key ID is not accessible',
      [DEAD_LETTER_ATTRIBUTE.failureClass]: 'configuration',
      [DEAD_LETTER_ATTRIBUTE.subject]: ids[0],
    });
  });

  it('a redriven dead letter has attempts again, and succeeds once the cause is mended', async () => {
    const stage = new Stage();
    const fault = stage.ec2.world.faults.failCopies();
    await failedThrice(stage);
    stage.ec2.world.faults.lift(fault);

    await stage.queue.send(
      stage.deadLetters.messages.map(({ body, attributes = {} }) => ({ body, attributes })),
    );
    await stage.pump();
    stage.ec2.advance(TEN_MINUTES);

    expect(stage.copies.map(({ state }) => state)).toEqual(['error', 'error', 'error', 'completed']);
  });

  it('a source that cannot be copied keeps nobody else waiting', async () => {
    const stage = new Stage();
    const ids = await stage.startSnapshots(all(stage));
    stage.ec2.advance(TEN_MINUTES);
    stage.ec2.world.faults.deny('CopySnapshot', ({ subject }) => subject === ids[1]);

    await stage.pumpUntilIdle();

    expect([...stage.copied].sort()).toEqual([ids[0], ids[2]].sort());
    expect(stage.deadLetters.messages.map(({ attributes }) => attributes)).toMatchObject([
      { [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED', [DEAD_LETTER_ATTRIBUTE.subject]: ids[1] },
    ]);
  });

  it('a body that nobody understands is dead-lettered as it came', async () => {
    const stage = new Stage();
    await stage.queue.send([{ body: '{"detail-type":"Scheduled Event"}' }]);

    await stage.pumpUntilIdle();

    expect(stage.deadLetters.messages).toMatchObject([
      { body: '{"detail-type":"Scheduled Event"}', attributes: { [DEAD_LETTER_ATTRIBUTE.code]: 'CONTRACT' } },
    ]);
  });

  it('ports of another region are a bug, found before anything is copied', () => {
    const stage = new Stage();
    const { queue, deadLetters } = stage;
    const region = 'eu-central-1' as Region;

    expect(() => stage.pumpFor(region)).toThrow(`ports of ${TARGET} for ${region}`);
    expect([queue.messages, deadLetters.messages]).toEqual([[], []]);
  });
});
