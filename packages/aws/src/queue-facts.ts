import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import { AppError, type QueueDepth } from '@smart-vault/core';

/** One queue, as its attributes tell. Numbers of messages are approximate. */
export interface QueueFacts {
  readonly url: string;
  readonly arn: string;
  readonly name: string;
  readonly fifo: boolean;
  readonly depth: QueueDepth;
  readonly retentionSeconds: number;
  /** How long a received message stays hidden. */
  readonly visibilitySeconds: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Where this queue's own dead letters go, and after how many receives; absent when nowhere. */
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

export type MoveStatus = 'running' | 'completed' | 'cancelling' | 'cancelled' | 'failed';

/** A redrive of dead letters. Numbers of messages are approximate. */
export interface MoveTask {
  /** Only while it runs. */
  readonly handle?: string;
  readonly status: MoveStatus;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly moved: number;
  readonly toMove?: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly failureReason?: string;
}

const STATUSES: readonly MoveStatus[] = ['running', 'completed', 'cancelling', 'cancelled', 'failed'];

export function toQueueFacts(url: string, attributes: Readonly<Record<string, string>>): QueueFacts {
  const arn = attributes['QueueArn'];
  if (arn === undefined) throw new AppError('CONTRACT', `GetQueueAttributes: ${url} has no ARN`);
  const number = (name: string): number => Number(attributes[name] ?? 0);
  const redrive = toRedrive(attributes['RedrivePolicy']);
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  return {
    url,
    arn,
    name,
    fifo: name.endsWith('.fifo'),
    depth: {
      visible: number('ApproximateNumberOfMessages'),
      inFlight: number('ApproximateNumberOfMessagesNotVisible'),
      delayed: number('ApproximateNumberOfMessagesDelayed'),
    },
    retentionSeconds: number('MessageRetentionPeriod'),
    visibilitySeconds: number('VisibilityTimeout'),
    createdAt: number('CreatedTimestamp') * 1_000,
    ...(redrive === undefined ? {} : { redrive }),
  };
}

/** `{"deadLetterTargetArn":"arn:…","maxReceiveCount":5}`, the number sometimes as a string. */
function toRedrive(policy: string | undefined): QueueFacts['redrive'] {
  if (policy === undefined || policy === '') return undefined;
  try {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as Record<string, unknown>;
    if (typeof deadLetterTargetArn !== 'string') return undefined;
    return { deadLetterArn: deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) };
  } catch (cause) {
    throw new AppError('CONTRACT', `GetQueueAttributes: the redrive policy is no JSON: ${policy}`, { cause });
  }
}

export function toMoveTask(entry: ListMessageMoveTasksResultEntry): MoveTask {
  const status = STATUSES.find((known) => known === entry.Status?.toLowerCase());
  if (status === undefined)
    throw new AppError(
      'CONTRACT',
      `ListMessageMoveTasks: status ${JSON.stringify(entry.Status) ?? 'left out'} is not known`,
    );
  return {
    status,
    sourceArn: entry.SourceArn ?? '',
    moved: entry.ApproximateNumberOfMessagesMoved ?? 0,
    startedAt: entry.StartedTimestamp ?? 0,
    ...(entry.TaskHandle === undefined ? {} : { handle: entry.TaskHandle }),
    ...(entry.DestinationArn === undefined ? {} : { destinationArn: entry.DestinationArn }),
    ...(entry.ApproximateNumberOfMessagesToMove === undefined
      ? {}
      : { toMove: entry.ApproximateNumberOfMessagesToMove }),
    ...(entry.FailureReason === undefined || entry.FailureReason === ''
      ? {}
      : { failureReason: entry.FailureReason }),
  };
}
