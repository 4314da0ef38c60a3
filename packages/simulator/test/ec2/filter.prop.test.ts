import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilters, textMatcher } from '../../src/ec2/filter.ts';

const letter = fc.constantFrom('a', 'b', '*', '?', '\\', '🙂');
const text = fc.array(letter, { maxLength: 8 }).map((letters) => letters.join(''));
const patternPart = fc.constantFrom('a', 'b', '*', '?', '\\*', '\\?', '\\\\', '🙂');
const pattern = fc.array(patternPart, { maxLength: 8 }).map((parts) => parts.join(''));

/** What the documents say, as slow as it is plain: by recursion over both. */
function means(wanted: readonly string[], found: readonly string[]): boolean {
  const [first, second] = wanted;
  if (first === undefined) return found.length === 0;
  if (first === '*')
    return means(wanted.slice(1), found) || (found.length > 0 && means(wanted, found.slice(1)));
  if (found.length === 0) return false;
  if (first === '?') return means(wanted.slice(1), found.slice(1));
  if (first === '\\' && second !== undefined && '*?\\'.includes(second)) {
    return found[0] === second && means(wanted.slice(2), found.slice(1));
  }
  return found[0] === first && means(wanted.slice(1), found.slice(1));
}

const escaped = (plain: string): string => plain.replaceAll(/[*?\\]/g, (character) => `\\${character}`);

test('a value matches what the documents say', () => {
  fc.assert(
    fc.property(pattern, text, (value, found) => {
      expect(textMatcher([value])(found)).toBe(means([...value], [...found]));
    }),
    { numRuns: 2000 },
  );
});

test('an escaped text matches itself and nothing else', () => {
  fc.assert(
    fc.property(text, text, (wanted, found) => {
      expect(textMatcher([escaped(wanted)])(found)).toBe(wanted === found);
    }),
  );
});

test('values of a filter are ORed, filters are ANDed', () => {
  const tags = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2', '3'));
  const filters = fc.array(
    fc.record({
      name: fc.constantFrom('tag:x', 'tag:y', 'tag:z'),
      values: fc.array(fc.constantFrom<string>('1', '2'), { minLength: 1 }),
    }),
  );
  fc.assert(
    fc.property(tags, filters, (record, wanted) => {
      const match = compileFilters(wanted, {});
      const expected = wanted.every(({ name, values }) => values.includes(record[name.slice(4)] ?? ''));
      expect(match({ tags: new Map(Object.entries(record)) })).toBe(expected);
    }),
  );
});

test('many stars do not take long', () => {
  expect(textMatcher([`${'a*'.repeat(40)}b`])('a'.repeat(20_000))).toBe(false);
});
