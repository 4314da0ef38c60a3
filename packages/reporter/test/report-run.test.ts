import { AppError, DEAD_LETTER_ATTRIBUTE, HOUR_MS, parseRun } from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { aVolume, snapshotId, volumeId } from '../../core/test/builders.ts';
import { aCopyLetter, aUnitLetter } from '../../lambda-kit/test/letters.ts';
import { reportRun } from '../src/index.ts';
import { aCopy, anInstance, aRun, aSnapshot, bodyOf, CONFIG, SLOT, START, VAULT, World } from './fakes.ts';

const AFTER_DEADLINE = START + 7 * HOUR_MS;

const unitLetter = (slot: typeof SLOT) => aUnitLetter({ vault: VAULT, slot, firstSeenAt: START });
const copyLetter = (n: number) =>
  aCopyLetter({ vault: VAULT, snapshotId: snapshotId(n), firstSeenAt: START, attemptsForgiven: 3 });

describe('a run that is done', () => {
  it('is OK when every volume has its snapshot and its copy: metrics, then a digest', async () => {
    const world = new World().protects(2);

    const result = await reportRun(world, CONFIG, bodyOf(aRun(2)));

    expect(result).toEqual({ kind: 'reported', status: 'OK' });
    expect(world.digest().subject).toBe('Smart Vault OK: 2 of 2 volumes, 2026-11-22 03:00 UTC');
    expect(world.published).toHaveLength(1);
    expect(world.metricValues).toMatchObject({
      SnapshotsCreated: 2,
      CopiesCompleted: 2,
      VolumesUnprotected: 0,
    });
    expect(world.reports.messages).toEqual([]);
  });

  it('reports a run that had nothing to do, with a zero', async () => {
    const world = new World();

    await reportRun(world, CONFIG, bodyOf(aRun(0)));

    expect(world.metricValues).toMatchObject({ SnapshotsCreated: 0, VolumesSelected: 0 });
    expect(world.published).toHaveLength(1);
  });

  it('measures ages by older points too', async () => {
    const world = new World().protects(1);
    world.source.snapshots = [aSnapshot(1, {}, 2)];
    world.west.snapshots = [aCopy(1, {}, 2)];
    world.now = AFTER_DEADLINE;

    await reportRun(world, CONFIG, bodyOf(aRun(1)));

    const age = (world.now - (Date.parse(SLOT) - 48 * HOUR_MS + 60_000)) / 1000;
    expect(world.metricValues).toMatchObject({ SnapshotsCreated: 0, OldestPointAgeSeconds: age });
    expect(world.digest().body).toContain(`(web-1) in the source region: newest point is 54 h old`);
    expect(world.digest().body).toContain(`(web-1) in eu-west-1: newest point is 54 h old`);
  });
});

describe('a run that is not over', () => {
  it('is looked at again later, and says nothing yet', async () => {
    const world = new World().protects(2);
    world.west.snapshots = [aCopy(1), aCopy(2, { state: 'pending' })];

    const result = await reportRun(world, CONFIG, bodyOf(aRun(2)));

    expect(result).toEqual({ kind: 'again', delaySeconds: 120 });
    expect(world.published).toEqual([]);
    expect(world.metricValues).toEqual({});
    expect(world.reports.messages.map(({ delaySeconds }) => delaySeconds)).toEqual([120]);
    expect(parseRun(world.reports.messages[0]?.body ?? '')).toEqual(aRun(2, { check: 1 }));
  });

  it.each([
    [0, 40 * 60_000, 120],
    [2, 40 * 60_000, 480],
    [3, 40 * 60_000, 900],
    [90, 40 * 60_000, 900],
    [9, 6 * HOUR_MS - 300_000, 300],
    [9, 6 * HOUR_MS - 1_000, 60],
  ])('check %i, %i ms after the start: again in %i s', async (check, sinceStartMs, delaySeconds) => {
    const world = new World().protects(1);
    world.source.snapshots = [aSnapshot(1, { state: 'pending' })];
    world.west.snapshots = [];
    world.now = START + sinceStartMs;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1, { check })));

    expect(result).toEqual({ kind: 'again', delaySeconds });
  });

  it('stays in its queue when it cannot be sent again', async () => {
    const world = new World().protects(1);
    world.west.snapshots = [];
    world.reports.fails('TRANSIENT');

    await expect(reportRun(world, CONFIG, bodyOf(aRun(1)))).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  it('is reported at its deadline as it is, and never as OK', async () => {
    const world = new World().protects(2);
    world.west.snapshots = [aCopy(1), aCopy(2, { state: 'pending' })];
    world.now = AFTER_DEADLINE;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(2)));

    expect(result).toEqual({ kind: 'reported', status: 'PARTIAL' });
    expect(world.digest().subject).toMatch(/^Smart Vault PARTIAL: 1 of 2 volumes/);
    expect(world.digest().body).toContain(volumeId(2));
  });
});

describe('why something failed', () => {
  it('is told from the dead letter of the volume', async () => {
    const world = new World().protects(1);
    world.source.snapshots = [];
    world.west.snapshots = [];
    await world.volumesDlq.send([
      {
        ...unitLetter(SLOT),
        attributes: {
          [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED',
          [DEAD_LETTER_ATTRIBUTE.cause]: 'not authorized to perform ec2:CreateSnapshot',
          [DEAD_LETTER_ATTRIBUTE.attempts]: '5',
          [DEAD_LETTER_ATTRIBUTE.subject]: volumeId(1),
        },
      },
    ]);
    world.now = AFTER_DEADLINE;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'FAILED' });
    expect(world.digest().subject).toMatch(/^Smart Vault FAILED: 0 of 1 volumes/);
    expect(world.digest().body).toContain('not authorized to perform ec2:CreateSnapshot');
  });

  it('is told from the dead letter of a copy that SQS moved there by itself, without attributes', async () => {
    const world = new World().protects(1);
    world.west.snapshots = [];
    await world.copiesDlq.send([
      { ...copyLetter(1), attributes: { [DEAD_LETTER_ATTRIBUTE.cause]: 'the key is disabled' } },
    ]);
    world.now = AFTER_DEADLINE;

    await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(world.digest().body).toContain('the key is disabled');
  });

  it('is told from what EC2 says about the snapshot', async () => {
    const world = new World().protects(1);
    world.west.snapshots = [aCopy(1, { state: 'error', stateMessage: 'Given key ID is not accessible' })];
    world.now = AFTER_DEADLINE;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'PARTIAL' });
    expect(world.digest().body).toContain('Given key ID is not accessible');
  });

  it('is not taken from the letter of another slot', async () => {
    const world = new World().protects(1);
    world.source.snapshots = [];
    world.west.snapshots = [];
    await world.volumesDlq.send([
      {
        ...unitLetter('2026-11-21T03:00:00Z' as typeof SLOT),
        attributes: {
          [DEAD_LETTER_ATTRIBUTE.cause]: 'the failure of yesterday',
          [DEAD_LETTER_ATTRIBUTE.subject]: volumeId(1),
        },
      },
    ]);
    world.now = AFTER_DEADLINE;

    await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(world.digest().body).not.toContain('the failure of yesterday');
  });
});

describe('peeking at dead letters', () => {
  it('leaves every letter where it is, visible again', async () => {
    const world = new World().protects(1);
    await world.copiesDlq.send(Array.from({ length: 250 }, (_, n) => copyLetter(n)));

    await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(await world.copiesDlq.depth()).toEqual({ visible: 250, inFlight: 0, delayed: 0 });
  });

  it('reports all the same when letters cannot be given back: they come back by themselves', async () => {
    const world = new World().protects(1);
    await world.copiesDlq.send([copyLetter(1)]);
    world.copiesDlq.changeVisibility = () => Promise.reject(new AppError('TRANSIENT', 'SQS is away'));

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'OK' });
  });

  it('reads past letters that nobody can parse', async () => {
    const world = new World().protects(1);
    await world.volumesDlq.send([{ body: '{"not": "ours"}' }]);
    await world.copiesDlq.send([{ body: 'not even JSON' }]);

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'OK' });
    expect(await world.volumesDlq.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  });

  it('reports without reasons when a dead-letter queue cannot be read', async () => {
    const world = new World().protects(1);
    world.copiesDlq.fails('DENIED');

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'OK' });
    expect(world.log.logged('dead-letters.unreadable')).toHaveLength(1);
  });
});

describe('a destination that cannot be read', () => {
  it('is waited for until the deadline', async () => {
    const world = new World().protects(1);
    world.west.fails('TRANSIENT');

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result.kind).toBe('again');
  });

  it('is named in the digest, and the run is not OK', async () => {
    const world = new World().protects(1);
    world.west.fails('DENIED');
    world.now = AFTER_DEADLINE;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'PARTIAL' });
    expect(world.digest().subject).toMatch(/^Smart Vault PARTIAL/);
    expect(world.digest().body).toContain('eu-west-1 could not be read');
    expect(world.digest().body).toContain('EC2 says DENIED');
    expect(world.digest().body).toMatch(/^Smart Vault PARTIAL/);
    expect(world.digest().body).not.toContain('Never copied');
  });

  it('keeps even an empty run from being OK', async () => {
    const world = new World();
    world.west.fails('DENIED');
    world.now = AFTER_DEADLINE;

    const result = await reportRun(world, CONFIG, bodyOf(aRun(0)));

    expect(result.kind === 'reported' && result.status).not.toBe('OK');
    expect(world.digest().subject).not.toContain('OK');
  });
});

describe('failing', () => {
  it('leaves the message in its queue when SNS fails, and the next delivery reports in full', async () => {
    const world = new World().protects(1);
    world.topicError = new AppError('TRANSIENT', 'SNS is away');

    await expect(reportRun(world, CONFIG, bodyOf(aRun(1)))).rejects.toMatchObject({ code: 'TRANSIENT' });
    world.topicError = undefined;
    await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(world.published.map(({ subject }) => subject)).toEqual([
      'Smart Vault OK: 1 of 1 volumes, 2026-11-22 03:00 UTC',
    ]);
    expect(world.metricValues['SnapshotsCreated']).toBe(1);
  });

  it('sends no digest before the metrics are out', async () => {
    const world = new World().protects(1);
    world.metrics.put = () => Promise.reject(new Error('CloudWatch is away'));

    await expect(reportRun(world, CONFIG, bodyOf(aRun(1)))).rejects.toThrow('CloudWatch is away');

    expect(world.published).toEqual([]);
  });

  it('leaves the message in its queue when the source region cannot be read', async () => {
    const world = new World().protects(1);
    world.source.fails('DENIED');

    await expect(reportRun(world, CONFIG, bodyOf(aRun(1)))).rejects.toMatchObject({ code: 'DENIED' });

    expect(world.published).toEqual([]);
  });

  it('refuses a body that is no run', async () => {
    await expect(reportRun(new World(), CONFIG, '{"kind":"run"}')).rejects.toMatchObject({
      code: 'CONTRACT',
    });
  });
});

it('refuses the run of another vault', async () => {
  const attempt = reportRun(new World(), CONFIG, bodyOf(aRun(0, { vault: 'other' })));

  await expect(attempt).rejects.toMatchObject({ code: 'CONTRACT' });
});

describe('what changed since it was scheduled', () => {
  it('is never OK while an attached volume has failed hardware, which no run schedules', async () => {
    const world = new World().protects(2);
    world.source.snapshots = [aSnapshot(1)];
    world.west.snapshots = [aCopy(1)];
    world.catalog.findVolumes = async (ids) =>
      ids.map((id) => aVolume(1, { id, ...(id === volumeId(2) ? { state: 'error' as const } : {}) }));

    const result = await reportRun(world, CONFIG, bodyOf(aRun(1)));

    expect(result).toEqual({ kind: 'reported', status: 'PARTIAL' });
    expect(world.digest().subject).toMatch(/^Smart Vault PARTIAL: 1 of 2 volumes/);
    expect(world.digest().body).toContain('its hardware has failed (state error)');
  });

  it('does not hold a volume against the run that has gone with its instance', async () => {
    const world = new World().protects(2);
    world.instances = [anInstance(1)];
    world.source.snapshots = [aSnapshot(1)];
    world.west.snapshots = [aCopy(1)];
    world.now = AFTER_DEADLINE;

    await reportRun(world, CONFIG, bodyOf(aRun(2)));

    expect(world.digest().body).toContain(volumeId(2));
    expect(world.metricValues['SnapshotsCreated']).toBe(1);
  });
});
