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

/** Names of UTC itself. */
const UTC_NAMES: ReadonlySet<string> = new Set(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT']);

/** In UTC the wall shows the instant, so `Intl` is not needed, whose first use in a process costs some 15 to 25 ms. */
const UTC_CLOCK: WallClock = {
  wallAt: (instantMs) => Math.floor(instantMs / 1_000) * 1_000,
  instantOf: (wallMs) => wallMs,
};

/**
 * The wall clock of an IANA zone. Other zones than UTC load the runtime's time zones when the clock is first asked.
 *
 * @throws RangeError, at its first use, for a zone that the runtime does not know.
 */
export function wallClock(timezone: string): WallClock {
  if (UTC_NAMES.has(timezone)) return UTC_CLOCK;
  let format: Intl.DateTimeFormat | undefined;
  const wallAt = (instantMs: number): number => {
    format ??= newFormat(timezone);
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

const newFormat = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
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
