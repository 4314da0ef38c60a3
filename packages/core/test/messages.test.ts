import { describe, expect, it } from 'vitest';
import {
  encodeMessage,
  isAppError,
  parseCopyWork,
  parseRun,
  parseScheduledJob,
  parseScheduledRun,
  parseSnapshotUnit,
  parseWakeUp,
  type SnapshotUnitMessage,
  unitKey,
} from '../src/index.ts';
import { AWAY, instanceId, NOW, SLOT, snapshotId, VAULT, volumeId } from './builders.ts';

const unit: SnapshotUnitMessage = {
  v: 1,
  kind: 'snapshot-unit',
  vault: VAULT,
  policy: 'default',
  slot: SLOT,
  unit: instanceId(1),
  instanceId: instanceId(1),
  volumeIds: [volumeId(1), volumeId(2)],
  firstSeenAt: NOW,
};
const run = {
  v: 1,
  kind: 'run',
  vault: VAULT,
  policy: 'default',
  slot: SLOT,
  startedAt: NOW,
  instances: 1,
  units: 1,
  volumes: 2,
  check: 0,
} as const;

function refusal(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (isAppError(error, 'CONTRACT')) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('a snapshot-unit message', () => {
  it.each([
    ['no JSON', 'hello', /no JSON: hello/],
    ['a body that is too long', ' '.repeat(300_000), /300000 characters; expected at most 262144/],
    ['null', 'null', /\(root\)/],
    ['a list', '[]', /v: /],
    ['another kind', JSON.stringify({ ...unit, kind: 'copy' }), /kind: .*"snapshot-unit"/],
    ['another version', JSON.stringify({ ...unit, v: 2 }), /v: .*1/],
    ['no slot', JSON.stringify({ ...unit, slot: undefined }), /slot: /],
    ['a slot that is no instant', JSON.stringify({ ...unit, slot: 'today' }), /slot: expected a UTC instant/],
    ['no volumes', JSON.stringify({ ...unit, volumeIds: [] }), /volumeIds: /],
    ['129 volumes', JSON.stringify({ ...unit, volumeIds: Array(129).fill(volumeId(1)) }), /volumeIds: /],
    [
      'a wrong volume',
      JSON.stringify({ ...unit, volumeIds: [volumeId(1), 'disk'] }),
      /volumeIds\.1: expected a volume id/,
    ],
    ['a vault name that would not fit a key', JSON.stringify({ ...unit, vault: 'x'.repeat(41) }), /vault: /],
    ['a time that is no number', JSON.stringify({ ...unit, firstSeenAt: 'now' }), /firstSeenAt: /],
  ])('is refused with %s, saying where and what was expected', (_, body, problem) => {
    expect(refusal(() => parseSnapshotUnit(body))).toMatch(problem);
  });

  it('keeps to known fields: extra ones of a newer sender are ignored, and prototypes stay clean', () => {
    const body = `{"__proto__":{"polluted":1},"constructor":1,"later":2,${JSON.stringify(unit).slice(1)}`;

    const parsed = parseSnapshotUnit(body);

    expect(parsed).toEqual(unit);
    expect(Object.keys(parsed).sort()).toEqual(Object.keys(unit).sort());
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('does not put control characters of the body into the error', () => {
    expect(refusal(() => parseSnapshotUnit('\u202eevil\n\u0007{'))).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });

  it('has a key of at most 128 characters', () => {
    expect(unitKey(unit)).toBe(`smart-vault/default/${instanceId(1)}/${SLOT}`);
    expect(
      unitKey({ ...unit, vault: 'v'.repeat(40), policy: 'p'.repeat(40), unit: volumeId(1) }).length,
    ).toBeLessThanOrEqual(128);
  });
});

describe('a run message', () => {
  it('may leave out what was scheduled', () => {
    expect(parseRun(encodeMessage(run))).toEqual(run);
    expect('scheduled' in parseRun(encodeMessage(run))).toBe(false);
  });

  it('is refused when something else than volumes was scheduled', () => {
    const bad = JSON.stringify({ ...run, scheduled: { [instanceId(1)]: ['x'] } });

    expect(refusal(() => parseRun(bad))).toMatch(/scheduled.*expected a volume id/);
    expect(refusal(() => parseRun(JSON.stringify({ ...run, scheduled: { web: [] } })))).toMatch(
      /expected an instance id/,
    );
  });
});

it('reads the inputs of the scheduled functions, given as objects', () => {
  expect(parseScheduledRun({ v: 1, kind: 'scheduled-run', policy: 'default', slot: SLOT }).slot).toBe(SLOT);
  expect(parseScheduledJob({ v: 1, kind: 'scheduled-job', job: 'prune', at: SLOT }).job).toBe('prune');
  expect(refusal(() => parseScheduledJob({ v: 1, kind: 'scheduled-job', job: 'delete', at: SLOT }))).toMatch(
    /job: /,
  );
  expect(refusal(() => parseScheduledRun(undefined))).toMatch(/\(root\)/);
  expect(refusal(() => parseWakeUp('{}'))).toMatch(/v: /);
});

describe('work for the copier', () => {
  const envelope = { version: '0', source: 'aws.ec2', region: 'us-east-1', resources: [] as string[] };
  const arn = (number: number): string => `arn:aws:ec2::us-east-1:snapshot/${snapshotId(number)}`;

  it('is our own message', () => {
    const message = {
      v: 1,
      kind: 'copy',
      vault: VAULT,
      snapshotId: snapshotId(1),
      firstSeenAt: NOW,
      attemptsForgiven: 0,
    } as const;

    expect(parseCopyWork(encodeMessage(message))).toEqual({ kind: 'copy', message });
  });

  it('is an event about one snapshot, with its malformed ARN', () => {
    const event = {
      ...envelope,
      'detail-type': 'EBS Snapshot Notification',
      detail: { event: 'createSnapshot', result: 'succeeded', snapshot_id: arn(1) },
    };

    expect(parseCopyWork(JSON.stringify(event))).toEqual({
      kind: 'event',
      snapshotIds: [snapshotId(1)],
      sourceEvent: 'createSnapshot',
    });
  });

  it('is an event about a set, each snapshot once', () => {
    const snapshots = [1, 2, 1].map((number) => ({
      snapshot_id: arn(number),
      source: 'x',
      status: 'completed',
    }));
    const event = {
      ...envelope,
      'detail-type': 'EBS Multi-Volume Snapshots Completion Status',
      detail: { event: 'createSnapshots', result: 'succeeded', snapshots },
    };

    expect(parseCopyWork(JSON.stringify(event))).toEqual({
      kind: 'event',
      snapshotIds: [snapshotId(1), snapshotId(2)],
      sourceEvent: 'createSnapshots',
    });
  });

  it('falls back on the resources of the event', () => {
    const event = {
      ...envelope,
      'detail-type': 'x',
      resources: [arn(3)],
      detail: { event: 'createSnapshot' },
    };

    expect(parseCopyWork(JSON.stringify(event))).toMatchObject({ snapshotIds: [snapshotId(3)] });
  });

  it.each(['copySnapshot', 'lockSnapshot', 'archiveSnapshot', undefined])(
    'is nothing in an event %s',
    (event) => {
      const body = JSON.stringify({
        ...envelope,
        'detail-type': 'EBS Snapshot Notification',
        detail: { event, snapshot_id: arn(1) },
      });

      expect(parseCopyWork(body).kind).toBe('ignore');
    },
  );

  it.each([
    [
      'an event without a snapshot',
      { ...envelope, 'detail-type': 'x', detail: { event: 'createSnapshot', snapshot_id: 'arn:x/vol-1' } },
    ],
    [
      'an event of someone else',
      {
        ...envelope,
        source: 'evil',
        'detail-type': 'x',
        detail: { event: 'createSnapshot', snapshot_id: arn(1) },
      },
    ],
    [
      'a copy message without a snapshot',
      { v: 1, kind: 'copy', vault: VAULT, firstSeenAt: 1, attemptsForgiven: 0 },
    ],
    ['a wake-up', { v: 1, kind: 'wake-up', region: AWAY, cause: 'tick', id: 'x' }],
  ])('is refused when it is %s', (_, body) => {
    refusal(() => parseCopyWork(JSON.stringify(body)));
  });
});
