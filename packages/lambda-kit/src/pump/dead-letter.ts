import {
  DEAD_LETTER_ATTRIBUTE,
  type ErrorCode,
  failureClassOf,
  HAS_LETTER_ATTRIBUTE,
  type OutgoingMessage,
  oneLine,
  type ReceivedMessage,
  type WorkQueue,
} from '@smart-vault/core';

const CAUSE_CHARS_MAX = 1_000;

/** Why a message dies. */
export interface Death {
  readonly code: ErrorCode;
  readonly cause: string;
  /** What goes into the letter; the message's own body when nothing has been learned. */
  readonly body: string;
  /** Ids of what the work was about; empty when it could not be read. */
  readonly subject: readonly string[];
}

/**
 * Moves a message to the dead-letter queue together with its cause, which SQS's own redrive cannot do. Sent first,
 * then deleted; if that fails, the message stays and SQS dead-letters it after its last receive, without a cause.
 *
 * A message whose letter lies there already is only deleted: its cause is told, and one letter a thing is enough.
 */
export async function deadLetter(
  queues: { readonly queue: WorkQueue; readonly deadLetters: WorkQueue },
  message: ReceivedMessage,
  death: Death,
  now: number,
): Promise<void> {
  if (message.attributes[HAS_LETTER_ATTRIBUTE] === undefined)
    await queues.deadLetters.send([letterOf(queues.deadLetters, message, death, now)]);
  await queues.queue.delete(message);
}

function letterOf(queue: WorkQueue, message: ReceivedMessage, death: Death, now: number): OutgoingMessage {
  const attributes = {
    [DEAD_LETTER_ATTRIBUTE.code]: death.code,
    [DEAD_LETTER_ATTRIBUTE.cause]: oneLine(death.cause, CAUSE_CHARS_MAX) || 'not told',
    [DEAD_LETTER_ATTRIBUTE.failureClass]: failureClassOf(death.code),
    [DEAD_LETTER_ATTRIBUTE.attempts]: String(message.receiveCount),
    [DEAD_LETTER_ATTRIBUTE.failedAt]: new Date(now).toISOString(),
    // SQS refuses an attribute without a value.
    ...(death.subject.length > 0 ? { [DEAD_LETTER_ATTRIBUTE.subject]: death.subject.join(' ') } : {}),
  };
  const letter = { body: death.body, attributes };
  return queue.fifo
    ? { ...letter, groupId: message.groupId ?? message.id, deduplicationId: message.id }
    : letter;
}
