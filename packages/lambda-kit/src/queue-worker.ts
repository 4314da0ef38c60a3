import type { ReceivedMessage } from '@smart-vault/core';
import type { SQSBatchItemFailure, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { JobContext } from './context.ts';
import { type Edges, type Handler, type Invocation, invocation } from './invocation.ts';

export interface QueueWorkerOptions extends Edges {
  readonly service: string;
  readonly handle: (message: ReceivedMessage, context: JobContext) => Promise<unknown>;
}

/**
 * A handler for a standard queue whose event source mapping has `ReportBatchItemFailures`: one message after the
 * other, and only those that failed come back. It never throws for a message, and it never answers `undefined`,
 * which Lambda takes for "all done".
 */
export function queueWorker(options: QueueWorkerOptions): Handler<SQSEvent, SQSBatchResponse> {
  return invocation(options.service, options, (event, context) => workAll(event, context, options), {
    event: 'batch.failed',
  });
}

async function workAll(
  event: SQSEvent,
  context: Invocation,
  options: QueueWorkerOptions,
): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchItemFailure[] = [];
  for (const record of event.Records) {
    const message = toReceivedMessage(record);
    try {
      await options.handle(message, context);
    } catch (error) {
      context.log.error('message.failed', {
        messageId: message.id,
        receiveCount: message.receiveCount,
        error,
      });
      batchItemFailures.push({ itemIdentifier: message.id });
    }
  }
  if (batchItemFailures.length > 0) context.count('RecordsFailed', batchItemFailures.length);
  return { batchItemFailures };
}

/** A record of Lambda's SQS event in our words. */
function toReceivedMessage(record: SQSRecord): ReceivedMessage {
  const attributes = Object.entries(record.messageAttributes).flatMap(([name, { stringValue }]) =>
    stringValue === undefined ? [] : [[name, stringValue] as const],
  );
  const groupId = record.attributes.MessageGroupId;
  return {
    id: record.messageId,
    body: record.body,
    receipt: record.receiptHandle,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    sentAt: Number(record.attributes.SentTimestamp),
    ...(groupId === undefined ? {} : { groupId }),
    attributes: Object.fromEntries(attributes),
  };
}
