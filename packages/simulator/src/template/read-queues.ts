import type { PolicyDocument } from './iam.ts';
import type { QueueResource, ResourcePolicy, SubscriptionResource, TopicResource } from './model.ts';
import type { Properties } from './properties.ts';
import { nameAndArn, optional, type Reading } from './reading.ts';

/** `AWS::SQS::Queue`, with AWS's defaults. */
export function readQueue(reading: Reading): QueueResource {
  const { properties, origin, resolver, problem } = reading;
  const { name, arn } = nameAndArn(reading);
  const fifo = properties.boolean('FifoQueue') ?? false;
  if (fifo !== name.endsWith('.fifo')) problem(`the name ${name} and FifoQueue do not agree`);
  properties.ignore('QueueName', 'SqsManagedSseEnabled', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds');
  properties.ignore('RedriveAllowPolicy');
  const redrive = properties.inner('RedrivePolicy');
  return {
    ...origin,
    name,
    arn,
    url: resolver.place.queueUrl(name),
    fifo,
    contentBasedDeduplication: properties.boolean('ContentBasedDeduplication') ?? false,
    visibilityTimeoutSeconds: properties.number('VisibilityTimeout') ?? 30,
    retentionSeconds: properties.number('MessageRetentionPeriod') ?? 345_600,
    delaySeconds: properties.number('DelaySeconds') ?? 0,
    receiveWaitSeconds: properties.number('ReceiveMessageWaitTimeSeconds') ?? 0,
    tags: Object.fromEntries(
      properties.items('Tags').map((tag) => [tag.requiredText('Key'), tag.requiredText('Value')]),
    ),
    ...optional('maximumMessageBytes', properties.number('MaximumMessageSize')),
    ...optional('deduplicationScope', properties.text('DeduplicationScope')),
    ...optional('fifoThroughputLimit', properties.text('FifoThroughputLimit')),
    ...(properties.has('RedrivePolicy') && {
      redrive: {
        deadLetterArn: redrive.requiredText('deadLetterTargetArn'),
        maxReceiveCount: redrive.requiredNumber('maxReceiveCount'),
      },
    }),
  };
}

/** `AWS::SQS::QueuePolicy` and `AWS::SNS::TopicPolicy`. @param targets `Queues` or `Topics` */
export function readResourcePolicy(reading: Reading, targets: 'Queues' | 'Topics'): ResourcePolicy {
  const { properties, origin, problem } = reading;
  return {
    ...origin,
    targets: properties.texts(targets),
    document: readDocument(properties, 'PolicyDocument', problem),
  };
}

/** `AWS::SNS::Topic`. */
export function readTopic(reading: Reading): TopicResource {
  const { properties, origin } = reading;
  properties.ignore('TopicName', 'Tags', 'KmsMasterKeyId', 'SignatureVersion', 'TracingConfig');
  return {
    ...origin,
    ...nameAndArn(reading, 'TopicArn'),
    ...optional('displayName', properties.text('DisplayName')),
    fifo: properties.boolean('FifoTopic') ?? false,
  };
}

/** `AWS::SNS::Subscription`. */
export function readSubscription(reading: Reading): SubscriptionResource {
  const { properties, origin } = reading;
  properties.ignore('Region');
  const redrive = properties.inner('RedrivePolicy');
  return {
    ...origin,
    topicArn: properties.requiredText('TopicArn'),
    protocol: properties.requiredText('Protocol'),
    endpoint: properties.requiredText('Endpoint'),
    rawMessageDelivery: properties.boolean('RawMessageDelivery') ?? false,
    ...optional('filterPolicy', properties.any('FilterPolicy')),
    ...optional('deadLetterArn', redrive.text('deadLetterTargetArn')),
  };
}

/** A policy document under a property; an empty one, and a problem, when there is none. */
export function readDocument(
  properties: Properties,
  name: string,
  problem: (text: string) => void,
): PolicyDocument {
  const value = properties.any(name);
  const statement =
    typeof value === 'object' && value !== null ? (value as { Statement?: unknown }).Statement : undefined;
  if (statement === undefined) {
    problem(`${name} is no policy document`);
    return { Statement: [] };
  }
  const list = Array.isArray(statement) ? statement : [statement];
  return { ...(value as object), Statement: list as PolicyDocument['Statement'] };
}
