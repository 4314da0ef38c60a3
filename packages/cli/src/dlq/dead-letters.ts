import {
  DEAD_LETTER_ATTRIBUTE,
  type FailureClass,
  type ReceivedMessage,
  type WorkQueue,
} from '@smart-vault/core';

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

function viewOf(message: ReceivedMessage): DeadLetterView {
  const attribute = (name: keyof typeof DEAD_LETTER_ATTRIBUTE): string | undefined =>
    message.attributes[DEAD_LETTER_ATTRIBUTE[name]];
  const attempts = Number(attribute('attempts'));
  const failedAt = Date.parse(attribute('failedAt') ?? '');
  return {
    messageId: message.id,
    subject: attribute('subject') ?? subjectInBody(message.body),
    failureClass: failureClassIn(attribute('failureClass')),
    code: attribute('code') ?? message.attributes['ERROR_CODE'] ?? '-',
    cause:
      attribute('cause') ??
      message.attributes['ERROR_MESSAGE'] ??
      'not recorded: the function ended before it could say why',
    attempts: Number.isInteger(attempts) && attempts > 0 ? attempts : undefined,
    failedAt: Number.isNaN(failedAt) ? message.sentAt : failedAt,
  };
}

const subjectInBody = (body: string): string =>
  [...new Set(body.match(ID_IN_BODY) ?? [])].slice(0, 4).join(' ') || '-';

function failureClassIn(value: string | undefined): FailureClass | 'unknown' {
  return value === 'retryable' || value === 'configuration' || value === 'permanent' ? value : 'unknown';
}
