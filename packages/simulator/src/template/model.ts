import type { AlarmSpec } from '../cloudwatch/alarms.ts';
import type { EventRule } from '../events/event-bus.ts';
import type { ScheduleSpec } from '../scheduler/schedules.ts';
import type { PolicyDocument } from './iam.ts';

/** Every resource says which part of the template it comes from. */
export interface Origin {
  readonly stack: string;
  readonly region: string;
  readonly logicalId: string;
}

/** An SQS queue. Times in seconds; a missing attribute has AWS's default. */
export interface QueueResource extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly receiveWaitSeconds: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly maximumMessageBytes?: number;
  readonly deduplicationScope?: string;
  readonly fifoThroughputLimit?: string;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

/** A policy on queues (by URL) or on topics (by ARN). */
export interface ResourcePolicy extends Origin {
  readonly targets: readonly string[];
  readonly document: PolicyDocument;
}

export interface TopicResource extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly displayName?: string;
  readonly fifo: boolean;
}

export interface SubscriptionResource extends Origin {
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly rawMessageDelivery: boolean;
  readonly filterPolicy?: unknown;
  readonly deadLetterArn?: string;
}

/** Where a function's code is: a directory or zip on this machine, or text within the template. */
export type FunctionCode =
  | { readonly kind: 'asset'; readonly path: string; readonly packaging: string }
  | { readonly kind: 'inline'; readonly text: string };

/** A Lambda function, with what its EventInvokeConfig says of asynchronous calls. Times in seconds, memory in MB. */
export interface FunctionResource extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly handler: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  readonly code: FunctionCode;
  readonly reservedConcurrency?: number;
  readonly logGroup?: string;
  readonly asyncInvoke: {
    readonly maximumRetryAttempts: number;
    readonly maximumEventAgeSeconds: number;
    /** `DeadLetterConfig`: gets the event as it was. */
    readonly deadLetterArn?: string;
    /** `DestinationConfig`: gets a record around the event. */
    readonly onFailureArn?: string;
    readonly onSuccessArn?: string;
  };
}

export interface EventSourceMappingResource extends Origin {
  readonly eventSourceArn: string;
  /** Name, without the ARN around it. */
  readonly functionName: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly enabled: boolean;
  readonly reportBatchItemFailures: boolean;
  readonly maximumConcurrency?: number;
}

/** Who else may invoke a function. */
export interface PermissionResource extends Origin {
  readonly functionName: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

/** A role with all its policies: those in it and those attached by `AWS::IAM::Policy`. */
export interface RoleResource extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly trust: PolicyDocument;
  readonly policies: readonly PolicyDocument[];
  readonly managedPolicyArns: readonly string[];
}

export interface LogGroupResource extends Origin {
  readonly name: string;
  readonly arn: string;
  readonly retentionDays?: number;
}

export interface DashboardResource extends Origin {
  readonly name: string;
  /** JSON. */
  readonly body: string;
}

export interface ScheduleGroupResource extends Origin {
  readonly name: string;
  readonly arn: string;
}

/** A stack's resources, by kind, with every intrinsic resolved. */
export interface StackModel {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  readonly queues: readonly QueueResource[];
  readonly queuePolicies: readonly ResourcePolicy[];
  readonly topics: readonly TopicResource[];
  readonly topicPolicies: readonly ResourcePolicy[];
  readonly subscriptions: readonly SubscriptionResource[];
  readonly functions: readonly FunctionResource[];
  readonly eventSourceMappings: readonly EventSourceMappingResource[];
  readonly permissions: readonly PermissionResource[];
  readonly rules: readonly (Origin & EventRule)[];
  readonly schedules: readonly (Origin & ScheduleSpec)[];
  readonly scheduleGroups: readonly ScheduleGroupResource[];
  readonly alarms: readonly (Origin & AlarmSpec)[];
  readonly dashboards: readonly DashboardResource[];
  readonly roles: readonly RoleResource[];
  readonly logGroups: readonly LogGroupResource[];
  readonly outputs: Readonly<Record<string, string>>;
}
