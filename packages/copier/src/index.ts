export { type CopierConfig, copierEnv, toCopierConfig } from './config.ts';
export { type CopierPorts, copySnapshots } from './copy-snapshots.ts';
export { createCopierHandler } from './create-handler.ts';
export { createWarmState, type WarmState } from './warm-state.ts';
