import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { AppError, type QueueDepth, type ReceivedMessage, type WorkQueue } from '@smart-vault/core';
import { systemBackOff } from './back-off.ts';
import type { ConnectionOptions } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { sendAll } from './send-messages.ts';
import { createSqsClient } from './sqs-client.ts';

export interface WorkQueueOptions extends ConnectionOptions {
  readonly url: string;
  /** A client to use instead of a new one, such as that of another queue in the same region. */
  readonly client?: SQSClient;
}

const RECEIVE_MAX = 10;
const VISIBILITY_MAX_SECONDS = 43_200;

/** One SQS queue, standard or FIFO (by its name). */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { url } = options;
  const client = options.client ?? createSqsClient(options);
  return {
    url,
    fifo: url.endsWith('.fifo'),
    receive: (max, { visibilityTimeoutSeconds } = {}) => receive(client, url, max, visibilityTimeoutSeconds),
    send: (messages) => sendAll(client, url, messages, options.backOff ?? systemBackOff),
    delete: async ({ receipt }) => {
      const command = new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt });
      await callAws('DeleteMessage', () => client.send(command));
    },
    changeVisibility: async ({ receipt }, seconds) => {
      const VisibilityTimeout = Math.min(VISIBILITY_MAX_SECONDS, Math.max(0, Math.ceil(seconds)));
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: receipt,
        VisibilityTimeout,
      });
      await callAws('ChangeMessageVisibility', () => client.send(command));
    },
    depth: () => depth(client, url),
  };
}

/**
 * Asks until an answer is empty or there are `max`. SQS gives fewer than it was asked for when it likes.
 *
 * An error after the first answer ends the asking: what is in hand has cost a receive and must be worked on. The
 * next receive meets the error, if it is still there.
 */
async function receive(client: SQSClient, url: string, max: number, visibilitySeconds?: number) {
  const messages: ReceivedMessage[] = [];
  while (messages.length < max) {
    const command = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(RECEIVE_MAX, max - messages.length),
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount', 'MessageGroupId'],
      MessageAttributeNames: ['All'],
      ...(visibilitySeconds === undefined ? {} : { VisibilityTimeout: visibilitySeconds }),
    });
    try {
      const { Messages = [] } = await callAws('ReceiveMessage', () => client.send(command));
      if (Messages.length === 0) break;
      messages.push(...Messages.map(toReceivedMessage));
    } catch (error) {
      if (messages.length === 0) throw error;
      break;
    }
  }
  return messages;
}

function toReceivedMessage(message: Message): ReceivedMessage {
  const { MessageId: id, ReceiptHandle: receipt, Body: body = '', Attributes: system = {} } = message;
  if (id === undefined || receipt === undefined)
    throw new AppError('CONTRACT', 'ReceiveMessage: a message has no id or no receipt');
  const attributes = Object.entries(message.MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return {
    id,
    body,
    receipt,
    receiveCount: wholeNumber(system.ApproximateReceiveCount, 'ApproximateReceiveCount'),
    sentAt: wholeNumber(system.SentTimestamp, 'SentTimestamp'),
    attributes: Object.fromEntries(attributes),
    ...(system.MessageGroupId === undefined ? {} : { groupId: system.MessageGroupId }),
  };
}

async function depth(client: SQSClient, url: string): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ],
  });
  const { Attributes: numbers = {} } = await callAws('GetQueueAttributes', () => client.send(command));
  return {
    visible: wholeNumber(numbers.ApproximateNumberOfMessages, 'ApproximateNumberOfMessages'),
    inFlight: wholeNumber(
      numbers.ApproximateNumberOfMessagesNotVisible,
      'ApproximateNumberOfMessagesNotVisible',
    ),
    delayed: wholeNumber(numbers.ApproximateNumberOfMessagesDelayed, 'ApproximateNumberOfMessagesDelayed'),
  };
}

function wholeNumber(text: string | undefined, name: string): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new AppError(
    'CONTRACT',
    `SQS answered with ${name} ${JSON.stringify(text) ?? 'left out'}, which is no number`,
  );
}
