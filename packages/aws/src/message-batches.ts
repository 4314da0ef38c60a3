import type { MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { AppError, type OutgoingMessage } from '@smart-vault/core';

/** SQS takes ten messages and 1 MiB in one call, and 1 MiB and ten attributes in one message. */
const BATCH_MESSAGES_MAX = 10;
const BATCH_BYTES_MAX = 1_048_576;
const ATTRIBUTES_MAX = 10;

export type BatchEntry = SendMessageBatchRequestEntry & { readonly Id: string };

/** Messages as SQS takes them, in calls of at most ten and 1 MiB. @throws AppError `INVALID` for what fits in none. */
export function toBatches(messages: readonly OutgoingMessage[]): BatchEntry[][] {
  const batches: BatchEntry[][] = [];
  let bytesInLast = 0;
  messages.forEach((message, index) => {
    const entry = toEntry(message, index);
    const bytes = bytesOf(entry);
    if (bytes > BATCH_BYTES_MAX)
      throw new AppError('INVALID', `message ${index} has ${bytes} bytes; SQS takes ${BATCH_BYTES_MAX}`);
    const last = batches.at(-1);
    if (last !== undefined && last.length < BATCH_MESSAGES_MAX && bytesInLast + bytes <= BATCH_BYTES_MAX) {
      last.push(entry);
      bytesInLast += bytes;
    } else {
      batches.push([entry]);
      bytesInLast = bytes;
    }
  });
  return batches;
}

function toEntry(message: OutgoingMessage, index: number): BatchEntry {
  const attributes = toAttributes(message.attributes ?? {});
  return {
    Id: String(index),
    MessageBody: message.body,
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    ...(message.deduplicationId === undefined ? {} : { MessageDeduplicationId: message.deduplicationId }),
    ...(message.delaySeconds === undefined ? {} : { DelaySeconds: message.delaySeconds }),
    ...(attributes === undefined ? {} : { MessageAttributes: attributes }),
  };
}

/** Empty attributes are left out, because SQS refuses them; so are characters that no message may have. */
function toAttributes(
  attributes: Readonly<Record<string, string>>,
): Record<string, MessageAttributeValue> | undefined {
  const present = Object.entries(attributes)
    .map(([name, text]) => [name, legalText(text)] as const)
    .filter(([, text]) => text !== '');
  if (present.length > ATTRIBUTES_MAX)
    throw new AppError('INVALID', `a message has ${present.length} attributes; SQS takes ${ATTRIBUTES_MAX}`);
  if (present.length === 0) return undefined;
  return Object.fromEntries(present.map(([name, text]) => [name, { DataType: 'String', StringValue: text }]));
}

/** SQS refuses a message with characters that XML does not have: control characters, U+FFFE, U+FFFF, half surrogates. */
const legalText = (text: string): string =>
  text.toWellFormed().replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, ' ');

/** Bytes that SQS counts: the body, and name, type and value of every attribute. */
function bytesOf({ MessageBody = '', MessageAttributes = {} }: BatchEntry): number {
  const attributes = Object.entries(MessageAttributes).flatMap(
    ([name, { DataType = '', StringValue = '' }]) => [name, DataType, StringValue],
  );
  return [MessageBody, ...attributes].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
