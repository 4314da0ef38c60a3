import {
  type InstanceCatalog,
  planUnit,
  type SnapshotStore,
  type SnapshotUnitMessage,
  type UnitPlan,
} from '@smart-vault/core';
import type { JobContext } from '@smart-vault/lambda-kit';
import type { WarmState } from './warm-state.ts';

/** A unit with what is to be done about it. */
export interface PlannedUnit {
  readonly unit: SnapshotUnitMessage;
  readonly plan: UnitPlan;
}

/**
 * Looks at a batch of units with three calls: their instances, their volumes, and the snapshots that the vault has
 * of them already, including those that we started and that EC2 does not list yet.
 */
export async function lookAtUnits(
  ports: { readonly snapshots: SnapshotStore; readonly instances: InstanceCatalog; readonly warm: WarmState },
  units: readonly SnapshotUnitMessage[],
  context: JobContext,
): Promise<readonly PlannedUnit[]> {
  const vault = units[0]?.vault ?? '';
  const volumeIds = [...new Set(units.flatMap((unit) => unit.volumeIds))];
  const slots = new Set(units.map((unit) => unit.slot));
  const [slot] = slots;
  const [instances, volumes, listed] = await Promise.all([
    ports.instances.findInstances([...new Set(units.map((unit) => unit.instanceId))]),
    ports.instances.findVolumes(volumeIds),
    // A batch holds more than one slot only when a run has overtaken the last one; then we sort them out ourselves.
    ports.snapshots.listVaultSnapshots(vault, { volumeIds, ...(slots.size === 1 && slot ? { slot } : {}) }),
  ]);

  const now = context.clock.now();
  const known = ports.warm.recent.complete(listed);
  return units.map((unit) => {
    const ofUnit = new Set<string>(unit.volumeIds);
    const existing = known.filter(({ volumeId }) => ofUnit.has(volumeId)); // planUnit picks policy and slot
    const instance = instances.find(({ id }) => id === unit.instanceId);
    return { unit, plan: planUnit({ message: unit, instance, volumes, existing, now }) };
  });
}
