import {
  type DeadLetter,
  deadLetterFacts,
  type FailureClass,
  isAppError,
  parseSnapshotUnit,
  type ReceivedMessage,
  type Slot,
  type WorkQueue,
} from '@smart-vault/core';

/** How long letters stay hidden from others while they are read: long enough to read a page of them. */
const PEEK_VISIBILITY_SECONDS = 30;
/** SQS asks only some of its servers: one empty answer does not mean that there is nothing. */
const EMPTY_ANSWERS_MAX = 2;

/** One dead letter, as an operator wants to see it. Times are milliseconds since 1970. */
export interface DeadLetterView {
  readonly messageId: string;
  /** What it is about: volume or snapshot ids. */
  readonly subject: string;
  readonly subjects: readonly string[];
  /** Of a letter about volumes. */
  readonly slot?: Slot;
  readonly failureClass: FailureClass | 'unknown';
  readonly code: string;
  readonly cause: string;
  readonly attempts: number | undefined;
  readonly failedAt: number;
  /** The message itself, as it was sent. */
  readonly body: string;
}

/**
 * Reads up to `max` letters and shows them to everybody again. A letter without a cause was moved here by SQS itself:
 * its function died before it could say why.
 */
export async function peekDeadLetters(queue: WorkQueue, max: number): Promise<readonly DeadLetterView[]> {
  const messages = await receiveAll(queue, max, PEEK_VISIBILITY_SECONDS);
  await giveBack(queue, messages);
  return messages.map(viewOf);
}

/** Up to `max` letters, each once, hidden from others for so many seconds. */
export async function receiveAll(
  queue: WorkQueue,
  max: number,
  visibilityTimeoutSeconds: number,
): Promise<readonly ReceivedMessage[]> {
  const messages = new Map<string, ReceivedMessage>();
  for (let empty = 0; empty < EMPTY_ANSWERS_MAX && messages.size < max; ) {
    const before = messages.size;
    const more = await queue.receive(max - messages.size, { visibilityTimeoutSeconds });
    for (const message of more) messages.set(message.id, message);
    if (messages.size === before) empty += 1;
  }
  return [...messages.values()];
}

/** Shows letters to everybody again. One that has become visible by itself, or is gone, needs nothing. */
export async function giveBack(queue: WorkQueue, messages: readonly ReceivedMessage[]): Promise<void> {
  for (const message of messages) {
    try {
      await queue.changeVisibility(message, 0);
    } catch (error) {
      if (!isAppError(error)) throw error;
    }
  }
}

const ID_IN_BODY = /\b(?:snap|vol|i)-[0-9a-f]{8,17}\b/g;

/** What a letter says. */
export function viewOf({ id, body, attributes, sentAt }: ReceivedMessage): DeadLetterView {
  const { subjects: told, failureClass, code, cause, attempts, failedAt } = deadLetterFacts(attributes);
  const subjects = told ?? [...new Set(body.match(ID_IN_BODY) ?? [])];
  const slot = slotOf(body);
  return {
    messageId: id,
    subject: subjects.slice(0, 4).join(' ') || '-',
    subjects,
    ...(slot === undefined ? {} : { slot }),
    failureClass: failureClass ?? 'unknown',
    code: code ?? attributes['ERROR_CODE'] ?? '-',
    cause: cause ?? attributes['ERROR_MESSAGE'] ?? 'not recorded: the function ended before it could say why',
    attempts,
    failedAt: failedAt ?? sentAt,
    body,
  };
}

function slotOf(body: string): Slot | undefined {
  try {
    return parseSnapshotUnit(body).slot;
  } catch (error) {
    if (isAppError(error, 'CONTRACT')) return undefined;
    throw error;
  }
}

/** The letter as the core's assessment of a run takes it. */
export const asDeadLetter = (queue: string, view: DeadLetterView): DeadLetter => ({
  queue,
  subjects: view.subjects,
  code: view.code,
  cause: view.cause,
  ...(view.slot === undefined ? {} : { slot: view.slot }),
  ...(view.attempts === undefined ? {} : { attempts: view.attempts }),
});
