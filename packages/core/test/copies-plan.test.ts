import { describe, expect, it } from 'vitest';
import { type CopyPlanInput, planCopy, READ_LAG_MS, type Snapshot } from '../src/index.ts';
import { AWAY, aCopy, aSource, HOME, NOW, snapshotId, VAULT, volumeId } from './builders.ts';

const given = (with_: Partial<CopyPlanInput> = {}): CopyPlanInput => ({
  message: { snapshotId: snapshotId(1), attemptsForgiven: 0 },
  source: aSource(),
  existing: [],
  vault: VAULT,
  destination: AWAY,
  messageAgeMs: 0,
  now: NOW,
  ...with_,
});
const failed = (count: number): Snapshot[] =>
  Array.from({ length: count }, (_, index) =>
    aCopy({ id: 2_000 + index }, { state: 'error', stateMessage: `failure ${index}`, startedAt: index }),
  );

describe('a completed source', () => {
  it('without a copy is copied, with the description and tags of a copy', () => {
    expect(planCopy(given())).toMatchObject({
      kind: 'copy',
      point: { volumeId: volumeId(1) },
      request: {
        sourceRegion: HOME,
        sourceSnapshotId: snapshotId(1),
        description: 'Copied from us-east-1 on 2026-11-22',
        encrypted: false,
        tags: { CopiedFrom: HOME, OriginalSnapshotId: snapshotId(1), Date: '2026-11-22' },
      },
    });
  });

  it('that is encrypted is copied with the key of the destination, or its default', () => {
    const source = aSource({}, { encrypted: true });

    expect(planCopy(given({ source, kmsKeyId: 'alias/vault' }))).toMatchObject({
      request: { encrypted: true, kmsKeyId: 'alias/vault' },
    });
    expect(JSON.stringify(planCopy(given({ source })))).not.toContain('kmsKeyId');
    expect(JSON.stringify(planCopy(given({ kmsKeyId: 'alias/vault' })))).not.toContain('kmsKeyId');
  });

  it.each(['completed', 'pending'] as const)('with a %s copy is done', (state) => {
    expect(planCopy(given({ existing: [...failed(5), aCopy({}, { state })] })).kind).toBe('done');
  });

  it('is copied although others made copies that look like its own', () => {
    const existing = [
      aCopy({ vault: 'other' }),
      aCopy({ tags: { CopiedFrom: 'us-west-2' } }),
      { ...aCopy(), tags: {} },
    ];

    expect(planCopy(given({ existing })).kind).toBe('copy');
  });

  it('needs no copy when the point has one that was made of a source that is gone', () => {
    expect(planCopy(given({ existing: [aCopy({ of: 7 })] })).kind).toBe('done');
  });

  it('is tried again whatever became of copies of another source', () => {
    const others = [1, 2, 3, 4].map(() => aCopy({ of: 7 }, { state: 'error' }));

    expect(planCopy(given({ existing: others })).kind).toBe('copy');
  });

  it.each([1, 2])('with %i failed copies is tried again', (count) => {
    expect(planCopy(given({ existing: failed(count) })).kind).toBe('copy');
  });

  it('with 3 failed copies is given up, with the cause of the last', () => {
    expect(planCopy(given({ existing: failed(3) }))).toMatchObject({
      kind: 'dead-letter',
      cause: 'failure 2',
      code: 'UNKNOWN',
      attemptsForgiven: 3,
    });
  });

  it('has as many attempts again when it is redriven', () => {
    const message = { snapshotId: snapshotId(1), attemptsForgiven: 3 };

    expect(planCopy(given({ message, existing: failed(5) })).kind).toBe('copy');
    expect(planCopy(given({ message, existing: failed(6) })).kind).toBe('dead-letter');
  });

  it('is for people to mend when the key may not be used', () => {
    const existing = failed(3).map((copy) => ({ ...copy, stateMessage: 'Given key ID is not accessible' }));

    expect(planCopy(given({ existing }))).toMatchObject({ kind: 'dead-letter', code: 'DENIED' });
  });
});

/** By how much the clock of a function may be ahead of SQS's. */
const QUARTER = 15 * 60_000;

describe('a source that cannot be copied', () => {
  it('and cannot be seen is waited for as long as reads may lag and clocks differ, and then gone', () => {
    const source = undefined;

    expect(planCopy(given({ source, messageAgeMs: READ_LAG_MS + QUARTER - 1 }))).toMatchObject({
      kind: 'wait',
      delaySeconds: 60,
    });
    expect(planCopy(given({ source, messageAgeMs: READ_LAG_MS + QUARTER }))).toMatchObject({
      kind: 'done',
      reason: expect.stringMatching(/gone/),
    });
  });

  it('because it is pending is waited for', () => {
    expect(planCopy(given({ source: aSource({}, { state: 'pending' }) }))).toMatchObject({
      kind: 'wait',
      delaySeconds: 60,
    });
  });

  it.each([
    ['failed', aSource({}, { state: 'error', stateMessage: 'disk\n on fire' }), /failed: disk on fire/],
    ['foreign', aSource({ vault: 'other' }), /not of vault/],
    [
      'malformed',
      aSource({ tags: { 'smart-vault:slot': 'x' } }),
      /cannot be understood: tag smart-vault:slot/,
    ],
    ['condemned', aSource({ condemnedAt: NOW }), /condemned/],
    ['archived', aSource({}, { storageTier: 'archive' }), /archived/],
    ['in the Recycle Bin', aSource({}, { state: 'recoverable' }), /Recycle Bin/],
    ['a copy itself', aCopy(), /itself a copy/],
    ['in the destination', aSource({}, { region: AWAY }), /already/],
  ])('because it is %s ends the matter, and says why', (_, source, reason) => {
    expect(planCopy(given({ source }))).toEqual({ kind: 'done', reason: expect.stringMatching(reason) });
  });
});
