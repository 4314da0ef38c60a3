import { describe, expect, it } from 'vitest';
import {
  isAppError,
  isSlot,
  latestSlotAt,
  nextRunAfter,
  parseSchedule,
  parseSlot,
  slotAt,
  slotDate,
  slotMs,
} from '../src/index.ts';

const at = (text: string): number => Date.parse(text);
const runs = (expression: string, zone: string, from: string, count: number): string[] => {
  const schedule = parseSchedule(expression, zone);
  const found: string[] = [];
  for (let now = at(from); found.length < count; ) {
    now = nextRunAfter(schedule, now) ?? Number.NaN;
    found.push(slotAt(now));
  }
  return found;
};

describe('cron', () => {
  it.each([
    ['cron(0 3 * * ? *)', 'UTC', ['2026-11-22T03:00:00Z', '2026-11-23T03:00:00Z']],
    ['cron(0 3 ? * MON-FRI *)', 'UTC', ['2026-11-23T03:00:00Z', '2026-11-24T03:00:00Z']],
    ['cron(0 3 ? * 1 *)', 'UTC', ['2026-11-22T03:00:00Z', '2026-11-29T03:00:00Z']],
    ['cron(0 3 ? * 7 *)', 'UTC', ['2026-11-28T03:00:00Z', '2026-12-05T03:00:00Z']],
    ['cron(0 3 ? * L *)', 'UTC', ['2026-11-28T03:00:00Z', '2026-12-05T03:00:00Z']],
    ['cron(0 3 ? * 3#1 *)', 'UTC', ['2026-12-01T03:00:00Z', '2027-01-05T03:00:00Z']],
    ['cron(30 1 L * ? *)', 'UTC', ['2026-11-30T01:30:00Z', '2026-12-31T01:30:00Z']],
    ['cron(0/30 12 1,15 JAN ? 2027)', 'UTC', ['2027-01-01T12:00:00Z', '2027-01-01T12:30:00Z']],
    ['cron(0 */6 * * ? *)', 'UTC', ['2026-11-22T06:00:00Z', '2026-11-22T12:00:00Z']],
    ['cron(0 3 * * ? *)', 'Asia/Kolkata', ['2026-11-22T21:30:00Z', '2026-11-23T21:30:00Z']],
  ])('%s in %s', (expression, zone, expected) => {
    expect(runs(expression, zone, '2026-11-22T00:00:00Z', 2)).toEqual(expected);
  });

  it('skips a local time that does not exist in spring', () => {
    expect(runs('cron(30 2 * * ? *)', 'Europe/Rome', '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-30T00:30:00Z',
      '2026-03-31T00:30:00Z',
    ]);
  });

  it('runs once, at its first coming, in an hour that comes twice in autumn', () => {
    expect(runs('cron(30 2 * * ? *)', 'Europe/Rome', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
    const schedule = parseSchedule('cron(30 2 * * ? *)', 'Europe/Rome');
    expect(latestSlotAt(schedule, at('2026-10-25T01:30:00Z'))).toBe('2026-10-25T00:30:00Z');
  });

  it('knows zones that move by half an hour', () => {
    // Lord Howe leaves out 02:00 to 02:30 on 2026-10-04 and repeats 01:30 to 02:00 on 2026-04-05.
    expect(runs('cron(15 2 * * ? *)', 'Australia/Lord_Howe', '2026-10-02T12:00:00Z', 2)).toEqual([
      '2026-10-02T15:45:00Z',
      '2026-10-04T15:15:00Z',
    ]);
    expect(runs('cron(45 1 * * ? *)', 'Australia/Lord_Howe', '2026-04-04T00:00:00Z', 2)).toEqual([
      '2026-04-04T14:45:00Z',
      '2026-04-05T15:15:00Z',
    ]);
  });

  it('tells the newest slot that is due, this very second included', () => {
    const schedule = parseSchedule('cron(0 3 * * ? *)', 'UTC');

    expect(latestSlotAt(schedule, at('2026-11-22T03:00:00Z'))).toBe('2026-11-22T03:00:00Z');
    expect(latestSlotAt(schedule, at('2026-11-22T02:59:59.999Z'))).toBe('2026-11-21T03:00:00Z');
    expect(nextRunAfter(schedule, at('2026-11-22T03:00:00Z'))).toBe(at('2026-11-23T03:00:00Z'));
  });

  it('has no newest slot before its first year and no next run after its last', () => {
    const schedule = parseSchedule('cron(0 3 * * ? 2026)', 'UTC');

    expect(latestSlotAt(schedule, at('2025-12-31T00:00:00Z'))).toBeUndefined();
    expect(nextRunAfter(schedule, at('2026-12-31T12:00:00Z'))).toBeUndefined();
  });
});

describe('rate', () => {
  it('is anchored at 1970-01-01T00:00:00Z', () => {
    expect(runs('rate(6 hours)', 'Europe/Rome', '2026-11-22T01:00:00Z', 2)).toEqual([
      '2026-11-22T06:00:00Z',
      '2026-11-22T12:00:00Z',
    ]);
    expect(latestSlotAt(parseSchedule('rate(1 day)', 'UTC'), at('2026-11-22T23:00:00Z'))).toBe(
      '2026-11-22T00:00:00Z',
    );
  });
});

it.each([
  ['every day', 'UTC', /expected cron/],
  ['cron(0 3 * * ?)', 'UTC', /5 fields; expected 6/],
  ['cron(0 3 * * * *)', 'UTC', /exactly one of day-of-month and day-of-week must be \?/],
  ['cron(0 3 ? * ? *)', 'UTC', /exactly one/],
  ['cron(60 3 * * ? *)', 'UTC', /minutes cannot be "60"/],
  ['cron(0 24 * * ? *)', 'UTC', /hours cannot be "24"/],
  ['cron(0 3 ? * 8 *)', 'UTC', /day-of-week cannot be "8"/],
  ['cron(0 3 ? * 0 *)', 'UTC', /schedule/],
  ['cron(0 3 31 2 ? *)', 'UTC', /never runs/],
  ['cron(0 3 * FOO ? *)', 'UTC', /schedule "cron/],
  ['rate(0 hours)', 'UTC', /whole number above 0/],
  ['rate(1.5 hours)', 'UTC', /whole number above 0/],
  ['rate(5 weeks)', 'UTC', /minutes, hours or days/],
  ['cron(0 3 * * ? *)', 'Europe/Roma', /time zone "Europe\/Roma" is unknown/],
])('refuses %s in %s, and says why', (expression, zone, problem) => {
  const parse = (): unknown => parseSchedule(expression, zone);

  expect(parse).toThrow(problem);
  try {
    parse();
  } catch (error) {
    expect(isAppError(error, 'CONFIG')).toBe(true);
  }
});

describe('slot', () => {
  it('is an instant with one name only', () => {
    expect(isSlot('2026-11-22T03:00:00Z')).toBe(true);
    for (const other of [
      '2026-11-22T03:00:00.000Z',
      '2026-11-22T24:00:00Z',
      '2026-02-31T00:00:00Z',
      '2026-11-22',
      7,
      null,
    ]) {
      expect(isSlot(other)).toBe(false);
      expect(() => parseSlot(other)).toThrow(/expected a UTC instant/);
    }
  });

  it('goes to milliseconds and back', () => {
    const slot = slotAt(at('2026-11-22T03:00:00.999Z'));

    expect(slot).toBe('2026-11-22T03:00:00Z');
    expect(slotAt(slotMs(slot))).toBe(slot);
    expect(slotDate(slot)).toBe('2026-11-22');
  });
});
