import type * as Sdk from '@aws-sdk/client-sqs';
import { ANSWERED, SdkError } from '../sdk-error.ts';
import type { SqsService } from './service.ts';
import type { MessageAttribute, SimulatedMessage } from './types.ts';

const MESSAGES_MAX = 10;
const WAIT_SECONDS_MAX = 20;

/** ReceiveMessage, answered at once. @throws SdkError as SQS refuses it */
export function receiveMessages(
  sqs: SqsService,
  input: Sdk.ReceiveMessageCommandInput,
): Sdk.ReceiveMessageCommandOutput {
  const queue = sqs.byUrl(input.QueueUrl ?? '');
  const { MaxNumberOfMessages: countMax = 1, WaitTimeSeconds: waitSeconds = 0 } = input;
  check('MaxNumberOfMessages', countMax, 1, MESSAGES_MAX);
  check('WaitTimeSeconds', waitSeconds, 0, WAIT_SECONDS_MAX);
  if (waitSeconds === 0 && queue.overLimit)
    throw new SdkError('OverLimit', 'Too many messages are in flight; delete those that are done.', 403);
  const messages = queue.receive(countMax, { visibilityTimeoutSeconds: input.VisibilityTimeout });
  if (messages.length === 0) return { $metadata: ANSWERED };
  const system = new Set<string>([
    ...(input.MessageSystemAttributeNames ?? []),
    ...(input.AttributeNames ?? []),
  ]);
  const wanted = input.MessageAttributeNames ?? [];
  return {
    Messages: messages.map((message) => toMessage(message, system, wanted, sqs.accountId)),
    $metadata: ANSWERED,
  };
}

function toMessage(
  message: SimulatedMessage,
  system: ReadonlySet<string>,
  wanted: readonly string[],
  accountId: string,
): Sdk.Message {
  const attributes = pick(message.attributes, wanted);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receipt,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(system.size === 0 ? undefined : { Attributes: systemAttributes(message, system, accountId) }),
    ...(attributes === undefined
      ? undefined
      : { MessageAttributes: attributes, MD5OfMessageAttributes: message.md5OfAttributes }),
  };
}

function systemAttributes(message: SimulatedMessage, names: ReadonlySet<string>, accountId: string) {
  const known: Readonly<Record<string, string | number | undefined>> = {
    SenderId: accountId,
    SentTimestamp: message.sentAt,
    ApproximateReceiveCount: message.receiveCount,
    ApproximateFirstReceiveTimestamp: message.firstReceivedAt,
    MessageGroupId: message.groupId,
    MessageDeduplicationId: message.deduplicationId,
    SequenceNumber: message.sequenceNumber,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const chosen: Record<string, string> = {};
  for (const name in known) {
    const value = known[name];
    if (value !== undefined && (names.has('All') || names.has(name))) chosen[name] = String(value);
  }
  return chosen;
}

/** The attributes that were asked for: by name, by `prefix.*`, or all. */
function pick(
  attributes: Readonly<Record<string, MessageAttribute>>,
  wanted: readonly string[],
): Record<string, MessageAttribute> | undefined {
  const names = Object.keys(attributes);
  if (names.length === 0 || wanted.length === 0) return undefined;
  const chosen = names.filter((name) => wanted.some((pattern) => asksFor(pattern, name)));
  if (chosen.length === 0) return undefined;
  return Object.fromEntries(chosen.map((name) => [name, { ...(attributes[name] as MessageAttribute) }]));
}

const asksFor = (pattern: string, name: string): boolean =>
  pattern === 'All' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2)));

function check(parameter: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new SdkError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${parameter} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
  );
}
