import { unitOf } from '../prng.ts';
import type { BusEvent } from './event-bus.ts';

/** Which events a fault strikes: a share of them (0 to 1), or those that a function picks. */
export type FaultChoice = number | ((event: BusEvent, region: string, nowMs: number) => boolean);

/** What may go wrong with an event on its way from the source to the bus. Deterministic by the event's label. */
export interface EventFaults {
  /** Never arrives. */
  readonly drop?: FaultChoice;
  /** Arrives a second time, up to `duplicateWithinMs` later (default 60 s). */
  readonly duplicate?: FaultChoice;
  readonly duplicateWithinMs?: number;
  /** Arrives up to `delayMaxMs` later than usual (default 10 min). */
  readonly delay?: FaultChoice;
  readonly delayMaxMs?: number;
}

/** One delay in milliseconds per copy that arrives (none: dropped), and what was done, for the trace. */
export interface FaultPlan {
  readonly delaysMs: readonly number[];
  readonly notes: readonly ('dropped' | 'duplicated' | 'delayed')[];
}

/** What an event is about, free of ids that are drawn anew: the label by which faults are drawn. */
export function labelOfEvent(event: BusEvent): string {
  const detail = event.detail as { event?: unknown; result?: unknown } | null;
  return [event['detail-type'], detail?.event ?? '', detail?.result ?? '', event.resources.join(' ')].join(
    '/',
  );
}

/** Decides what happens to an event. */
export function plansFor(
  faults: EventFaults,
  at: { event: BusEvent; region: string; now: number; seed: number },
): FaultPlan {
  const label = `${labelOfEvent(at.event)}@${at.region}`;
  const strikes = (choice: FaultChoice | undefined, kind: string): boolean => {
    if (choice === undefined) return false;
    if (typeof choice === 'function') return choice(at.event, at.region, at.now);
    return unitOf(at.seed, `${kind} ${label}`) < choice;
  };
  if (strikes(faults.drop, 'drop')) return { delaysMs: [], notes: ['dropped'] };

  const notes: ('duplicated' | 'delayed')[] = [];
  let first = 0;
  if (strikes(faults.delay, 'delay')) {
    first = Math.round(unitOf(at.seed, `delay by ${label}`) * (faults.delayMaxMs ?? 600_000));
    notes.push('delayed');
  }
  if (!strikes(faults.duplicate, 'duplicate')) return { delaysMs: [first], notes };
  const second = Math.round(
    unitOf(at.seed, `duplicate after ${label}`) * (faults.duplicateWithinMs ?? 60_000),
  );
  return { delaysMs: [first, first + second], notes: [...notes, 'duplicated'] };
}
