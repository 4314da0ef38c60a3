import { nextRunAfter, parseSchedule } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { deployedSchedule, longestGapHours } from '../lib/schedule-expression.ts';

const utc = (expression: string) => ({ expression, timezone: 'UTC' });

describe('deployedSchedule', () => {
  test('leaves cron as it is, in its time zone', () => {
    const schedule = { expression: 'cron(0 3 * * ? *)', timezone: 'Europe/Berlin' };

    expect(deployedSchedule(schedule)).toEqual(schedule);
  });

  test.each([
    ['rate(15 minutes)', 'cron(0/15 * * * ? *)'],
    ['rate(1 hour)', 'cron(0 0/1 * * ? *)'],
    ['rate(360 minutes)', 'cron(0 0/6 * * ? *)'],
    ['rate(1 day)', 'cron(0 0 * * ? *)'],
  ])('%s becomes %s in UTC', (rate, cron) => {
    expect(deployedSchedule({ expression: rate, timezone: 'Asia/Tokyo' })).toEqual(utc(cron));
  });

  test.each(['rate(15 minutes)', 'rate(6 hours)', 'rate(1 day)'])(
    '%s runs at the instants that the core computes for the rate',
    (rate) => {
      const start = Date.UTC(2026, 10, 22, 3, 7);
      const runs = (expression: string): readonly number[] => {
        const schedule = parseSchedule(expression, 'UTC');
        let at = start;
        return Array.from({ length: 10 }, () => (at = nextRunAfter(schedule, at) ?? Number.NaN));
      };

      expect(runs(deployedSchedule(utc(rate)).expression)).toEqual(runs(rate));
    },
  );

  test.each(['rate(7 hours)', 'rate(2 days)', 'rate(90 minutes)'])('%s is refused', (rate) => {
    expect(() => deployedSchedule(utc(rate))).toThrow('does not divide a day');
  });
});

describe('longestGapHours', () => {
  test.each([
    ['cron(0 3 * * ? *)', 'UTC', 24],
    ['cron(0 12 * * ? *)', 'Europe/Berlin', 25],
    ['cron(0 3 ? * MON-FRI *)', 'UTC', 72],
    ['cron(0 3 1 * ? *)', 'UTC', 31 * 24],
    ['rate(6 hours)', 'UTC', 6],
  ])('%s in %s: %i hours', (expression, timezone, hours) => {
    expect(longestGapHours({ expression, timezone })).toBe(hours);
  });
});
