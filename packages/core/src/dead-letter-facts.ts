import type { FailureClass } from './errors.ts';
import { DEAD_LETTER_ATTRIBUTE } from './messages.ts';

/** What a pump wrote on a letter when it dead-lettered it. All of it is missing when SQS moved the letter by itself. */
export interface DeadLetterFacts {
  /** Volume or snapshot ids. */
  readonly subjects?: readonly string[];
  readonly code?: string;
  readonly cause?: string;
  readonly failureClass?: FailureClass;
  /** How often it was received. */
  readonly attempts?: number;
  /** Milliseconds since 1970. */
  readonly failedAt?: number;
}

/** Reads the attributes of a letter; one that cannot be read counts as missing. */
export function deadLetterFacts(attributes: Readonly<Record<string, string>>): DeadLetterFacts {
  const read = (name: keyof typeof DEAD_LETTER_ATTRIBUTE) => attributes[DEAD_LETTER_ATTRIBUTE[name]] ?? '';
  const [code, cause, failureClass] = [read('code'), read('cause'), read('failureClass')];
  const subjects = read('subject').split(' ').filter(Boolean);
  const attempts = Number(read('attempts'));
  const failedAt = Date.parse(read('failedAt'));
  return {
    ...(subjects.length > 0 ? { subjects } : {}),
    ...(code ? { code } : {}),
    ...(cause ? { cause } : {}),
    ...(isFailureClass(failureClass) ? { failureClass } : {}),
    ...(Number.isSafeInteger(attempts) && attempts > 0 ? { attempts } : {}),
    ...(Number.isNaN(failedAt) ? {} : { failedAt }),
  };
}

const isFailureClass = (text: string): text is FailureClass =>
  text === 'retryable' || text === 'configuration' || text === 'permanent';
