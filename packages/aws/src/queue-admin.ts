import {
  CancelMessageMoveTaskCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { AppError, type Tags } from '@smart-vault/core';
import type { ConnectionOptions } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { collectPages } from './paginate.ts';
import { type MoveTask, type QueueFacts, toMoveTask, toQueueFacts } from './queue-facts.ts';
import { createSqsClient } from './sqs-client.ts';

export type { MoveStatus, MoveTask, QueueFacts } from './queue-facts.ts';

/** What an operator's tool does with queues beyond working on them: finding dead letters, and sending them back. */
export interface QueueAdmin {
  /** URLs of the queues whose names start so. */
  listQueueUrls(namePrefix: string): Promise<readonly string[]>;
  /** @throws AppError `CONFIG` when there is no such queue. */
  describeQueue(url: string): Promise<QueueFacts>;
  /** Tags of the queue; none when it has none. */
  listTags(url: string): Promise<Tags>;
  /** URLs of the queues whose dead letters go to this one. */
  listSourceQueueUrls(deadLetterQueueUrl: string): Promise<readonly string[]>;
  /**
   * Starts moving all messages of a dead-letter queue: back to the queues they came from, or to `destinationArn`.
   * Moved messages are new ones: new ids, and no receives counted. One task per queue at a time.
   *
   * @returns the handle by which the task can be cancelled.
   */
  startMove(request: MoveRequest): Promise<string>;
  /** The newest tasks of a dead-letter queue, ten at most. */
  listMoves(deadLetterQueueArn: string): Promise<readonly MoveTask[]>;
  /** Stops a running task; what it has moved stays moved. @returns about how many messages that are. */
  cancelMove(handle: string): Promise<number>;
}

export interface MoveRequest {
  readonly sourceArn: string;
  readonly destinationArn?: string;
  /** 1 to 500; SQS chooses when it is left out. */
  readonly messagesPerSecondMax?: number;
}

export interface QueueAdminOptions extends ConnectionOptions {
  /** A client to use instead of a new one. */
  readonly client?: SQSClient;
}

const PER_PAGE = 1_000;
const MOVES_LISTED = 10;

/** Queues of one region. */
export function createQueueAdmin(options: QueueAdminOptions): QueueAdmin {
  const client = options.client ?? createSqsClient(options);
  return {
    listQueueUrls: (namePrefix) => listQueueUrls(client, namePrefix),
    describeQueue: async (url) => {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] });
      const { Attributes = {} } = await callAws('GetQueueAttributes', () => client.send(command));
      return toQueueFacts(url, Attributes);
    },
    listTags: async (url) => {
      const command = new ListQueueTagsCommand({ QueueUrl: url });
      const { Tags = {} } = await callAws('ListQueueTags', () => client.send(command));
      return Tags;
    },
    listSourceQueueUrls: (url) => listSourceQueueUrls(client, url),
    startMove: (request) => startMove(client, request),
    listMoves: async (SourceArn) => {
      const command = new ListMessageMoveTasksCommand({ SourceArn, MaxResults: MOVES_LISTED });
      const { Results = [] } = await callAws('ListMessageMoveTasks', () => client.send(command));
      return Results.map(toMoveTask);
    },
    cancelMove: async (TaskHandle) => {
      const command = new CancelMessageMoveTaskCommand({ TaskHandle });
      const answer = await callAws('CancelMessageMoveTask', () => client.send(command));
      return answer.ApproximateNumberOfMessagesMoved ?? 0;
    },
  };
}

function listQueueUrls(client: SQSClient, QueueNamePrefix: string): Promise<string[]> {
  return collectPages('ListQueues', async (NextToken) => {
    const command = new ListQueuesCommand({ QueueNamePrefix, MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('ListQueues', () => client.send(command));
    return { items: answer.QueueUrls ?? [], nextToken: answer.NextToken };
  });
}

function listSourceQueueUrls(client: SQSClient, QueueUrl: string): Promise<string[]> {
  return collectPages('ListDeadLetterSourceQueues', async (NextToken) => {
    const command = new ListDeadLetterSourceQueuesCommand({ QueueUrl, MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('ListDeadLetterSourceQueues', () => client.send(command));
    return { items: answer.queueUrls ?? [], nextToken: answer.NextToken };
  });
}

async function startMove(client: SQSClient, request: MoveRequest): Promise<string> {
  const { sourceArn, destinationArn, messagesPerSecondMax } = request;
  const command = new StartMessageMoveTaskCommand({
    SourceArn: sourceArn,
    ...(destinationArn === undefined ? {} : { DestinationArn: destinationArn }),
    ...(messagesPerSecondMax === undefined ? {} : { MaxNumberOfMessagesPerSecond: messagesPerSecondMax }),
  });
  const { TaskHandle } = await callAws('StartMessageMoveTask', () => client.send(command));
  if (TaskHandle !== undefined) return TaskHandle;
  throw new AppError('CONTRACT', 'StartMessageMoveTask: the answer has no task handle');
}
