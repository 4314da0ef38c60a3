export { type SnapshotterConfig, snapshotterEnv } from './config.ts';
export { createSnapshots, type SnapshotterPorts } from './create-snapshots.ts';
export { createWarmState, type WarmState } from './warm-state.ts';
