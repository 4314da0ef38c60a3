import { type PruneDecision, type PruneInputs, planPrune, type RegionInventory } from '@smart-vault/core';
import { canonicalJson } from './canonical.ts';
import { fingerprintsOf, type PlanDocument, type PlannedDecision } from './plan-document.ts';
import type { PruneRules } from './plan-inputs.ts';

/** Clocks of two machines differ a little. */
const AHEAD_MS = 60_000;

/** Whether something is done to it. */
export const isAction = ({ kind }: Pick<PlannedDecision, 'kind'>): boolean => kind !== 'keep';

/**
 * What is not as it was when the plan was made, one line each; empty when every decision still holds. Pure.
 *
 * Snapshots that the plan knows must look the same, and planned for the same instant they must get the same
 * decisions. And planned now, with everything that has come since, the actions must be the same: new snapshots that
 * change nothing about them are no difference.
 */
export function whatChanged(
  plan: PlanDocument,
  rules: PruneRules,
  regions: readonly RegionInventory[],
  now: number,
): readonly string[] {
  const rulesChanged = changedRules(plan, rules);
  if (rulesChanged.length > 0) return rulesChanged;
  const at = Date.parse(plan.at);
  if (at > now + AHEAD_MS) return [`the plan is for ${plan.at}, which is still to come`];
  const unreadable = changedRegions(plan, regions);
  if (unreadable.length > 0) return unreadable;
  const snapshots = changedSnapshots(plan, regions);
  if (snapshots.length > 0) return snapshots;
  const inputs = { ...rules, regions, now };
  return [
    ...changedDecisions(plan.decisions, { ...inputs, now: at, regions: knownOnly(plan, regions) }),
    ...changedDecisions(plan.decisions.filter(isAction), inputs),
  ].filter((line, index, all) => all.indexOf(line) === index);
}

function changedRules(plan: PlanDocument, rules: PruneRules): readonly string[] {
  const fields = ['vault', 'source', 'policy', 'limits'] as const;
  return fields
    .filter((field) => canonicalJson(plan[field]) !== canonicalJson(rules[field]))
    .map(
      (field) => `${field}: planned with ${canonicalJson(plan[field])}, now ${canonicalJson(rules[field])}`,
    );
}

const changedRegions = (plan: PlanDocument, regions: readonly RegionInventory[]): readonly string[] => [
  ...regions.flatMap(({ region, problem }) => (problem === undefined ? [] : [`${region}: ${problem}`])),
  ...plan.regions.flatMap(({ region, problem }) =>
    problem === undefined ? [] : [`${region} could not be read when the plan was made`],
  ),
];

function changedSnapshots(plan: PlanDocument, regions: readonly RegionInventory[]): readonly string[] {
  const fingerprints = fingerprintsOf(regions);
  return plan.decisions.flatMap(({ region, snapshotId, fingerprint }) => {
    const found = fingerprints.get(`${region} ${snapshotId}`);
    if (found === undefined) return [`${snapshotId} in ${region} is gone`];
    return found === fingerprint
      ? []
      : [`${snapshotId} in ${region} has other tags, or another lock, image or tier`];
  });
}

function knownOnly(plan: PlanDocument, regions: readonly RegionInventory[]): readonly RegionInventory[] {
  const known = new Set<string>(plan.decisions.map(({ snapshotId }) => snapshotId));
  return regions.map((inventory) => ({
    ...inventory,
    snapshots: inventory.snapshots.filter(({ id }) => known.has(id)),
  }));
}

function changedDecisions(planned: readonly PlannedDecision[], inputs: PruneInputs): readonly string[] {
  const found = new Map<string, PruneDecision>(
    planPrune(inputs).decisions.map((each) => [each.snapshotId, each]),
  );
  return planned.flatMap(({ snapshotId, region, kind, rule }) => {
    const current = found.get(snapshotId);
    if (current?.kind === kind) return [];
    const became = current === undefined ? 'nothing' : `${current.kind} (${current.rule}: ${current.reason})`;
    return [`${snapshotId} in ${region}: planned ${kind} (${rule}), now ${became}`];
  });
}
