import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyText, oneLine, subjectText } from '../src/index.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 300 }),
  fc
    .array(
      fc.constantFrom(
        '\n',
        '\r\n',
        '\t',
        '\u2028',
        '\u202e',
        '\u200b',
        '\ufeff',
        '\ud800',
        '\u{e0041}',
        'é',
        '漢',
        '🙂',
        ' ',
        'a',
      ),
      { maxLength: 100 },
    )
    .map((parts) => parts.join('')),
);
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('one line', () => {
  it('is one line without anything hidden, as long as asked at most, and stays as it is a second time', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 4, max: 200 }), (raw, max) => {
        const line = oneLine(raw, max);

        expect(line).not.toMatch(HIDDEN);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(oneLine(line, max)).toBe(line);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leaves plain text alone, letters of every language included', () => {
    expect(oneLine('Größe 漢字 🙂, ok: 100 % (a/b)')).toBe('Größe 漢字 🙂, ok: 100 % (a/b)');
  });
});

it('a subject is what SNS takes: printable ASCII, 1 to 99 characters, a letter or digit first', () => {
  fc.assert(
    fc.property(text, (raw) => {
      expect(subjectText(raw)).toMatch(/^[A-Za-z0-9][\x20-\x7e]{0,98}$/);
    }),
    { numRuns: 1_000 },
  );
  expect(subjectText('\u202e')).toBe('Smart Vault');
});

it('a body keeps its lines, hides nothing and has at most so many bytes', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 20, max: 500 }), (raw, max) => {
      const body = bodyText(raw, max);

      expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(max);
      expect(body.trim()).not.toBe('');
      expect(body.replaceAll('\n', '')).not.toMatch(HIDDEN);
    }),
    { numRuns: 1_000 },
  );
  expect(bodyText('a\r\nb\tc\n\nd')).toBe('a\nb c\n\nd');
  expect(bodyText(' \n')).toBe('(no text)');
  expect(bodyText('x'.repeat(300_000)).endsWith('(cut: too long)')).toBe(true);
});
