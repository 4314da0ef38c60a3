export { AppError, assert, type ErrorCode, type ErrorDetails, errorText, type FailureClass, failureClassOf, isAppError } from './errors.ts';
export {
  type InstanceId,
  isInstanceId,
  isRegion,
  isSnapshotId,
  isVolumeId,
  type Region,
  type SnapshotId,
  snapshotIdFromArn,
  type VolumeId,
} from './ids.ts';
export type { AttachedVolume, Instance, Snapshot, SnapshotState, Tags, Volume } from './model.ts';
export type {
  Clock,
  CopySnapshotRequest,
  CreateSnapshotRequest,
  CreateSnapshotSetRequest,
  InstanceCatalog,
  Log,
  LogFields,
  Metric,
  MetricSink,
  Notifier,
  OutgoingMessage,
  QueueDepth,
  ReceivedMessage,
  SnapshotStore,
  VaultSnapshotFilter,
  WorkQueue,
} from './ports.ts';
export { isSlot, parseSlot, type Slot, slotAt, slotDate, slotMs } from './slot.ts';
