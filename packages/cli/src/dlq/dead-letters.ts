import { deadLetterFacts, type FailureClass, type ReceivedMessage, type WorkQueue } from '@smart-vault/core';

/** How long letters stay hidden from others while they are read: long enough to read a page of them. */
const PEEK_VISIBILITY_SECONDS = 30;

/** One dead letter, as an operator wants to see it. Times are milliseconds since 1970. */
export interface DeadLetterView {
  readonly messageId: string;
  /** What it is about: volume or snapshot ids. */
  readonly subject: string;
  readonly failureClass: FailureClass | 'unknown';
  readonly code: string;
  readonly cause: string;
  readonly attempts: number | undefined;
  readonly failedAt: number;
}

/**
 * Reads up to `max` letters and shows them to everybody again. A letter without a cause was moved here by SQS itself:
 * its function died before it could say why.
 */
export async function peekDeadLetters(queue: WorkQueue, max: number): Promise<readonly DeadLetterView[]> {
  const messages = await queue.receive(max, { visibilityTimeoutSeconds: PEEK_VISIBILITY_SECONDS });
  for (const message of messages) await queue.changeVisibility(message, 0);
  return messages.map(viewOf);
}

const ID_IN_BODY = /\b(?:snap|vol|i)-[0-9a-f]{8,17}\b/g;

function viewOf({ id, body, attributes, sentAt }: ReceivedMessage): DeadLetterView {
  const { subjects, failureClass, code, cause, attempts, failedAt } = deadLetterFacts(attributes);
  return {
    messageId: id,
    subject: subjects?.join(' ') ?? subjectInBody(body),
    failureClass: failureClass ?? 'unknown',
    code: code ?? attributes['ERROR_CODE'] ?? '-',
    cause: cause ?? attributes['ERROR_MESSAGE'] ?? 'not recorded: the function ended before it could say why',
    attempts,
    failedAt: failedAt ?? sentAt,
  };
}

const subjectInBody = (body: string): string =>
  [...new Set(body.match(ID_IN_BODY) ?? [])].slice(0, 4).join(' ') || '-';
