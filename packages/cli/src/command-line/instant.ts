import { DAY_MS } from '@smart-vault/core';
import { InvalidArgumentError } from 'commander';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MINUTE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d{1,3})?Z?$/;

/** For `argParser`: an instant in UTC, in milliseconds since 1970; a day is its end. */
export function instant(text: string): number {
  const ms = instantOf(text.trim());
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError(
    'Expected a time in UTC such as 2027-01-31, 2027-01-31T18:00 or 2027-01-31T18:00:00Z.',
  );
}

/** `undefined` for what is no instant, such as the 31st of February. */
export function instantOf(text: string): number | undefined {
  if (DAY.test(text)) {
    const start = exact(`${text}T00:00:00Z`);
    return start === undefined ? undefined : start + DAY_MS - 1_000;
  }
  const [, day, minute, seconds = ':00'] = MINUTE.exec(text) ?? [];
  return day === undefined ? undefined : exact(`${day}T${minute}${seconds}Z`);
}

/** `Date.parse` reads 31 February as 3 March. */
function exact(text: string): number | undefined {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && `${new Date(ms).toISOString().slice(0, 19)}Z` === text ? ms : undefined;
}
