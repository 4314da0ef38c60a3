import { errorText, isAppError } from '@smart-vault/core';
import type { Asked, Unanswered } from './facts.ts';

/** Asks one question. What AWS refuses or does not answer is a fact, too: it costs nothing but this answer. */
export async function asked<T>(action: string, ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    return refusalOf(action, error);
  }
}

/** @throws what is not an error of AWS: a bug of ours */
export function refusalOf(action: string, error: unknown): Unanswered {
  if (!isAppError(error)) throw error;
  const operation = error.details['operation'];
  // One question may be several calls: the one that failed is the one to be told.
  const own = typeof operation === 'string' ? `${action.slice(0, action.indexOf(':'))}:${operation}` : action;
  return {
    action: own,
    code: error.code,
    awsCode: String(error.details['awsCode'] ?? ''),
    problem: errorText(error),
  };
}
