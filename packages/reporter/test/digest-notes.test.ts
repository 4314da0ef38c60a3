import type { RunAssessment, VolumeOutcome } from '@smart-vault/core';
import { expect, it } from 'vitest';
import { instanceId, volumeId } from '../../core/test/builders.ts';
import { neverOk, rpoNote, unreadableNote } from '../src/digest-notes.ts';
import { SLOT, START, VAULT, WEST } from './fakes.ts';

const HOUR_MS = 3_600_000;

function anAssessment(volumes: readonly VolumeOutcome[]): RunAssessment {
  return {
    status: 'OK',
    vault: VAULT,
    policy: 'default',
    slot: SLOT,
    at: START,
    volumes,
    counts: {
      selected: 0,
      protected: 0,
      good: 0,
      pending: 0,
      failed: 0,
      missing: 0,
      gone: 0,
      excluded: 0,
      unaccounted: 0,
      copiesExpected: 0,
      copiesGood: 0,
      copiesPending: 0,
      copiesFailed: 0,
      copiesMissing: 0,
    },
  };
}

/** Volume `n`, whose newest points are so many hours old, here and in the destination. */
const aVolume = (n: number, hours: number, override: Partial<VolumeOutcome> = {}): VolumeOutcome => ({
  volumeId: volumeId(n),
  instanceId: instanceId(1),
  snapshot: 'good',
  newestPointAt: START - hours * HOUR_MS,
  copies: [{ region: WEST, state: 'good', newestPointAt: START - hours * HOUR_MS }],
  ...override,
});

it('takes OK back while a destination cannot be read, and nothing else', () => {
  const unreadable = [{ region: WEST, cause: 'DENIED' }];

  expect(neverOk(anAssessment([]), []).status).toBe('OK');
  expect(neverOk(anAssessment([]), unreadable).status).toBe('PARTIAL');
  expect(neverOk({ ...anAssessment([]), status: 'FAILED' }, unreadable).status).toBe('FAILED');
});

it('keeps what a foreign text says about a region on one line', () => {
  expect(unreadableNote([{ region: WEST, cause: 'first\nsecond' }])).toBe(
    'eu-west-1 could not be read, so nothing is known of its copies: first second',
  );
});

it('names no point that is young enough', () => {
  expect(rpoNote(anAssessment([aVolume(1, 25)]), 26)).toBe('');
});

it('names late points, points that never were and what was never copied, but not volumes that have gone', () => {
  const { newestPointAt: _, ...never } = aVolume(2, 0, { copies: [{ region: WEST, state: 'missing' }] });
  const volumes = [
    aVolume(1, 30, { instanceName: 'web-1' }),
    never,
    aVolume(3, 99, { snapshot: 'gone' }),
    aVolume(4, 99, { snapshot: 'excluded' }),
    aVolume(5, 1, { copies: [{ region: WEST, state: 'missing' }] }),
    aVolume(6, 1, { copies: [{ region: WEST, state: 'missing', isUnreadable: true }] }),
  ];

  expect(rpoNote(anAssessment(volumes), 26).split('\n')).toEqual([
    'No good point yet:',
    `  ${volumeId(2)} of ${instanceId(1)}`,
    'Never copied:',
    `  ${volumeId(5)} of ${instanceId(1)} to eu-west-1`,
    'Older than the 26 h that the policy allows:',
    `  ${volumeId(1)} of ${instanceId(1)} (web-1) in the source region: newest point is 30 h old`,
    `  ${volumeId(1)} of ${instanceId(1)} (web-1) in eu-west-1: newest point is 30 h old`,
  ]);
});

it('counts the rest when there are many', () => {
  const volumes = Array.from({ length: 15 }, (_, n) => aVolume(n, 30));

  expect(rpoNote(anAssessment(volumes), 26).split('\n').at(-1)).toBe('  and 10 more');
});
