export { type PrunerConfig, prunerEnv, toPruneConfig } from './config.ts';
export type { PruneOutcome } from './outcome.ts';
export {
  type PruneConfig,
  type PrunePorts,
  type PruneReport,
  pruneSnapshots,
} from './prune-snapshots.ts';
