import { join } from 'node:path';
import { AppError } from '@smart-vault/core';
import type { EventRule } from '../events/event-bus.ts';
import { allows, allowsService, type PolicyDocument } from '../template/iam.ts';
import type {
  EventSourceMappingResource,
  FunctionResource,
  QueueResource,
  StackModel,
} from '../template/model.ts';
import type { FunctionConfig, Functions } from './lambda/functions.ts';
import type { MappingConfig } from './mappings.ts';
import { LOCAL_ACCOUNT, type Queues } from './queues.ts';

/** Creates the queues, topics and subscriptions of all stacks. */
export function createQueuesAndTopics(stacks: readonly StackModel[], queues: Queues): void {
  for (const stack of stacks) {
    for (const queue of stack.queues) {
      queues.createQueue(queue.name, queue.region, attributesOf(queue), queue.tags);
    }
    for (const topic of stack.topics) queues.createTopic(topic.name, topic.region);
  }
  for (const { topicArn, protocol, endpoint } of stacks.flatMap((stack) => stack.subscriptions)) {
    queues.subscribe(topicArn, protocol, endpoint);
  }
}

function attributesOf(queue: QueueResource): Record<string, string> {
  return {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    DelaySeconds: String(queue.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(queue.receiveWaitSeconds),
    ...(queue.maximumMessageBytes === undefined
      ? {}
      : { MaximumMessageSize: String(queue.maximumMessageBytes) }),
    ...(queue.fifo
      ? { FifoQueue: 'true', ContentBasedDeduplication: String(queue.contentBasedDeduplication) }
      : {}),
    ...(queue.redrive === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: queue.redrive.deadLetterArn,
            maxReceiveCount: queue.redrive.maxReceiveCount,
          }),
        }),
  };
}

/**
 * A function as Lambda would run it: the template's environment and Lambda's own variables, nothing else.
 * @throws AppError `CONFIG` for code that cannot be run here
 */
export function functionConfig(resource: FunctionResource, endpoint: string): FunctionConfig {
  const { handler, code, name, region, asyncInvoke } = resource;
  if (code.kind !== 'asset' || code.packaging !== 'zip') {
    throw new AppError(
      'CONFIG',
      `the code of ${name} is ${code.kind === 'asset' ? code.packaging : 'inline'}; only bundled directories run here`,
    );
  }
  const [file = 'index', exported = 'handler'] = handler.split('.');
  return {
    name,
    arn: resource.arn,
    region,
    bundle: join(code.path, `${file}.cjs`),
    handler: exported,
    variables: {
      ...resource.environment,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(resource.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: resource.logGroup ?? `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_STREAM_NAME: 'local',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      LAMBDA_TASK_ROOT: code.path,
      _HANDLER: handler,
      TZ: ':UTC',
    },
    timeoutSeconds: resource.timeoutSeconds,
    memoryMb: resource.memoryMb,
    ...(resource.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrency: resource.reservedConcurrency }),
    asyncRetriesMax: asyncInvoke.maximumRetryAttempts,
    asyncMaxAgeSeconds: asyncInvoke.maximumEventAgeSeconds,
    ...(asyncInvoke.onFailureArn === undefined ? {} : { onFailure: asyncInvoke.onFailureArn }),
    ...(asyncInvoke.deadLetterArn === undefined ? {} : { deadLetterArn: asyncInvoke.deadLetterArn }),
  };
}

/** An event source mapping, and whether its function may read the queue. @throws AppError `CONFIG` */
export function mappingConfig(
  resource: EventSourceMappingResource,
  access: Access,
  functions: Functions,
): MappingConfig {
  const { eventSourceArn, functionName, region } = resource;
  const config = functions.find(functionName);
  if (config === undefined)
    throw new AppError(
      'CONFIG',
      `the event source mapping ${resource.logicalId} names no function of these stacks: ${functionName}`,
    );
  for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
    if (allows(access.policiesOf(functionName), { action, resource: eventSourceArn })) continue;
    throw new AppError(
      'CONFIG',
      `the role of ${functionName} lacks ${action} on ${eventSourceArn}, so its event source mapping could not be created`,
    );
  }
  return {
    queueName: nameOf(eventSourceArn),
    functionName: config.name,
    region,
    enabled: resource.enabled,
    batchSize: resource.batchSize,
    windowSeconds: resource.batchingWindowSeconds,
    reportsItemFailures: resource.reportBatchItemFailures,
    ...(resource.maximumConcurrency === undefined ? {} : { concurrencyMax: resource.maximumConcurrency }),
  };
}

/** Who may do what, by the templates: roles, policies of queues and topics, permissions of functions. */
export class Access {
  readonly #stacks: readonly StackModel[];
  readonly #roles = new Map<string, readonly PolicyDocument[]>();
  readonly #ofFunctions = new Map<string, readonly PolicyDocument[]>();

  constructor(stacks: readonly StackModel[]) {
    this.#stacks = stacks;
    for (const role of stacks.flatMap((stack) => stack.roles)) this.#roles.set(role.arn, role.policies);
    for (const one of stacks.flatMap((stack) => stack.functions)) {
      this.#ofFunctions.set(one.name, this.#roles.get(one.roleArn) ?? []);
    }
  }

  policiesOf(functionName: string): readonly PolicyDocument[] {
    return this.#ofFunctions.get(functionName) ?? [];
  }

  /** Whether a role may do this. */
  roleMay(roleArn: string | undefined, action: string, resource: string): boolean {
    return roleArn !== undefined && allows(this.#roles.get(roleArn) ?? [], { action, resource });
  }

  /** Whether a queue lets a rule of EventBridge send to it. */
  queueTakes(queueArn: string, queueUrl: string, rule: EventRule): boolean {
    return this.#queueLets(queueArn, queueUrl, 'events.amazonaws.com', rule.arn);
  }

  /** Whether a topic lets CloudWatch publish what an alarm says. */
  topicTakesAlarm(topicArn: string, alarmArn: string): boolean {
    const documents = this.#stacks
      .flatMap((stack) => stack.topicPolicies)
      .filter((policy) => policy.targets.includes(topicArn))
      .map((policy) => policy.document);
    return allowsService(documents, 'cloudwatch.amazonaws.com', {
      action: 'sns:Publish',
      resource: topicArn,
      context: fromService(alarmArn),
    });
  }

  /** Whether a function lets a rule invoke it. */
  functionTakes(functionName: string, rule: EventRule): boolean {
    return this.#stacks
      .flatMap((stack) => stack.permissions)
      .some(
        (permission) =>
          permission.functionName === functionName &&
          permission.principal === 'events.amazonaws.com' &&
          (permission.sourceArn === undefined || permission.sourceArn === rule.arn),
      );
  }

  #queueLets(queueArn: string, queueUrl: string, service: string, sourceArn: string): boolean {
    const documents = this.#stacks
      .flatMap((stack) => stack.queuePolicies)
      .filter((policy) => policy.targets.includes(queueUrl))
      .map((policy) => policy.document);
    return allowsService(documents, service, {
      action: 'sqs:SendMessage',
      resource: queueArn,
      context: fromService(sourceArn),
    });
  }
}

const fromService = (sourceArn: string) => ({
  'aws:SourceArn': sourceArn,
  'aws:SourceAccount': LOCAL_ACCOUNT,
  'aws:SecureTransport': 'true',
});

/** The last part of an ARN. */
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);
