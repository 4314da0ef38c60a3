export { type ReconcilerConfig, reconcilerEnv, toReconcileConfig } from './config.ts';
export { createReconcilerHandler } from './create-handler.ts';
export type { DeadLetterPorts } from './dead-letters.ts';
export {
  type ReconcileConfig,
  type ReconcilePorts,
  type ReconcileReport,
  reconcileVault,
} from './reconcile-vault.ts';
