import { SdkError } from '../sdk-error.ts';
import type { SimulatedQueue } from './queue.ts';
import type { SqsService } from './service.ts';
import { MESSAGE_BYTES_MAX } from './validate.ts';

/** What GetQueueAttributes answers. @throws SdkError `InvalidAttributeName` */
export function queueAttributes(
  sqs: SqsService,
  queue: SimulatedQueue,
  names: readonly string[],
): Record<string, string> {
  const known = attributesOf(sqs, queue);
  if (names.includes('All')) return known;
  const chosen: Record<string, string> = {};
  for (const name of names) {
    if (!ATTRIBUTE_NAMES.has(name)) throw new SdkError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    const value = known[name];
    if (value !== undefined) chosen[name] = value;
  }
  return chosen;
}

function attributesOf(sqs: SqsService, queue: SimulatedQueue): Record<string, string> {
  const { spec } = queue;
  const { visible, inFlight, delayed } = queue.counts();
  const createdAt = String(Math.floor(queue.createdAt / 1000));
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: createdAt,
    LastModifiedTimestamp: createdAt,
    VisibilityTimeout: String(spec.visibilityTimeoutSeconds),
    MaximumMessageSize: String(spec.messageBytesMax ?? MESSAGE_BYTES_MAX),
    MessageRetentionPeriod: String(spec.retentionSeconds),
    DelaySeconds: String(spec.delaySeconds),
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
    ...redrivePolicy(sqs, queue),
    ...(spec.fifo
      ? {
          FifoQueue: 'true',
          DeduplicationScope: 'queue',
          FifoThroughputLimit: 'perQueue',
          ContentBasedDeduplication: String(spec.contentBasedDeduplication ?? false),
        }
      : undefined),
  };
}

function redrivePolicy(sqs: SqsService, { spec, arn }: SimulatedQueue): Record<string, string> {
  if (spec.redrive === undefined) return {};
  const { deadLetterName, maxReceiveCount } = spec.redrive;
  const deadLetterTargetArn = `${arn.slice(0, -spec.name.length)}${deadLetterName}`;
  return {
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: sqs.queue(deadLetterName)?.arn ?? deadLetterTargetArn,
      maxReceiveCount,
    }),
  };
}

const ATTRIBUTE_NAMES: ReadonlySet<string> = new Set([
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'ContentBasedDeduplication',
]);
