import { beforeAll, describe, expect, it } from 'vitest';
import { fleetOf } from '../src/scale/account.ts';
import { boundOf } from '../src/scale/bound.ts';
import { Occupancy } from '../src/scale/occupancy.ts';
import type { ScaleResult } from '../src/scale/result.ts';
import { runFanOut } from '../src/scale/run-fan-out.ts';
import { runLoop } from '../src/scale/run-loop.ts';
import { runVault } from '../src/scale/run-vault.ts';
import { vaultTemplates } from '../src/templates.ts';

const VOLUMES = 200;
const templates = vaultTemplates();

describe.each([1, 4])('200 volumes, %i per instance', (perInstance) => {
  const fleet = fleetOf(VOLUMES, perInstance);
  let result: ScaleResult;

  beforeAll(async () => {
    result = await runVault({ fleet, seed: 1 }, templates);
  });

  it('are all protected, and nothing is lost, throttled or done twice', () => {
    const { protectedVolumes, deadLetters, throttledCalls, mutatingCalls } = result;

    expect({ protectedVolumes, deadLetters, throttledCalls }).toEqual({
      protectedVolumes: VOLUMES,
      deadLetters: 0,
      throttledCalls: 0,
    });
    expect(mutatingCalls).toBe(boundOf(fleet, 60, 300).mutatingCalls);
    expect(mutatingCalls).toBe(VOLUMES / perInstance + VOLUMES);
  });

  it('use every permit and never more', () => {
    expect([result.pendingMost, result.copiesMost]).toEqual([100, 20]);
    expect(result.copySlotUse).toBeGreaterThan(0.97);
  });
});

it('a plain fan-out loses what it is refused', async () => {
  const result = await runFanOut({ fleet: fleetOf(VOLUMES, 1), seed: 1 });

  expect(result.protectedVolumes + result.deadLetters).toBe(VOLUMES);
  expect(result.deadLetters).toBeGreaterThan(0);
  expect(result.throttledCalls).toBeGreaterThan(0);
});

it('the loop pays for waiting', async () => {
  const result = await runLoop({ fleet: fleetOf(30, 1), seed: 1 });

  expect(result.protectedVolumes).toBe(30);
  expect(result.sleptMs / result.billedMs).toBeGreaterThan(0.9);
});

it('counts slots only while work waits', () => {
  const slots = new Occupancy(4, 0);
  slots.change(0, 2, true);
  slots.change(10_000, 4, true);
  slots.change(20_000, 1, false);
  slots.change(90_000, 0, false);

  expect(slots.utilisation).toBeCloseTo((2 * 10 + 4 * 10) / (4 * 20));
});

it('knows what quotas allow', () => {
  // 1,000 volumes: 900 of them at 5 a second; 9 waves of 100 after the first; 50 waves of 20 copies.
  expect(boundOf(fleetOf(1_000, 1), 60, 300)).toMatchObject({
    createApi: 180,
    pendingCap: 540,
    copyApi: 190,
    copySlots: 15_000,
    creating: 540,
    all: 15_000,
    mutatingCalls: 2_000,
  });
});
