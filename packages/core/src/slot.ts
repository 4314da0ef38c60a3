import { AppError } from './errors.ts';

/**
 * The scheduled UTC instant a backup is *for*, to the second: `2026-11-22T03:00:00Z`.
 * Everything is keyed and ranked by slot, never by the time at which a snapshot happened to start.
 * Slots sort as strings.
 */
export type Slot = string & { readonly __brand: 'Slot' };

const SLOT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** The slot of an instant in milliseconds since 1970; parts of a second are dropped. */
export function slotAt(instantMs: number): Slot {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z` as Slot;
}

export function isSlot(value: unknown): value is Slot {
  if (typeof value !== 'string' || !SLOT.test(value)) return false;
  const instantMs = Date.parse(value);
  if (Number.isNaN(instantMs)) return false;
  // Every month has 28 days, every day 23 hours: no more to ask of most slots, of which listings are full.
  if (value.slice(8, 10) <= '28' && value.slice(11, 13) <= '23') return true;
  // `Date.parse` reads 31 February as 3 March, and 24:00 as the next day: one instant must have one name.
  return new Date(instantMs).getUTCDate() === Number(value.slice(8, 10));
}

/** @throws AppError `CONTRACT` when the text is no UTC instant such as `2026-11-22T03:00:00Z`. */
export function parseSlot(value: unknown): Slot {
  if (isSlot(value)) return value;
  throw new AppError(
    'CONTRACT',
    `slot is ${JSON.stringify(value)}; expected a UTC instant such as 2026-11-22T03:00:00Z`,
  );
}

/** Milliseconds since 1970 of a slot. */
export const slotMs = (slot: Slot): number => Date.parse(slot);

/** The slot's calendar day in UTC, `yyyy-mm-dd`: the value of the tag `Date`. */
export const slotDate = (slot: Slot): string => slot.slice(0, 10);
