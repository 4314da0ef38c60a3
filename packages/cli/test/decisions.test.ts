import type {
  InstanceId,
  Region,
  RunAssessment,
  Slot,
  Snapshot,
  SnapshotId,
  VolumeId,
  VolumeOutcome,
} from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { instantOf } from '../src/command-line/instant.ts';
import { ServiceClock } from '../src/command-line/service-clock.ts';
import { choiceOf, isChosen, redriveChoiceOf } from '../src/dlq/choose.ts';
import type { DeadLetterView } from '../src/dlq/dead-letters.ts';
import { copyFlow } from '../src/status/copy-flow.ts';
import { standings } from '../src/status/protection.ts';
import { queuePartOf } from '../src/vault/queue-names.ts';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-22T06:00:00Z');
const SLOT = '2026-11-22T03:00:00Z' as Slot;
const EU = 'eu-west-1' as Region;

describe('how a volume stands', () => {
  const aVolume = (changes: Partial<VolumeOutcome>): VolumeOutcome => ({
    volumeId: 'vol-11111111' as VolumeId,
    instanceId: 'i-11111111' as InstanceId,
    snapshot: 'good',
    newestPointAt: NOW - 3 * HOUR,
    copies: [{ region: EU, state: 'good', newestPointAt: NOW - 3 * HOUR }],
    ...changes,
  });
  const standing = (changes: Partial<VolumeOutcome>, status: RunAssessment['status'] = 'PARTIAL') =>
    standings(
      { slot: SLOT, at: NOW, status, volumes: [aVolume(changes)] } as unknown as RunAssessment,
      26,
    )[0];

  test.each<[string, Partial<VolumeOutcome>, string, string | undefined]>([
    ['all is good', {}, 'protected', undefined],
    [
      'no point at all',
      { snapshot: 'missing', newestPointAt: undefined as never, copies: [] },
      'unprotected',
      'no good snapshot of it yet',
    ],
    [
      'never copied',
      { copies: [{ region: EU, state: 'missing' }] },
      'unprotected',
      'never copied to eu-west-1',
    ],
    [
      'an old copy only',
      { copies: [{ region: EU, state: 'failed', newestPointAt: NOW - 27 * HOUR }] },
      'unprotected',
      'newest copy in eu-west-1 is 27 h old',
    ],
    [
      'a copy of yesterday',
      { copies: [{ region: EU, state: 'failed', problem: 'DENIED', newestPointAt: NOW - 25 * HOUR }] },
      'late',
      'copy to eu-west-1 failed: DENIED',
    ],
    [
      'a later run made up for it',
      {
        snapshot: 'failed',
        newestPointAt: NOW - HOUR,
        copies: [{ region: EU, state: 'missing', newestPointAt: NOW - HOUR }],
      },
      'protected',
      undefined,
    ],
    [
      'a region that cannot be read',
      { copies: [{ region: EU, state: 'missing', isUnreadable: true }] },
      'unknown',
      'copy to eu-west-1 missing',
    ],
  ])('%s', (_, changes, expected, reason) => {
    const found = standing(changes);
    expect(found?.standing).toBe(expected);
    expect(found?.reasons[0]).toBe(reason);
  });

  test('what is pending is not late while the run goes on', () => {
    const pending = { copies: [{ region: EU, state: 'pending', newestPointAt: NOW - 25 * HOUR }] } as const;
    expect(standing(pending, 'IN_PROGRESS')?.standing).toBe('running');
    expect(standing(pending)?.standing).toBe('late');
  });

  test('what was left out or is gone does not stand at all', () => {
    expect(standing({ snapshot: 'excluded' })).toBeUndefined();
  });
});

describe('the flow of copies', () => {
  const aSnapshot = (id: string, changes: Partial<Snapshot> & { original?: string } = {}): Snapshot => {
    const { original, ...rest } = changes;
    return {
      id: id as SnapshotId,
      region: original === undefined ? ('us-east-1' as Region) : EU,
      state: 'completed',
      volumeId: original === undefined ? 'vol-11111111' : 'vol-ffffffff',
      sizeGiB: 8,
      startedAt: NOW - 2 * HOUR,
      completedAt: NOW - HOUR,
      description: '',
      encrypted: false,
      storageTier: 'standard',
      tags: {
        'smart-vault:vault': 'v',
        'smart-vault:policy': 'default',
        'smart-vault:slot': SLOT,
        'smart-vault:instance': 'i-11111111',
        'smart-vault:volume': 'vol-11111111',
        ...(original !== undefined && { CopiedFrom: 'us-east-1', OriginalSnapshotId: original }),
      },
      ...rest,
    };
  };
  const flow = (sources: readonly Snapshot[], copies: readonly Snapshot[], dead: readonly string[] = []) =>
    copyFlow({
      ...{ vault: 'v', region: EU, sources, copies, dead: new Set(dead) },
      ...{ permits: 2, retentionDays: 7, now: NOW },
    });

  test('what is good and has no copy waits; the end is by the pace of the last copies', () => {
    const sources = ['snap-00000001', 'snap-00000002', 'snap-00000003', 'snap-00000004', 'snap-00000005'].map(
      (id) => aSnapshot(id),
    );
    const done = aSnapshot('snap-0000000a', {
      original: 'snap-00000001',
      startedAt: NOW - HOUR,
      completedAt: NOW - HOUR / 2,
    });
    const flying = aSnapshot('snap-0000000b', {
      original: 'snap-00000002',
      state: 'pending',
      completedAt: undefined as never,
    });

    expect(flow(sources, [done, flying])).toEqual({
      region: EU,
      inFlight: 1,
      waiting: 3,
      oldestMs: HOUR,
      expectedEndAt: NOW + 2 * (HOUR / 2),
      pace: { atATime: 2, meanMs: HOUR / 2, sample: 1 },
    });
  });

  test('a failed copy does not count as one; what is dead, condemned, pending or archived does not wait', () => {
    const failed = aSnapshot('snap-0000000a', { original: 'snap-00000001', state: 'error' });
    expect(flow([aSnapshot('snap-00000001')], [failed])).toMatchObject({ waiting: 1, expectedEndAt: null });
    const condemned = aSnapshot('snap-00000002');
    const others = [
      { ...condemned, tags: { ...condemned.tags, 'smart-vault:condemned-at': '2026-11-22T00:00:00Z' } },
      aSnapshot('snap-00000003', { state: 'pending' }),
      aSnapshot('snap-00000004', { storageTier: 'archive' }),
      aSnapshot('snap-00000005'),
    ];
    expect(flow(others, [], ['snap-00000005'])).toMatchObject({ waiting: 0, oldestMs: null });
  });

  test('an old one that is held waits for no copy, which retention would delete, unless it is the newest', () => {
    const held = aSnapshot('snap-00000001');
    const old = { ...held, tags: { ...held.tags, 'smart-vault:slot': '2026-10-30T14:30:00Z' } };
    const today = aSnapshot('snap-00000002');

    expect(flow([old, today], [aSnapshot('snap-0000000a', { original: today.id })])).toMatchObject({
      waiting: 0,
      oldestMs: null,
    });
    expect(flow([old], [])).toMatchObject({ waiting: 1 });
  });
});

describe('which letters are meant', () => {
  const letter = (failureClass: DeadLetterView['failureClass']): DeadLetterView => ({
    messageId: '75192648-f1c8-449e-ba3c-5c949ce684c6',
    subject: 'snap-11111111',
    subjects: ['snap-11111111'],
    failureClass,
    code: '-',
    cause: '',
    attempts: 5,
    failedAt: NOW,
    body: '',
  });

  test.each<[DeadLetterView['failureClass'], Parameters<typeof isChosen>[1], boolean]>([
    ['retryable', { class: [], id: [] }, true],
    ['unknown', { class: [], id: [] }, true],
    ['permanent', { class: [], id: [] }, false],
    ['permanent', { class: ['permanent'], id: [] }, true],
    ['permanent', { class: ['all'], id: [] }, true],
    ['permanent', { class: [], id: ['snap-11111111'] }, true],
    ['permanent', { class: ['retryable'], id: ['snap-11111111'] }, false],
    ['unknown', { class: ['retryable'], id: [] }, true],
    ['retryable', { class: [], id: ['75192648'] }, true],
    ['retryable', { class: [], id: ['7519264'] }, false],
    ['retryable', { class: [], id: ['snap-22222222'] }, false],
  ])('%s, %j: %s', (failureClass, choice, expected) => {
    expect(isChosen(letter(failureClass), choice)).toBe(expected);
  });

  test.each<[DeadLetterView['failureClass'], Parameters<typeof redriveChoiceOf>[0], boolean]>([
    ['retryable', { class: ['retryable'] }, true],
    ['configuration', { class: ['retryable'] }, true],
    ['permanent', { class: ['retryable'] }, false],
    ['configuration', { class: ['retryable'], id: ['snap-22222222'] }, false],
    ['retryable', { class: ['configuration'] }, false],
    ['configuration', {}, true],
  ])('a redrive of %s, %j: %s', (failureClass, options, expected) => {
    expect(isChosen(letter(failureClass), redriveChoiceOf(options))).toBe(expected);
  });

  test('a discard of retryable ones leaves what only needs its configuration mended', () => {
    expect(isChosen(letter('configuration'), choiceOf({ class: ['retryable'] }))).toBe(false);
  });
});

test.each([
  ['v-volumes.fifo', { role: 'volumes' }],
  ['v-copies-eu-west-1', { role: 'copies', destination: 'eu-west-1' }],
  ['v-copies-eu-west-1-dlq', { role: 'copies-dlq', destination: 'eu-west-1' }],
  ['v-events-dlq', { role: 'events-dlq' }],
  ['v-events-dlq-eu-west-1', { role: 'forwarding-dlq', destination: 'eu-west-1' }],
  ['v-two-volumes.fifo', undefined],
  ['v-copies-volumes.fifo', undefined],
  ['w-volumes.fifo', undefined],
])('the queue %s of vault v is %j', (name, expected) => {
  expect(queuePartOf('v', name)).toEqual(expected);
});

test.each([
  ['2027-01-31', '2027-01-31T23:59:59.000Z'],
  ['2027-01-31T18:00', '2027-01-31T18:00:00.000Z'],
  ['2027-01-31 18:00:30Z', '2027-01-31T18:00:30.000Z'],
  ['2027-02-31', undefined],
  ['2027-01-31T25:00', undefined],
  ['tomorrow', undefined],
])('the time %s is %s', (text, expected) => {
  const ms = instantOf(text);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(expected);
});

test('the clock is the machine’s until an answer tells another time; some seconds are the way of the answer', () => {
  const clock = new ServiceClock({ now: () => NOW, sleep: async () => {} });
  expect(clock.now()).toBe(NOW);
  clock.learn(NOW - 4_000);
  expect(clock.now()).toBe(NOW);
  clock.learn(NOW - 48 * HOUR);
  expect(clock.now()).toBe(NOW - 48 * HOUR);
  clock.learn(NOW);
  expect(clock.now()).toBe(NOW);
});
