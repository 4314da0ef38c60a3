import { assert, type PruneInputs, type PrunePlan, pointOf, type RegionInventory } from '@smart-vault/core';

/**
 * Checks a plan against the promises that must hold whatever the rules say, by other means than the planner's: nothing
 * is done in a region that cannot be read, nothing but failed snapshots goes in one that was refused, the newest point
 * of a volume in a region stays, and so do `keepMin` points. The cap is checked again when each batch is planned anew
 * right before it is deleted.
 *
 * @throws Error when a promise is broken: a bug of ours, and a reason to do nothing at all.
 */
export function assertPlan(inputs: PruneInputs, plan: PrunePlan): void {
  const refused = new Set(plan.refusals.map((refusal) => refusal.region));
  const actions = plan.decisions.filter(({ kind }) => kind !== 'keep');
  const acted = new Set(actions.map(({ region }) => region));
  const actedOnData = new Set(actions.flatMap(({ rule, region }) => (rule === 'failed' ? [] : [region])));
  const deleted = new Set(
    plan.decisions.filter(({ kind }) => kind === 'delete').map((each) => each.snapshotId),
  );
  for (const inventory of inputs.regions) {
    const { region, problem } = inventory;
    assert(
      !actedOnData.has(region) || !refused.has(region),
      `the plan for ${region} was refused, and acts there`,
    );
    assert(
      !acted.has(region) || problem === undefined,
      `${region} could not be read, and the plan acts there`,
    );
    assertFloor(inputs, inventory, deleted);
  }
}

function assertFloor(inputs: PruneInputs, inventory: RegionInventory, deleted: ReadonlySet<string>): void {
  const before = slotsByVolume(inputs, inventory, () => true);
  const after = slotsByVolume(inputs, inventory, (id) => !deleted.has(id));
  for (const [volumeId, slots] of before) {
    const left = after.get(volumeId) ?? new Set<string>();
    const where = `${volumeId} in ${inventory.region}`;
    const newest = [...slots].sort().at(-1) ?? '';
    assert(left.has(newest), `the plan deletes the newest point of ${where}: ${newest}`);
    const floor = Math.min(inputs.policy.keepMin, slots.size);
    assert(left.size >= floor, `the plan leaves ${left.size} points of ${where}; ${floor} must stay`);
  }
}

/** Slots of which a good snapshot is there, by volume. */
function slotsByVolume(
  inputs: PruneInputs,
  inventory: RegionInventory,
  counts: (id: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const slots = new Map<string, Set<string>>();
  for (const snapshot of inventory.snapshots) {
    const ownership = pointOf(snapshot, inputs.vault);
    if (ownership.kind !== 'owned' || snapshot.state !== 'completed' || !counts(snapshot.id)) continue;
    const { volumeId, slot } = ownership.point;
    slots.set(volumeId, (slots.get(volumeId) ?? new Set()).add(slot));
  }
  return slots;
}
