import { AppError, nextRunAfter, parseSchedule } from '@smart-vault/core';

const HOUR_MS = 3_600_000;
const YEAR_MS = 366 * 24 * HOUR_MS;
/** Enough for a year of daily runs; more frequent ones show their gaps sooner. */
const RUNS_MAX = 400;
/** Any instant would do; a leap year and the change of the clocks lie within the year after it. */
const REFERENCE_MS = Date.UTC(2028, 0, 1);

export interface ScheduleExpression {
  readonly expression: string;
  readonly timezone: string;
}

/**
 * The expression that is deployed for a schedule: the same for `cron(…)`, and for `rate(…)` the `cron(…)` in UTC
 * that runs at the same instants.
 *
 * EventBridge Scheduler counts a rate from the moment a schedule was created, which nobody else can compute, yet
 * the reconciler must know the slots. As `cron`, a rate begins at midnight UTC.
 *
 * @throws AppError `CONFIG` saying what is wrong, also for a rate that does not divide a day.
 */
export function deployedSchedule({ expression, timezone }: ScheduleExpression): ScheduleExpression {
  parseSchedule(expression, timezone);
  const [, count, unit] = /^rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)$/.exec(expression.trim()) ?? [];
  if (unit === undefined) return { expression: expression.trim(), timezone };
  const cron = cronOfRate(Number(count), unit);
  if (cron === undefined) {
    throw new AppError(
      'CONFIG',
      `${expression} does not divide a day, so its runs drift; write it as cron(…)`,
    );
  }
  return { expression: cron, timezone: 'UTC' };
}

function cronOfRate(count: number, unit: string): string | undefined {
  const minutes = { minute: 1, hour: 60, day: 1440 }[unit] ?? Number.NaN;
  const every = count * minutes;
  if (every === 1440) return 'cron(0 0 * * ? *)';
  if (every < 60 && 60 % every === 0) return `cron(0/${every} * * * ? *)`;
  if (every % 60 === 0 && 24 % (every / 60) === 0) return `cron(0 0/${every / 60} * * ? *)`;
  return undefined;
}

/** The longest time between two runs within a year, in hours; `undefined` for a schedule that comes to an end. */
export function longestGapHours({ expression, timezone }: ScheduleExpression): number | undefined {
  const schedule = parseSchedule(expression, timezone);
  let longestMs = 0;
  let previous = nextRunAfter(schedule, REFERENCE_MS);
  for (
    let runs = 0;
    runs < RUNS_MAX && previous !== undefined && previous < REFERENCE_MS + YEAR_MS;
    runs += 1
  ) {
    const next = nextRunAfter(schedule, previous);
    if (next !== undefined) longestMs = Math.max(longestMs, next - previous);
    previous = next;
  }
  return previous === undefined ? undefined : longestMs / HOUR_MS;
}
