import type { OutgoingMessage, ReceivedMessage, WorkQueue } from '@smart-vault/core';

/** When the work first entered the queue, ms: a fresh copy of a message is younger than its work. */
const FIRST_SENT_AT = 'smart-vault.first-sent-at';

/** SQS's limits, in seconds. */
const VISIBILITY_MAX = 43_200;
const DELAY_MAX = 900;

/** When this work was first sent, in milliseconds since 1970, however often it was handed back since. */
export function firstSentAt(message: ReceivedMessage): number {
  const carried = Number(message.attributes[FIRST_SENT_AT]);
  return Number.isSafeInteger(carried) && carried > 0 ? Math.min(carried, message.sentAt) : message.sentAt;
}

/**
 * Gives a message back for later. Nothing is wrong with it, so it must never die of being handed back: before the
 * last receive a fresh copy takes its place, and counts from zero again. Sent first, then deleted: what happens
 * in between can double the message, which costs one more look, but cannot lose it.
 */
export async function handBack(
  queue: WorkQueue,
  message: ReceivedMessage,
  delaySeconds: number,
  maxReceiveCount: number,
): Promise<void> {
  if (message.receiveCount < maxReceiveCount - 1) {
    await queue.changeVisibility(message, Math.min(delaySeconds, VISIBILITY_MAX));
    return;
  }
  await queue.send([freshCopy(queue, message, delaySeconds)]);
  await queue.delete(message);
}

/** FIFO queues take no delay for one message: there the copy can be received at once, and handed back longer. */
function freshCopy(queue: WorkQueue, message: ReceivedMessage, delaySeconds: number): OutgoingMessage {
  const attributes = { ...message.attributes, [FIRST_SENT_AT]: String(firstSentAt(message)) };
  const copy = { body: message.body, attributes };
  if (!queue.fifo) return { ...copy, delaySeconds: Math.min(delaySeconds, DELAY_MAX) };
  const deduplicationId = `${message.id}-${message.receiveCount}`;
  return { ...copy, groupId: message.groupId ?? message.id, deduplicationId };
}
