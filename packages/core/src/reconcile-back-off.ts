import { DAY_MS, HOUR_MS } from './policy.ts';

/** Something that is missing, as far as it matters to when it is enqueued. Times in milliseconds. */
export interface MissingWork {
  /** Since it was due. */
  readonly ageMs: number;
  /** Messages in the queue that it would go to: visible, in flight and delayed. */
  readonly queued: number;
  /** A letter about it lies in the dead-letter queue. */
  readonly hasLetter: boolean;
  /** Time between two runs of the reconciler: each step of the back-off is met by exactly one of them. */
  readonly intervalMs: number;
}

/** Why it is left for later, in words; `undefined` when it is to be enqueued now. */
export function reasonToWait(work: MissingWork): string | undefined {
  if (work.ageMs < HOUR_MS) return 'less than an hour old: events and queues come first';
  return work.hasLetter ? reasonOfDead(work) : reasonOfLost(work);
}

/** It is not in the queue: it has died there. So a queue that is busy at this hour of every day does not hold it up. */
function reasonOfDead({ ageMs, intervalMs }: MissingWork): string | undefined {
  const last = Math.floor(ageMs / DAY_MS) * DAY_MS;
  if (last > 0 && last > ageMs - intervalMs) return undefined;
  return `its letter lies in the dead-letter queue and is left to an operator; enqueued again ${hours(last + DAY_MS)} h after it was due`;
}

/**
 * Nobody can ask a queue what it holds, so a queue that is not empty is left alone at first. Not for ever: a fleet whose
 * copies take a day, or one with a slot every hour, has a queue that is busy whenever the reconciler looks. Twice a day it
 * is enqueued all the same; a second message about one thing changes nothing.
 */
function reasonOfLost({ ageMs, queued, intervalMs }: MissingWork): string | undefined {
  const boundary = boundaryUpTo(ageMs);
  const isDue = boundary > ageMs - intervalMs;
  if (isDue && (queued === 0 || boundary >= STEADY_MS)) return undefined;
  if (queued > 0) {
    const latest = (Math.floor(ageMs / STEADY_MS) + 1) * STEADY_MS;
    const waiting = queued === 1 ? '1 message waits' : `${queued} messages wait`;
    return `${waiting} in the queue, and it may be among them; enqueued ${hours(latest)} h after its time at the latest`;
  }
  return `due ${hours(boundary)} h after its time; again ${hours(boundaryAfter(ageMs))} h after`;
}

const hours = (ms: number): number => Math.round(ms / HOUR_MS);

/** From here on every so often. */
const STEADY_MS = 12 * HOUR_MS;

/** The last of 1, 2, 4, 8, 12, 24, 36, … hours that is not above this age (of an hour at least). */
function boundaryUpTo(ageMs: number): number {
  if (ageMs >= STEADY_MS) return Math.floor(ageMs / STEADY_MS) * STEADY_MS;
  return HOUR_MS * 2 ** Math.floor(Math.log2(ageMs / HOUR_MS));
}

function boundaryAfter(ageMs: number): number {
  const last = boundaryUpTo(ageMs);
  return last >= STEADY_MS ? last + STEADY_MS : Math.min(last * 2, STEADY_MS);
}
