import { AppError } from '@smart-vault/core';
import { Cron } from 'croner';
import { WallClock } from './wall-time.ts';

/** The times of a schedule. */
export interface Occurrences {
  /** The first one after an instant (ms), or `undefined` when there is none any more. */
  after(instantMs: number): number | undefined;
}

/** When a schedule may run. Rates count from `startMs`; with none, from `createdMs`. */
export interface OccurrenceBounds {
  readonly createdMs: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** Wall-clock times that one may have to try before one exists and lies in the future. */
const CANDIDATES_MAX = 500;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `cron(m h dom mon dow yr)`, `rate(n minutes|hours|days)` or `at(yyyy-mm-ddThh:mm:ss)` as EventBridge
 * Scheduler does: a wall-clock time that daylight saving skips is skipped, one that comes twice runs the first time
 * only; a rate is of real hours and begins at once. An `at` ignores start and end.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 * @throws AppError `CONFIG` that says what is wrong
 */
export function parseExpression(expression: string, timeZone: string, bounds: OccurrenceBounds): Occurrences {
  const [, kind, inner = ''] = /^(cron|rate|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case 'cron':
      return within(knownCron(inner.trim(), timeZone, expression), bounds);
    case 'rate':
      wallClock(timeZone, expression);
      return within(rateOccurrences(inner.trim(), bounds, expression), bounds);
    case 'at':
      return atOccurrence(inner.trim(), wallClock(timeZone, expression), expression);
    default:
      throw bad(expression, 'is none of cron(…), rate(…), at(…)');
  }
}

/** Cron expressions that were read, by zone and fields: each simulated world has the same few. */
const CRONS = new Map<string, Occurrences>();
const CRONS_MAX = 1_000;

/** As `cronOccurrences`, which it asks once for each expression, zone and instant. */
function knownCron(fields: string, timeZone: string, expression: string): Occurrences {
  const key = `${timeZone} ${fields}`;
  let known = CRONS.get(key);
  if (known === undefined) {
    known = remembering(cronOccurrences(fields, wallClock(timeZone, expression), expression));
    if (CRONS.size >= CRONS_MAX) CRONS.clear();
    CRONS.set(key, known);
  }
  return known;
}

const REMEMBERED_MAX = 20_000;

/** Remembers what came after which instant: the first time after an instant is so for all instants up to it. */
function remembering(occurrences: Occurrences): Occurrences {
  const nextOf = new Map<number, number | undefined>();
  let [from, next] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return {
    after(instantMs) {
      if (instantMs >= from && instantMs < next) return next;
      if (!nextOf.has(instantMs)) {
        if (nextOf.size >= REMEMBERED_MAX) nextOf.clear();
        nextOf.set(instantMs, occurrences.after(instantMs));
      }
      const found = nextOf.get(instantMs);
      if (found !== undefined) [from, next] = [instantMs, found];
      return found;
    },
  };
}

function cronOccurrences(fields: string, wall: WallClock, expression: string): Occurrences {
  const parts = fields.split(/\s+/);
  if (parts.length !== 6)
    throw bad(expression, 'needs six fields: minutes hours day-of-month month day-of-week year');
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw bad(expression, 'must have ? in exactly one of day-of-month and day-of-week');
  }
  // Days are counted 1 = SUN to 7 = SAT, and `L` alone is the week's last. The pattern is run on a wall clock that
  // UTC stands in for, so that croner's own ideas of daylight saving do not come in.
  const weekday = dayOfWeek === 'L' ? '7' : dayOfWeek;
  const pattern = ['0', minutes, hours, dayOfMonth, month, weekday, year].map((part) =>
    part.replace('?', '*'),
  );
  const cron = makeCron(pattern.join(' '), expression);
  return {
    after(instantMs) {
      let cursor = wall.wallAt(instantMs);
      for (let tries = 0; tries < CANDIDATES_MAX; tries += 1) {
        const next = cron.nextRun(new Date(cursor));
        if (next === null) return undefined;
        cursor = next.getTime();
        const instant = wall.instantOf(cursor);
        if (instant !== undefined && instant > instantMs) return instant;
      }
      return undefined;
    },
  };
}

function makeCron(pattern: string, expression: string): Cron {
  try {
    return new Cron(pattern, {
      paused: true,
      timezone: 'UTC',
      mode: '7-part',
      alternativeWeekdays: true,
      sloppyRanges: true,
      domAndDow: true,
    });
  } catch (error) {
    throw bad(expression, error instanceof Error ? error.message : String(error));
  }
}

function rateOccurrences(inner: string, bounds: OccurrenceBounds, expression: string): Occurrences {
  const [, count, unit] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(inner) ?? [];
  if (count === undefined || unit === undefined) {
    throw bad(expression, 'is no rate such as rate(5 minutes); units are minutes, hours, days');
  }
  const stepMs = Number(count) * (UNIT_MS[unit] as number);
  const firstMs = bounds.startMs ?? bounds.createdMs;
  return {
    after(instantMs) {
      if (instantMs < firstMs) return firstMs;
      return firstMs + (Math.floor((instantMs - firstMs) / stepMs) + 1) * stepMs;
    },
  };
}

function atOccurrence(inner: string, wall: WallClock, expression: string): Occurrences {
  const wallMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(inner) ? Date.parse(`${inner}Z`) : Number.NaN;
  if (Number.isNaN(wallMs)) throw bad(expression, 'is no time such as at(2026-11-22T03:00:00)');
  const instant = wall.instantOf(wallMs);
  return { after: (instantMs) => (instant !== undefined && instant > instantMs ? instant : undefined) };
}

function within(occurrences: Occurrences, bounds: OccurrenceBounds): Occurrences {
  return {
    after(instantMs) {
      const from = bounds.startMs === undefined ? instantMs : Math.max(instantMs, bounds.startMs - 1);
      const next = occurrences.after(from);
      return next !== undefined && (bounds.endMs === undefined || next <= bounds.endMs) ? next : undefined;
    },
  };
}

function wallClock(timeZone: string, expression: string): WallClock {
  try {
    return new WallClock(timeZone);
  } catch {
    throw bad(expression, `has the unknown time zone "${timeZone}"; use an IANA name such as Europe/Berlin`);
  }
}

const bad = (expression: string, problem: string): AppError =>
  new AppError('CONFIG', `schedule expression ${expression} ${problem}`);
