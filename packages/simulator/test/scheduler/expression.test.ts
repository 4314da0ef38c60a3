import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../src/index.ts';

const at = (text: string): number => Date.parse(text);
const text = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

function runs(
  expression: string,
  timeZone: string,
  from: string,
  count: number,
  bounds = {},
): (string | undefined)[] {
  const occurrences = parseExpression(expression, timeZone, { createdMs: at(from), ...bounds });
  const found: (string | undefined)[] = [];
  let cursor: number | undefined = at(from);
  for (let n = 0; n < count && cursor !== undefined; n += 1) {
    cursor = occurrences.after(cursor);
    found.push(text(cursor));
  }
  return found;
}

describe('cron()', () => {
  it.each([
    ['cron(0 3 * * ? *)', 'UTC', ['2026-11-22T03:00:00.000Z', '2026-11-23T03:00:00.000Z']],
    ['cron(0/20 * * * ? *)', 'UTC', ['2026-11-22T00:20:00.000Z', '2026-11-22T00:40:00.000Z']],
    ['cron(0 12 ? * MON-FRI *)', 'UTC', ['2026-11-23T12:00:00.000Z', '2026-11-24T12:00:00.000Z']],
    // 1 is Sunday and 7 Saturday; 22 November 2026 is a Sunday.
    ['cron(0 12 ? * 1 *)', 'UTC', ['2026-11-22T12:00:00.000Z', '2026-11-29T12:00:00.000Z']],
    ['cron(0 12 ? * 7 *)', 'UTC', ['2026-11-28T12:00:00.000Z', '2026-12-05T12:00:00.000Z']],
    ['cron(0 0 L * ? *)', 'UTC', ['2026-11-30T00:00:00.000Z', '2026-12-31T00:00:00.000Z']],
    ['cron(15 10 ? * 6L *)', 'UTC', ['2026-11-27T10:15:00.000Z', '2026-12-25T10:15:00.000Z']],
    ['cron(0 9 ? * 3#2 *)', 'UTC', ['2026-12-08T09:00:00.000Z', '2027-01-12T09:00:00.000Z']],
    ['cron(0 0 1 1 ? 2027-2028)', 'UTC', ['2027-01-01T00:00:00.000Z', '2028-01-01T00:00:00.000Z', undefined]],
    ['cron(30 2 * * ? *)', 'Asia/Kolkata', ['2026-11-22T21:00:00.000Z', '2026-11-23T21:00:00.000Z']],
  ])('%s in %s', (expression, zone, expected) => {
    expect(runs(expression, zone, '2026-11-22T00:00:00Z', expected.length)).toEqual(expected);
  });

  it('skips a day on which that time does not exist', () => {
    expect(runs('cron(30 2 * * ? *)', 'America/Los_Angeles', '2026-03-07T00:00:00Z', 3)).toEqual([
      '2026-03-07T10:30:00.000Z',
      '2026-03-09T09:30:00.000Z',
      '2026-03-10T09:30:00.000Z',
    ]);
  });

  it('runs once, the first time, on a day on which that time comes twice', () => {
    expect(runs('cron(30 1 * * ? *)', 'America/New_York', '2026-10-31T00:00:00Z', 3)).toEqual([
      '2026-10-31T05:30:00.000Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });
});

describe('rate()', () => {
  it('begins at once and then runs at equal distances, whatever the clocks do', () => {
    const occurrences = parseExpression('rate(1 day)', 'America/New_York', {
      createdMs: at('2026-10-31T12:34:56Z'),
    });

    expect(text(occurrences.after(at('2026-10-31T12:34:55Z')))).toBe('2026-10-31T12:34:56.000Z');
    expect(text(occurrences.after(at('2026-10-31T12:34:56Z')))).toBe('2026-11-01T12:34:56.000Z');
    expect(text(occurrences.after(at('2026-11-02T00:00:00Z')))).toBe('2026-11-02T12:34:56.000Z');
  });

  it('counts from the start date, and ends at the end date', () => {
    const bounds = { startMs: at('2026-11-22T00:00:00Z'), endMs: at('2026-11-22T00:10:00Z') };

    expect(runs('rate(5 minutes)', 'UTC', '2026-11-21T23:58:00Z', 4, bounds)).toEqual([
      '2026-11-22T00:00:00.000Z',
      '2026-11-22T00:05:00.000Z',
      '2026-11-22T00:10:00.000Z',
      undefined,
    ]);
  });
});

describe('at()', () => {
  it('runs once, in its time zone', () => {
    expect(runs('at(2026-11-22T13:00:00)', 'America/Los_Angeles', '2026-11-22T00:00:00Z', 2)).toEqual([
      '2026-11-22T21:00:00.000Z',
      undefined,
    ]);
  });

  it('never runs when its time does not exist', () => {
    expect(runs('at(2026-03-08T02:30:00)', 'America/Los_Angeles', '2026-03-01T00:00:00Z', 1)).toEqual([
      undefined,
    ]);
  });
});

describe('a wrong expression', () => {
  it.each([
    ['every day', 'UTC', /none of cron\(…\), rate\(…\), at\(…\)/],
    ['cron(0 3 * * *)', 'UTC', /needs six fields/],
    ['cron(0 3 * * * *)', 'UTC', /must have \? in exactly one/],
    ['cron(0 3 ? * ? *)', 'UTC', /must have \? in exactly one/],
    ['cron(0 25 * * ? *)', 'UTC', /schedule expression cron\(0 25/],
    ['rate(0 minutes)', 'UTC', /is no rate/],
    ['rate(5 seconds)', 'UTC', /is no rate/],
    ['at(2026-13-01T00:00:00)', 'UTC', /is no time/],
    ['cron(0 3 * * ? *)', 'Mars/Olympus', /unknown time zone "Mars\/Olympus"/],
  ])('%s (%s) is refused', (expression, zone, message) => {
    expect(() => parseExpression(expression, zone, { createdMs: 0 })).toThrow(message);
  });
});
