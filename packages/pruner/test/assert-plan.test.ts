import { type PruneDecision, type PruneInputs, planPrune, type Snapshot } from '@smart-vault/core';
import { expect, it } from 'vitest';
import { assertPlan } from '../src/assert-plan.ts';
import { aCopy, aSnapshot, CONFIG, DESTINATION, NOW, POLICY, SOURCE, VAULT } from './fakes.ts';

const AGES = [0, 1, 2, 3, 4];

function inputsOf(sources: readonly Snapshot[], problem?: string): PruneInputs {
  const copies = AGES.map((age) => aCopy(1, age));
  const none = { inImages: new Set<never>(), locked: new Set<never>() };
  return {
    now: NOW,
    vault: VAULT,
    policy: POLICY,
    source: SOURCE,
    limits: CONFIG.limits,
    regions: [
      { region: SOURCE, snapshots: sources, ...none, ...(problem === undefined ? {} : { problem }) },
      { region: DESTINATION, snapshots: copies, ...none },
    ],
  };
}

const deleting = (snapshots: readonly Snapshot[]): PruneDecision[] =>
  snapshots.map(({ id, region, sizeGiB }) => ({
    snapshotId: id,
    region,
    kind: 'delete',
    rule: 'expired',
    reason: 'a planner gone wrong',
    sizeGiB,
  }));

const SNAPSHOTS = AGES.map((age) => aSnapshot(1, age));

it('accepts what the planner plans', () => {
  const inputs = inputsOf([...SNAPSHOTS, aSnapshot(1, 9)]);

  expect(() => assertPlan(inputs, planPrune(inputs))).not.toThrow();
});

it('refuses a plan that deletes the newest point of a volume', () => {
  const decisions = deleting(SNAPSHOTS.slice(0, 1));

  expect(() => assertPlan(inputsOf(SNAPSHOTS), { decisions, refusals: [] })).toThrow(
    'deletes the newest point',
  );
});

it('refuses a plan that leaves fewer good points than the policy wants', () => {
  const decisions = deleting(SNAPSHOTS.slice(2));

  expect(() => assertPlan(inputsOf(SNAPSHOTS), { decisions, refusals: [] })).toThrow('leaves 2 points');
});

it('does not count failed snapshots towards the floor', () => {
  const failed = [aSnapshot(1, 0, { state: 'error' }), aSnapshot(1, 1, { state: 'error' })];
  const inputs = inputsOf([...failed, ...SNAPSHOTS.slice(2)]);

  expect(() => assertPlan(inputs, { decisions: deleting(SNAPSHOTS.slice(4)), refusals: [] })).toThrow(
    'leaves 2 points',
  );
});

it('refuses a plan that acts where it was refused', () => {
  const plan = {
    decisions: deleting(SNAPSHOTS.slice(4)),
    refusals: [{ region: SOURCE, reason: 'too many' }],
  };

  expect(() => assertPlan(inputsOf(SNAPSHOTS), plan)).toThrow('was refused, and acts there');
});

it('refuses a plan that acts where the inventory is not complete', () => {
  const plan = { decisions: deleting(SNAPSHOTS.slice(4)), refusals: [] };

  expect(() => assertPlan(inputsOf(SNAPSHOTS, 'a page is missing'), plan)).toThrow('could not be read');
});
