import { expect, it } from 'vitest';
import { DEAD_LETTER_ATTRIBUTE, deadLetterFacts } from '../src/index.ts';

const { code, cause, failureClass, attempts, failedAt, subject } = DEAD_LETTER_ATTRIBUTE;

it('reads what a pump wrote', () => {
  const attributes = {
    [code]: 'DENIED',
    [cause]: 'not authorized',
    [failureClass]: 'configuration',
    [attempts]: '5',
    [failedAt]: '2026-11-22T03:00:00.000Z',
    [subject]: 'vol-1 vol-2',
  };

  expect(deadLetterFacts(attributes)).toEqual({
    code: 'DENIED',
    cause: 'not authorized',
    failureClass: 'configuration',
    attempts: 5,
    failedAt: Date.UTC(2026, 10, 22, 3),
    subjects: ['vol-1', 'vol-2'],
  });
});

it('leaves out what is not there or cannot be read', () => {
  expect(deadLetterFacts({})).toEqual({});
  const unreadable = {
    [failureClass]: 'odd',
    [attempts]: '0',
    [failedAt]: 'soon',
    [subject]: ' ',
    [cause]: '',
  };
  expect(deadLetterFacts(unreadable)).toEqual({});
});
