export { type SnapshotterConfig, snapshotterEnv } from './config.ts';
export { createSnapshotterHandler } from './create-handler.ts';
export { createSnapshots, type SnapshotterPorts } from './create-snapshots.ts';
export { createWarmState, type WarmState } from './warm-state.ts';
