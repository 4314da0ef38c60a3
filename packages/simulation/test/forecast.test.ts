import type { Region } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { boundOf } from '../src/forecast/bound.ts';
import { remediesFor } from '../src/forecast/remedies.ts';
import { settingsFrom } from '../src/forecast/settings.ts';
import { steadyPoints } from '../src/forecast/steady-points.ts';

const settings = (own: Readonly<Record<string, unknown>> = {}) => ({
  ...settingsFrom(undefined, { rpoHours: 8_760, ...own }),
  sourceRegion: 'us-east-1' as Region,
  destinations: ['eu-west-1' as Region],
});

describe('snapshots that stay, by the pruner’s own plan', () => {
  test.each([
    // Condemned with the first plan after seven days, at 06:00, and deleted with the one a day later.
    ['daily', {}, 9],
    ['daily, no grace: deleted with the next plan', { graceHours: 0 }, 8],
    ['every six hours', { schedule: 'cron(0 0/6 * * ? *)' }, 4 * 8 + 1],
    ['hourly: eight days, and up to six hours until a plan', { schedule: 'cron(0 * * * ? *)' }, 24 * 8 + 6],
    [
      'weekly: the floor of three, and the one that waits out the grace',
      { schedule: 'cron(0 3 ? * MON *)' },
      4,
    ],
  ])('%s', (_, own, expected) => {
    expect(steadyPoints(settings(own)).perVolume).toEqual({ 'us-east-1': expected, 'eu-west-1': expected });
  });

  test('slots in a month, and the time between them', () => {
    expect(steadyPoints(settings({ schedule: 'cron(0 2,14 * * ? *)' }))).toMatchObject({
      slotsPerMonth: 60,
      intervalHours: { shortest: 12, longest: 12 },
    });
    expect(steadyPoints(settings({ schedule: 'cron(0 8,9 * * ? *)' })).intervalHours).toEqual({
      shortest: 1,
      longest: 23,
    });
  });
});

const WORK = {
  createCalls: [300],
  snapshotSeconds: 300 * 60,
  longestSnapshot: 60,
  pendingSnapshotsMax: 100,
  copies: 300,
  copySeconds: 300 * 120,
  longestCopy: 120,
  copiesInFlightMax: 20,
};

test.each([
  ['copySlots', {}, 1_800],
  ['pendingCap', { pendingSnapshotsMax: 5 }, 3_600],
  ['copyApi', { copies: 30_050 }, 6_000],
  ['createApi', { createCalls: [10, 30_100] }, 6_000],
])('the quota that binds: %s', (binding, change, all) => {
  expect(boundOf({ ...WORK, ...change })).toMatchObject({ binding, all });
});

describe('what makes a window feasible', () => {
  /** A run at a pace without losses: waves of copies after the first snapshots. */
  const paceOf = (copiesInFlightMax: number, meanCopySeconds = 120) => ({
    snapshots: 300,
    snapshotsSeconds: 200,
    meanSnapshotSeconds: 60,
    isComplete: true,
    destinations: [
      {
        region: 'eu-west-1',
        copies: 300,
        copiesMost: copiesInFlightMax,
        meanCopySeconds,
        seconds: 60 + Math.ceil(300 / copiesInFlightMax) * meanCopySeconds,
        bound: boundOf({ ...WORK, copySeconds: 300 * meanCopySeconds, copiesInFlightMax }),
      },
    ],
  });
  const remedies = (windowSeconds: number, copySeconds?: number) => {
    const tried: number[] = [];
    const simulate = async (quota: number) => {
      tried.push(quota);
      return paceOf(quota, copySeconds);
    };
    return remediesFor(paceOf(20, copySeconds), 20, windowSeconds, simulate).then((found) => ({
      ...found,
      tried,
    }));
  };

  test('the least quota whose waves fit, after a run with it', async () => {
    expect(await remedies(600)).toEqual({
      copiesInFlight: 75,
      copiesInFlightToKeepUp: 60,
      volumes: 96,
      intervalHours: 1,
      tried: [75],
    });
  });

  test('none when one snapshot and one copy take longer than the window', async () => {
    expect(await remedies(3_600, 3_600)).toMatchObject({
      copiesInFlight: null,
      copiesInFlightToKeepUp: 300,
      intervalHours: 16,
      tried: [],
    });
  });
});
