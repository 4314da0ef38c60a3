import { VirtualClock } from '@smart-vault/simulator';

/** One thing that happened, for people: kept in a ring, put into words only when somebody looks. */
export interface TraceEntry {
  /** Virtual milliseconds since 1970. */
  readonly at: number;
  /** Who did it: a function's invocation, the operator, EC2. */
  readonly who: string;
  readonly what: string;
  /** Ids that it is about. */
  readonly about: readonly string[];
  /** More about it: fields of a log line, or of a call. */
  readonly fields?: unknown;
}

/** More events than any world of the packs has: a bound in case something goes round for ever. */
const EVENTS_MAX = 400_000;
const TRACE_KEPT = 10_000;

/**
 * Moves the clock one callback at a time and lets all that was woken come to rest before the next one: one thread, one
 * order, so that a run is a function of its inputs. Everything that waits must wait on this clock.
 */
export class Kernel {
  readonly clock: VirtualClock;
  readonly #trace: (TraceEntry | undefined)[] = [];
  #traced = 0;
  #events = 0;
  #halted = false;
  #hash = 0x811c9dc5;
  readonly #eventsMax: number;

  /**
   * @param startMs virtual milliseconds since 1970
   * @param eventsMax callbacks after which it is a livelock
   */
  constructor(startMs: number, eventsMax = EVENTS_MAX) {
    this.#eventsMax = eventsMax;
    this.clock = new VirtualClock(startMs);
  }

  now(): number {
    return this.clock.now();
  }

  /** Callbacks that have run. */
  get events(): number {
    return this.#events;
  }

  /** A fingerprint of everything that happened, in order: the same for the same inputs, on every machine. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  /** Stops for good: what is left is not run any more. */
  halt(): void {
    this.#halted = true;
  }

  get isHalted(): boolean {
    return this.#halted;
  }

  /** Runs everything that is due up to a virtual time, and then stands there. @throws Error on a livelock */
  async runUntil(ms: number): Promise<void> {
    if (this.#halted) return;
    for (let due = this.clock.nextDue(); due !== undefined && due <= ms; due = this.clock.nextDue()) {
      this.#events += 1;
      if (this.#events > this.#eventsMax)
        throw new Error(`livelock: ${this.#eventsMax} events; next is ${this.#next()}`);
      const label = this.clock.step();
      this.#mix(label ?? '', due);
      await settled(this.#events % 1_000 === 0);
      if (this.#halted) return;
    }
    this.clock.advanceTo(ms);
  }

  /** Notes what happened, for the timeline of a failure. */
  note(who: string, what: string, about: readonly string[], fields?: unknown): void {
    this.#trace[this.#traced % TRACE_KEPT] = { at: this.now(), who, what, about, fields };
    this.#traced += 1;
  }

  /** The last things that happened, oldest first. */
  trace(): readonly TraceEntry[] {
    const start = this.#traced % TRACE_KEPT;
    return [...this.#trace.slice(start), ...this.#trace.slice(0, start)].filter(
      (entry) => entry !== undefined,
    );
  }

  #next(): string {
    return this.clock.nextTimer()?.label ?? 'nothing';
  }

  #mix(label: string, at: number): void {
    let hash = this.#hash ^ (at | 0);
    for (let place = 0; place < label.length; place += 1) {
      hash = Math.imul(hash ^ label.charCodeAt(place), 0x01000193);
    }
    this.#hash = hash;
  }
}

/**
 * Resolves when every microtask has run, those that they add included: Node empties that queue before it takes the next
 * tick. Now and then the event loop gets its turn too, for signals and messages.
 */
const settled = (turn: boolean): Promise<void> =>
  new Promise((resolve) => {
    if (turn) setImmediate(resolve);
    else process.nextTick(resolve);
  });
