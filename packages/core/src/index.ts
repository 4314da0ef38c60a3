export {
  COPY_ATTEMPTS_MAX,
  type CopyPlan,
  type CopyPlanInput,
  planCopy,
  READ_LAG_MS,
} from './copies-plan.ts';
export { type CopyWork, parseCopyWork } from './copy-work.ts';
export { type DeadLetterFacts, deadLetterFacts } from './dead-letter-facts.ts';
export {
  AppError,
  assert,
  type ErrorCode,
  type ErrorDetails,
  errorText,
  type FailureClass,
  failureClassOf,
  isAppError,
} from './errors.ts';
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
export type { InstanceSpec } from './instance-spec.ts';
export { decodeInstanceTags, type InstanceTags } from './instance-tags.ts';
export {
  type CopyMessage,
  DEAD_LETTER_ATTRIBUTE,
  encodeMessage,
  HAS_LETTER_ATTRIBUTE,
  type Message,
  parseRun,
  parseScheduledJob,
  parseScheduledRun,
  parseSnapshotUnit,
  parseWakeUp,
  type RunMessage,
  type ScheduledJob,
  type ScheduledRun,
  type SnapshotUnitMessage,
  unitKey,
  type WakeUpMessage,
} from './messages.ts';
export type { AttachedVolume, Instance, Snapshot, SnapshotState, Tags, Volume } from './model.ts';
export {
  COPY_VOLUME_ID,
  condemnedTags,
  deletedTags,
  holdTags,
  type Ownership,
  type Point,
  pointKey,
  pointOf,
} from './point.ts';
export { DAY_MS, HOUR_MS, type Policy, policyProblems } from './policy.ts';
export type {
  Clock,
  Cloud,
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
export {
  type PlannedCopy,
  type PlannedUnit,
  planReconcile,
  type ReconcileInputs,
  type ReconcilePlan,
  type Waiting,
} from './reconcile.ts';
export { graceMsOf, planPrune } from './retention.ts';
export type {
  KeepRule,
  PruneDecision,
  PruneInputs,
  PruneLimits,
  PrunePlan,
  PruneRefusal,
  RegionInventory,
  RemoveRule,
} from './retention-types.ts';
export { renderDigest } from './run-digest.ts';
export { runMetrics } from './run-metrics.ts';
export { assessRun, isProtected } from './run-summary.ts';
export type {
  AssessInput,
  CopyOutcome,
  DeadLetter,
  RunAssessment,
  RunCounts,
  RunStatus,
  VolumeOutcome,
} from './run-types.ts';
export { latestSlotAt, nextRunAfter, parseSchedule, type Schedule } from './schedule.ts';
export {
  type EmptyInstance,
  type Exclusion,
  isOptedOut,
  type Selection,
  selectUnits,
  type Unit,
} from './selection.ts';
export { isSlot, parseSlot, type Slot, slotAt, slotDate, slotMs } from './slot.ts';
export { type GoneVolume, planUnit, type UnitPlan, type UnitPlanInput } from './snapshots-plan.ts';
export { isReservedKey, TAG, TAG_LIMITS } from './tag-names.ts';
export {
  copyDescription,
  copyTags,
  type SourceTagsInput,
  snapshotDescription,
  sourceTags,
  userTagsFit,
  withUserTags,
} from './tags.ts';
export { bodyText, oneLine, subjectText } from './text.ts';
export { decodeSettings, encodeSettings, type VaultSettings } from './vault-settings.ts';
export type { VolumeSpec } from './volume-map.ts';
