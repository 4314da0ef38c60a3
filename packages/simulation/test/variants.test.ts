import { beforeAll, describe, expect, test } from 'vitest';
import { changedSource } from '../src/variants/hooks.ts';
import { VARIANTS } from '../src/variants/list.ts';
import { outcomeLine, runVariants, type VariantOutcome } from '../src/variants/run-variants.ts';
import { templates } from './templates.ts';

/** Far beyond what they take, for machines with other things to do. */
const TIMEOUT_MS = 300_000;

/** All of docs/reliability.md but those that it says are checked elsewhere (I12, X2 to X4). */
const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${letter}${n + 1}`);
const PROMISES = [...numbered('I', 15), ...numbered('L', 7), ...numbered('H', 5), 'X1'].filter(
  (promise) => promise !== 'I12',
);

describe('versions of the functions that are known to be bad', () => {
  let outcomes: ReadonlyMap<string, VariantOutcome> = new Map();

  beforeAll(async () => {
    const found = await runVariants({ templates });
    outcomes = new Map(found.map((outcome) => [outcome.name, outcome]));
  }, TIMEOUT_MS);

  test.each(VARIANTS)('$name is caught', ({ name, breaks }) => {
    const outcome = outcomes.get(name);
    expect(outcome?.caught, outcome && outcomeLine(outcome)).toBeDefined();
    expect(breaks).toContain(outcome?.caught?.promise);
  });

  test('are at least twenty, each with a name of its own', () => {
    expect(new Set(VARIANTS.map(({ name }) => name)).size).toBe(VARIANTS.length);
    expect(VARIANTS.length).toBeGreaterThanOrEqual(20);
  });

  test('break every promise that a world is held against', () => {
    expect(PROMISES.filter((promise) => !VARIANTS.some(({ breaks }) => breaks.includes(promise)))).toEqual(
      [],
    );
  });
});

describe('an edit', () => {
  const variant = {
    name: 'example',
    why: 'an example',
    breaks: ['I1'],
    edits: [{ file: 'a.ts', find: 'one', replace: 'two' }],
    pack: 'calm',
    from: 1,
    budget: 1,
  } as const;

  test('changes what it looks for, in its own file', () => {
    expect(changedSource('a one b', 'a.ts', variant)).toBe('a two b');
    expect(changedSource('a one b', 'b.ts', variant)).toBe('a one b');
  });

  test('says so when the code has changed', () => {
    expect(() => changedSource('nothing', 'a.ts', variant)).toThrow(
      'variant example: a.ts has 0 times "one"',
    );
    expect(() => changedSource('one one', 'a.ts', variant)).toThrow('has 2 times "one"; expected once');
  });
});
