import { DAY_MS } from './policy.ts';

/**
 * A time zone's wall clock. A wall time is a number: the milliseconds that its digits would be in UTC, so that
 * 03:00 on a wall is the same number everywhere.
 */
export interface WallClock {
  /** What the wall clock shows at an instant, to the second. */
  wallAt(instantMs: number): number;
  /**
   * The first instant at which it shows this time; `undefined` for a time that is left out when clocks go forward.
   */
  instantOf(wallMs: number): number | undefined;
}

/** @throws RangeError for a zone that the runtime does not know. */
export function wallClock(timezone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const wallAt = (instantMs: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const instantOf = (wallMs: number): number | undefined => {
    // Zones change their offset at most once in two days, so these two offsets are all that can apply.
    const [before = 0, after = 0] = [wallMs - DAY_MS, wallMs + DAY_MS].map((near) => wallAt(near) - near);
    if (before === after) return wallMs - before;
    const instants = [wallMs - before, wallMs - after].filter((instant) => wallAt(instant) === wallMs);
    return instants.length === 0 ? undefined : Math.min(...instants);
  };
  return { wallAt, instantOf };
}
