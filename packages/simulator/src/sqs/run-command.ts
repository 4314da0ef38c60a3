import type * as Sdk from '@aws-sdk/client-sqs';
import { ANSWERED, SdkError } from '../sdk-error.ts';
import { runMoveCommand } from './move-commands.ts';
import { queueAttributes } from './queue-attributes.ts';
import { receiveMessages } from './receive-command.ts';
import type { SqsService } from './service.ts';
import type { SendEntry } from './types.ts';
import { checkBatch, checkBatchBytes } from './validate.ts';

/** An SDK command object, of whatever version of the SDK. */
export interface SdkCommand {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

/** SQS takes a purge once a minute. */
const PURGE_PAUSE_MS = 60_000;

/**
 * Runs one command of `@aws-sdk/client-sqs` against the model: what a client's `send` would resolve to, at once.
 * A long poll does not wait.
 * @param region that of the client: look-ups by name find only its queues; all queues when left out
 * @throws SdkError as the client's `send` would reject
 */
export function runSqsCommand(sqs: SqsService, command: SdkCommand, region?: string): unknown {
  const { input } = command;
  const { name } = command.constructor;
  switch (name) {
    case 'SendMessageCommand':
      return sendMessage(sqs, input as Sdk.SendMessageCommandInput);
    case 'SendMessageBatchCommand':
      return sendMessageBatch(sqs, input as Sdk.SendMessageBatchCommandInput);
    case 'ReceiveMessageCommand':
      return receiveMessages(sqs, input as Sdk.ReceiveMessageCommandInput);
    case 'DeleteMessageCommand':
      return deleteMessage(sqs, input as Sdk.DeleteMessageCommandInput);
    case 'DeleteMessageBatchCommand':
      return deleteMessageBatch(sqs, input as Sdk.DeleteMessageBatchCommandInput);
    case 'ChangeMessageVisibilityCommand':
      return changeVisibility(sqs, input as Sdk.ChangeMessageVisibilityCommandInput);
    case 'ChangeMessageVisibilityBatchCommand':
      return changeVisibilityBatch(sqs, input as Sdk.ChangeMessageVisibilityBatchCommandInput);
    case 'GetQueueAttributesCommand':
      return getQueueAttributes(sqs, input as Sdk.GetQueueAttributesCommandInput);
    case 'GetQueueUrlCommand':
      return getQueueUrl(sqs, input as Sdk.GetQueueUrlCommandInput, region);
    case 'ListQueuesCommand':
      return listQueues(sqs, input as Sdk.ListQueuesCommandInput, region);
    case 'PurgeQueueCommand':
      return purgeQueue(sqs, input as Sdk.PurgeQueueCommandInput);
    default:
      return runMoveCommand(sqs, command);
  }
}

function sendMessage(sqs: SqsService, input: Sdk.SendMessageCommandInput): Sdk.SendMessageCommandOutput {
  const sent = sqs.byUrl(input.QueueUrl ?? '').send(toEntry(input));
  return { ...toSent(sent), $metadata: ANSWERED };
}

function sendMessageBatch(
  sqs: SqsService,
  { QueueUrl = '', Entries = [] }: Sdk.SendMessageBatchCommandInput,
): Sdk.SendMessageBatchCommandOutput {
  const queue = sqs.byUrl(QueueUrl);
  checkBatch(Entries);
  const entries = Entries.map(toEntry);
  checkBatchBytes(entries);
  return batch(Entries, (_, index) => {
    const entry = entries[index] as SendEntry;
    if (queue.failsEntry(entry))
      throw new SdkError('InternalError', 'The request processing has failed.', 500);
    return toSent(queue.send(entry));
  });
}

function deleteMessage(
  sqs: SqsService,
  { QueueUrl = '', ReceiptHandle = '' }: Sdk.DeleteMessageCommandInput,
): Sdk.DeleteMessageCommandOutput {
  sqs.byUrl(QueueUrl).delete(ReceiptHandle);
  return { $metadata: ANSWERED };
}

function deleteMessageBatch(
  sqs: SqsService,
  { QueueUrl = '', Entries = [] }: Sdk.DeleteMessageBatchCommandInput,
): Sdk.DeleteMessageBatchCommandOutput {
  const queue = sqs.byUrl(QueueUrl);
  checkBatch(Entries);
  return batch(Entries, ({ ReceiptHandle = '' }) => {
    queue.delete(ReceiptHandle);
    return {};
  });
}

function changeVisibility(
  sqs: SqsService,
  { QueueUrl = '', ReceiptHandle = '', VisibilityTimeout }: Sdk.ChangeMessageVisibilityCommandInput,
): Sdk.ChangeMessageVisibilityCommandOutput {
  const queue = sqs.byUrl(QueueUrl);
  if (VisibilityTimeout === undefined)
    throw new SdkError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
  queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  return { $metadata: ANSWERED };
}

function changeVisibilityBatch(
  sqs: SqsService,
  { QueueUrl = '', Entries = [] }: Sdk.ChangeMessageVisibilityBatchCommandInput,
): Sdk.ChangeMessageVisibilityBatchCommandOutput {
  const queue = sqs.byUrl(QueueUrl);
  checkBatch(Entries);
  return batch(Entries, ({ ReceiptHandle = '', VisibilityTimeout = queue.spec.visibilityTimeoutSeconds }) => {
    queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
    return {};
  });
}

function getQueueAttributes(
  sqs: SqsService,
  { QueueUrl = '', AttributeNames = [] }: Sdk.GetQueueAttributesCommandInput,
): Sdk.GetQueueAttributesCommandOutput {
  return { Attributes: queueAttributes(sqs, sqs.byUrl(QueueUrl), AttributeNames), $metadata: ANSWERED };
}

function getQueueUrl(
  sqs: SqsService,
  { QueueName = '' }: Sdk.GetQueueUrlCommandInput,
  region: string | undefined,
): Sdk.GetQueueUrlCommandOutput {
  const queue = sqs.queue(QueueName);
  if (queue === undefined || (region !== undefined && queue.spec.region !== region))
    throw new SdkError('QueueDoesNotExist', 'The specified queue does not exist.');
  return { QueueUrl: queue.url, $metadata: ANSWERED };
}

function listQueues(
  sqs: SqsService,
  { QueueNamePrefix = '', MaxResults, NextToken = '' }: Sdk.ListQueuesCommandInput,
  region: string | undefined,
): Sdk.ListQueuesCommandOutput {
  const found = sqs
    .queues()
    .filter(({ spec }) => region === undefined || spec.region === region)
    .filter(({ spec }) => spec.name.startsWith(QueueNamePrefix) && spec.name > NextToken)
    .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1));
  const page = found.slice(0, MaxResults ?? 1_000);
  const last = page.at(-1);
  return {
    QueueUrls: page.map(({ url }) => url),
    // SQS pages only when it was told how long a page is.
    ...(MaxResults !== undefined && last !== undefined && page.length < found.length
      ? { NextToken: last.spec.name }
      : {}),
    $metadata: ANSWERED,
  };
}

function purgeQueue(
  sqs: SqsService,
  { QueueUrl = '' }: Sdk.PurgeQueueCommandInput,
): Sdk.PurgeQueueCommandOutput {
  const queue = sqs.byUrl(QueueUrl);
  const now = sqs.clock.now();
  if (queue.purgedAt !== undefined && now < queue.purgedAt + PURGE_PAUSE_MS)
    throw new SdkError(
      'PurgeQueueInProgress',
      `Only one PurgeQueue operation on ${queue.spec.name} is allowed every 60 seconds.`,
      403,
    );
  queue.purge();
  return { $metadata: ANSWERED };
}

/** One answer for each entry: what `run` gives, or why it threw. */
function batch<Entry extends { readonly Id: string | undefined }, Done extends object>(
  entries: readonly Entry[],
  run: (entry: Entry, index: number) => Done,
) {
  const Successful: (Done & { Id: string })[] = [];
  const Failed: Sdk.BatchResultErrorEntry[] = [];
  entries.forEach((entry, index) => {
    const { Id = '' } = entry;
    try {
      Successful.push({ Id, ...run(entry, index) });
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      const { name: Code, message: Message, $fault } = error;
      Failed.push({ Id, Code, Message, SenderFault: $fault === 'client' });
    }
  });
  return { Successful, Failed, $metadata: ANSWERED };
}

function toEntry(input: Sdk.SendMessageBatchRequestEntry | Sdk.SendMessageCommandInput): SendEntry {
  return {
    body: input.MessageBody ?? '',
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    delaySeconds: input.DelaySeconds,
    attributes: input.MessageAttributes,
  };
}

function toSent(sent: ReturnType<ReturnType<SqsService['byUrl']>['send']>) {
  const { messageId, sequenceNumber, md5OfBody, md5OfAttributes } = sent;
  return {
    MessageId: messageId,
    MD5OfMessageBody: md5OfBody,
    ...(md5OfAttributes === '' ? undefined : { MD5OfMessageAttributes: md5OfAttributes }),
    ...(sequenceNumber === undefined ? undefined : { SequenceNumber: sequenceNumber }),
  };
}
