/** `40s`, `4m`, `3h`, `2d`: a span of time, for a person. */
export function spanText(spanMs: number): string {
  const seconds = Math.max(0, Math.floor(spanMs / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`;
  return `${Math.floor(minutes / (24 * 60))}d`;
}

/** `2026-11-22 03:00`: an instant in UTC, to the minute. */
export const minuteText = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** `2026-11-22 03:00 (3h ago)`, or `(in 3h)`: an instant in UTC, and seen from now. */
export const instantText = (ms: number, now: number): string =>
  `${minuteText(ms)} (${ms <= now ? `${spanText(now - ms)} ago` : `in ${spanText(ms - now)}`})`;

/** `1 letter`, `2 letters`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string =>
  `${n} ${n === 1 ? noun : plural}`;
