export { type DueTimer, VirtualClock } from './clock.ts';
export { type AlarmMessage, alarmMessage } from './cloudwatch/alarm-message.ts';
export type { AlarmState, ComparisonOperator, TreatMissingData } from './cloudwatch/alarm-rules.ts';
export type { AlarmChange, AlarmSpec, AlarmStatus } from './cloudwatch/alarms.ts';
export { CloudWatch, type CloudWatchOptions } from './cloudwatch/cloudwatch.ts';
export { type CloudWatchCommand, runCloudWatchCommand } from './cloudwatch/command.ts';
export { type EmfLine, type EmfMetric, parseEmfLine } from './cloudwatch/emf.ts';
export {
  type Dimensions,
  type MetricId,
  MetricStore,
  type Statistic,
  type StatisticSet,
  statisticOf,
} from './cloudwatch/metric-store.ts';
export {
  type CloudWatchRequest,
  type CloudWatchResponse,
  handleCloudWatchRequest,
} from './cloudwatch/wire.ts';
export {
  type ActiveFault,
  type ApiCounters,
  DEFAULT_EC2_KNOBS,
  type Duration,
  type EbsEvent,
  EC2_ACTIONS,
  Ec2Api,
  type Ec2Command,
  Ec2Error,
  type Ec2Knobs,
  type Ec2Request,
  type Ec2Response,
  Ec2World,
  type Ec2WorldOptions,
  ec2Knobs,
  type Fleet,
  handleEc2Request,
  type InstanceRecord,
  isEc2Error,
  parseFleet,
  type RegionCounters,
  runEc2Command,
  type SeededSnapshot,
  type SnapshotRecord,
  subjectOfEc2Command,
  type TagMap,
  tagMap,
  type VolumeRecord,
} from './ec2/index.ts';
export {
  DEFAULT_RETRY_POLICY,
  type DeadLetter,
  type DeliveryFailure,
  type DeliveryResult,
  type RetryPolicy,
} from './events/delivery.ts';
export {
  type BusEvent,
  type BusOutcome,
  EventBus,
  EventBuses,
  type EventBusesOptions,
  type EventRule,
  type RuleTarget,
  type TargetCall,
} from './events/event-bus.ts';
export { type EventFaults, type FaultChoice, labelOfEvent } from './events/faults.ts';
export { compilePattern, type EventMatcher, matchesPattern } from './events/pattern.ts';
export { renderInput, type TargetInput } from './events/target-input.ts';
export {
  createLocalCloud,
  DEFAULT_START_MS,
  type LocalCloud,
  type LocalCloudOptions,
} from './local-cloud/cloud.ts';
export { FAULT_NAMES, FAULTS, type FaultName } from './local-cloud/faults.ts';
export type { ExpectedRun, History, VaultSnapshot } from './local-cloud/history.ts';
export { loadFleet } from './local-cloud/load-fleet.ts';
export { failedOf, type MappingConfig } from './local-cloud/mappings.ts';
export { checkPromises, type Verdict } from './local-cloud/promises.ts';
export { prepareSampleAccount } from './local-cloud/sample-account.ts';
export { sampleScenario } from './local-cloud/sample-scenario.ts';
export { type Summary, summarize } from './local-cloud/summary.ts';
export { cdkContext, sourceRegionOf, synthesize } from './local-cloud/synthesize.ts';
export { VirtualDate } from './local-cloud/virtual-date.ts';
export { hash32, Rng, unitOf, unitOfParts } from './prng.ts';
export { type Occurrences, parseExpression } from './scheduler/expression.ts';
export {
  type ScheduleCall,
  type ScheduleOutcome,
  type ScheduleSpec,
  Schedules,
  type SchedulesOptions,
} from './scheduler/schedules.ts';
export { SdkError } from './sdk-error.ts';
export { runSnsCommand } from './sns/run-command.ts';
export {
  type Publication,
  type PublishedMessage,
  type SimulatedSubscription,
  type SimulatedTopic,
  type SnsFault,
  type SnsOptions,
  SnsService,
} from './sns/sns.ts';
export { type MoveOutcome, type QueueSurroundings, SimulatedQueue } from './sqs/queue.ts';
export { runSqsCommand, type SdkCommand } from './sqs/run-command.ts';
export { type MoveTask, type SqsOptions, SqsService } from './sqs/service.ts';
export type {
  MessageAttribute,
  MessageFacts,
  OfferedEntry,
  PeekedMessage,
  QueueCounts,
  QueueSpec,
  SendEntry,
  SentMessage,
  SimulatedMessage,
  SqsFaults,
} from './sqs/types.ts';
export { type Assembly, type AssemblyStack, loadAssembly } from './template/assembly.ts';
export { checkReferences, type DanglingReference } from './template/check-references.ts';
export {
  type AccessDecision,
  type AccessRequest,
  allows,
  allowsService,
  decideAccess,
  type PolicyDocument,
  type PolicyStatement,
} from './template/iam.ts';
export type { ConditionContext } from './template/iam-conditions.ts';
export { matchesArn, matchesWildcard } from './template/iam-wildcards.ts';
export type {
  DashboardResource,
  EventSourceMappingResource,
  FunctionCode,
  FunctionResource,
  LogGroupResource,
  Origin,
  PermissionResource,
  QueueResource,
  ResourcePolicy,
  RoleResource,
  ScheduleGroupResource,
  StackModel,
  SubscriptionResource,
  TopicResource,
} from './template/model.ts';
export { type ReadTemplatesOptions, readTemplates } from './template/read-templates.ts';
export type { CfnResource, CfnTemplate, StackPlace, TemplateProblem } from './template/template-types.ts';
