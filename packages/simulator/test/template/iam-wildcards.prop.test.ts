import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesArn, matchesWildcard } from '../../src/index.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '.'), maxLength: 12 });
const pattern = fc.string({ unit: fc.constantFrom('a', 'b', ':', '/', '.', '*', '?'), maxLength: 8 });

it('a wildcard means what the regular expression of the same shape means', () => {
  fc.assert(
    fc.property(pattern, text, (glob, value) => {
      const source = glob.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');

      expect(matchesWildcard(glob, value)).toBe(new RegExp(`^${source}$`).test(value));
    }),
    { numRuns: 2_000 },
  );
});

it('a text with anything in place of its parts matches the pattern that has stars there', () => {
  fc.assert(
    fc.property(fc.array(text), text, (parts, filling) => {
      const plain = parts.map((part) => part);

      expect(matchesWildcard(plain.join('*'), plain.join(filling))).toBe(true);
    }),
  );
});

it('takes no time to speak of for a pattern that would make a regular expression suffer', () => {
  expect(matchesWildcard(`${'a*'.repeat(40)}b`, 'a'.repeat(2_000))).toBe(false);
});

it('a star in one segment of an ARN does not reach into the next', () => {
  const segment = fc.string({ unit: fc.constantFrom('a', 'b', '/', '-'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 0, max: 5 }),
      (segments, at) => {
        const arn = segments.join(':');
        const starred = segments.with(at, '*').join(':');
        const shorter = [...segments.slice(0, at), '*', ...segments.slice(at + 2)].join(':');

        expect(matchesArn(starred, arn)).toBe(true);
        if (at < 4) expect(matchesArn(`${shorter}:x`, arn)).toBe(false);
      },
    ),
  );
});
