import { Cron } from 'croner';
import { AppError, errorText } from './errors.ts';
import { DAY_MS, HOUR_MS } from './policy.ts';
import { type Slot, slotAt } from './slot.ts';
import { type WallClock, wallClock } from './wall-clock.ts';

/** A parsed schedule. Pure: it holds no timer and asks no clock. */
export interface Schedule {
  readonly expression: string;
  readonly timezone: string;
  /** The last run at or before `atMs`, in milliseconds since 1970. */
  latestAt(atMs: number): number | undefined;
  /** The first run after `atMs`. */
  nextAfter(atMs: number): number | undefined;
}

/**
 * Parses an EventBridge Scheduler expression: `cron(minutes hours day-of-month month day-of-week year)` or
 * `rate(n minutes|hours|days)`, in an IANA time zone.
 *
 * As in EventBridge Scheduler, a local time that does not exist in spring is skipped, and one that comes twice in
 * autumn runs once, at its first coming. A rate has no wall clock: it is anchored at 1970-01-01T00:00:00Z here, so a
 * deployed `rate` schedule needs a start date that is a multiple of its period, or the slots differ.
 *
 * @throws AppError `CONFIG` that says what is wrong.
 */
export function parseSchedule(expression: string, timezone: string): Schedule {
  const found = /^(cron|rate)\((.*)\)$/s.exec(expression.trim());
  if (found?.[1] === undefined || found[2] === undefined) {
    throw bad(expression, 'expected cron(m h dom mon dow yr) or rate(n minutes|hours|days)');
  }
  const clock = zone(expression, timezone);
  const runs = found[1] === 'rate' ? rateRuns(expression, found[2]) : cronRuns(expression, found[2], clock);
  return { expression, timezone, ...runs };
}

/** The newest slot that is due at `now`. */
export function latestSlotAt(schedule: Schedule, now: number): Slot | undefined {
  const latest = schedule.latestAt(now);
  return latest === undefined ? undefined : slotAt(latest);
}

/** When it runs next, strictly after `now`, in milliseconds since 1970; `undefined` when never again. */
export const nextRunAfter = (schedule: Schedule, now: number): number | undefined => schedule.nextAfter(now);

type Runs = Pick<Schedule, 'latestAt' | 'nextAfter'>;

const bad = (expression: string, problem: string): AppError =>
  new AppError('CONFIG', `schedule ${JSON.stringify(expression)}: ${problem}`);

function zone(expression: string, timezone: string): WallClock {
  try {
    const clock = wallClock(timezone);
    // Its first use tells whether there is such a zone: better here than at the first run.
    clock.wallAt(0);
    return clock;
  } catch {
    throw bad(
      expression,
      `time zone ${JSON.stringify(timezone)} is unknown; expected one such as Europe/Rome`,
    );
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: HOUR_MS, day: DAY_MS };

function rateRuns(expression: string, body: string): Runs {
  const [, count, unit] = /^\s*(\d{1,6})\s+(minute|hour|day)s?\s*$/.exec(body) ?? [];
  const periodMs = Number(count) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  if (!(periodMs > 0)) throw bad(expression, 'a rate is a whole number above 0 and minutes, hours or days');
  const latestAt = (atMs: number): number => Math.floor(atMs / periodMs) * periodMs;
  return { latestAt, nextAfter: (atMs) => latestAt(atMs) + periodMs };
}

interface Field {
  readonly name: string;
  readonly max: number;
  readonly legal: RegExp;
}
/** What EventBridge allows in each field; `max` closes an open step such as `0/15`. */
const FIELDS: readonly Field[] = [
  { name: 'minutes', max: 59, legal: /^[\d,*/-]+$/ },
  { name: 'hours', max: 23, legal: /^[\d,*/-]+$/ },
  { name: 'day-of-month', max: 31, legal: /^([\d,*/-]+|\?|L|LW|\d+W)$/ },
  { name: 'month', max: 12, legal: /^[\dA-Z,*/-]+$/ },
  { name: 'day-of-week', max: 7, legal: /^([\dA-Z,*/-]+|\?|L|[1-7A-Z]+(L|#[1-5]))$/ },
  { name: 'year', max: 2199, legal: /^[\d,*/-]+$/ },
];
const DAY_OF_MONTH = 2;
const DAY_OF_WEEK = 4;

/** Wall times are asked of croner in UTC, where no hour is missing; the zone's own clock turns them into instants. */
function cronRuns(expression: string, body: string, clock: WallClock): Runs {
  const cron = newCron(expression, cronFields(expression, body));
  const latestAt = (atMs: number): number | undefined =>
    walk(
      clock,
      clock.wallAt(atMs) + SHIFT_MS,
      (wallMs) => cron.previousRuns(1, new Date(wallMs))[0],
      (instant) => instant <= atMs,
    );
  const nextAfter = (atMs: number): number | undefined =>
    walk(
      clock,
      clock.wallAt(atMs) - SHIFT_MS,
      (wallMs) => cron.nextRuns(1, new Date(wallMs))[0],
      (instant) => instant > atMs,
    );
  if (nextAfter(0) === undefined) throw bad(expression, 'it never runs');
  return { latestAt, nextAfter };
}

/** A wall clock moves by less than this when it is changed. */
const SHIFT_MS = 3 * HOUR_MS;
/** Wall times that one search looks at: every minute of twice the shift, and then some that do not exist. */
const STEPS_MAX = 1_000;

function walk(
  clock: WallClock,
  startWallMs: number,
  step: (wallMs: number) => Date | undefined,
  accept: (instantMs: number) => boolean,
): number | undefined {
  let wall = step(startWallMs);
  for (let steps = 0; wall !== undefined && steps < STEPS_MAX; steps += 1) {
    const instant = clock.instantOf(wall.getTime());
    if (instant !== undefined && accept(instant)) return instant;
    wall = step(wall.getTime());
  }
  return undefined;
}

function newCron(expression: string, fields: readonly string[]): Cron {
  try {
    // Seven parts, the first being seconds. No function is given, so no timer is ever set.
    // An offset, not a zone: for a zone, UTC too, croner would load the runtime's time zones.
    return new Cron(`0 ${fields.join(' ')}`, { utcOffset: 0, mode: '7-part', alternativeWeekdays: true });
  } catch (error) {
    throw bad(expression, errorText(error).replace(/^CronPattern: /, ''));
  }
}

function cronFields(expression: string, body: string): readonly string[] {
  const fields = body.trim().toUpperCase().split(/\s+/);
  if (fields.length !== FIELDS.length) {
    throw bad(
      expression,
      `it has ${fields.length} fields; expected 6: ${FIELDS.map((f) => f.name).join(', ')}`,
    );
  }
  if ((fields[DAY_OF_MONTH] === '?') === (fields[DAY_OF_WEEK] === '?')) {
    throw bad(expression, 'exactly one of day-of-month and day-of-week must be ?');
  }
  return fields.map((text, index) => cronField(expression, text, FIELDS[index] as Field));
}

function cronField(expression: string, text: string, field: Field): string {
  const numbers = text.replaceAll(/\/\d+/g, '').match(/\d+/g) ?? [];
  if (!field.legal.test(text) || numbers.some((number) => Number(number) > field.max)) {
    throw bad(expression, `${field.name} cannot be ${JSON.stringify(text)}`);
  }
  if (text === '?') return '*';
  if (field.name === 'day-of-week' && text === 'L') return '7';
  // `0/15` is EventBridge's way to say "from 0 on, every 15".
  return text
    .split(',')
    .map((part) => part.replace(/^(\d+)\//, `$1-${field.max}/`))
    .join(',');
}
