export { type ApplyPorts, applyPlan } from './apply-plan.ts';
export { assertPlan } from './assert-plan.ts';
export { type PrunerConfig, prunerEnv, toPruneConfig } from './config.ts';
export { createPrunerHandler } from './create-handler.ts';
export { newDeletePacer } from './delete-snapshots.ts';
export { gatherInventory } from './gather-inventory.ts';
export type { PruneOutcome } from './outcome.ts';
export {
  type PruneConfig,
  type PrunePorts,
  type PruneReport,
  pruneSnapshots,
} from './prune-snapshots.ts';
