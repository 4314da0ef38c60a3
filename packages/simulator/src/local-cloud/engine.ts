import type { VirtualClock } from '../clock.ts';
import type { Endpoint } from './endpoint.ts';
import type { Mapping } from './mappings.ts';
import type { Processor } from './processor.ts';
import type { Queues } from './queues.ts';
import type { VirtualDate } from './virtual-date.ts';

export interface EngineParts {
  readonly clock: VirtualClock;
  readonly date: VirtualDate;
  readonly processor: Processor;
  readonly queues: Queues;
  readonly endpoint: Endpoint;
  readonly mappings: readonly Mapping[];
  /** True while somebody outside is at work who must not see time fly: a paced clock then stands. */
  holds?(): boolean;
}

export interface RunOptions {
  /** Virtual milliseconds since 1970 to stop at. */
  readonly until: number;
  /** Simulated milliseconds per real millisecond; absent: as fast as it goes. */
  readonly speed?: number;
  /** Stops at the next moment when nothing runs. */
  readonly signal?: AbortSignal;
  /** Called whenever the clock has moved. */
  readonly onStep?: () => void;
}

/** Real milliseconds between two looks while the clock runs slowly. */
const SLOW_STEP_MS = 50;

/**
 * The loop: let everything that can run do so, hand over what is visible, and when all are waiting move the clock
 * to whatever is due next. The clock never moves while a function computes or a request is being served.
 */
export class Engine {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  get mappings(): readonly Mapping[] {
    return this.#parts.mappings;
  }

  /** Runs until the time has come, or until the signal. */
  async run(options: RunOptions): Promise<void> {
    const { clock } = this.#parts;
    const pace = options.speed === undefined ? undefined : new Pace(clock.now(), options.speed);
    while (!options.signal?.aborted) {
      await this.settle();
      const due = Math.min(this.nextDue() ?? options.until, options.until);
      if (pace !== undefined && !(await this.#paced(pace, due, options))) continue;
      if (options.signal?.aborted) break;
      const atEnd = due >= options.until && (this.nextDue() ?? Number.POSITIVE_INFINITY) > options.until;
      this.#moveTo(due);
      options.onStep?.();
      if (atEnd) break;
    }
    await this.settle();
  }

  /** Runs everything that can run without the clock moving. */
  async settle(): Promise<void> {
    const { clock, processor, queues, endpoint, mappings } = this.#parts;
    for (;;) {
      await processor.drain();
      queues.settle(clock.now());
      let started = false;
      for (const mapping of mappings) started = mapping.deliver() || started;
      if (!started && processor.idle) {
        if (endpoint.open === 0) return;
        await realTurn();
      }
    }
  }

  /** When something happens next by itself, virtual milliseconds since 1970. */
  nextDue(): number | undefined {
    const { clock, queues, mappings } = this.#parts;
    let due = clock.nextDue() ?? Number.POSITIVE_INFINITY;
    for (const { config } of mappings) {
      if (config.enabled) due = Math.min(due, queues.nextDue(config.queueName) ?? due);
    }
    return due === Number.POSITIVE_INFINITY ? undefined : Math.max(due, clock.now());
  }

  #moveTo(due: number): void {
    const { clock, date, queues } = this.#parts;
    // Callbacks read Date too (fauxqs, through what they send), so it moves first.
    date.set(due);
    clock.advanceTo(due);
    queues.settle(due);
  }

  /** Waits in real time until `due` may come. @returns false to look again first, as something may have changed */
  async #paced(pace: Pace, due: number, options: RunOptions): Promise<boolean> {
    if (this.#parts.holds?.()) {
      await this.#sleep(SLOW_STEP_MS);
      pace.restart(this.#parts.clock.now());
      return false;
    }
    const waitMs = pace.realMsUntil(due);
    if (waitMs <= 0) return true;
    await this.#sleep(Math.min(waitMs, SLOW_STEP_MS));
    const reached = Math.min(pace.virtualNow(), due);
    if (reached < due) {
      if (reached > this.#parts.clock.now()) this.#moveTo(reached);
      options.onStep?.();
      return false;
    }
    return true;
  }

  /** Sleeps in real time; a request or new work ends it early. */
  async #sleep(ms: number): Promise<void> {
    const { endpoint, processor } = this.#parts;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        endpoint.onRequest(undefined);
        processor.onWork(undefined);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      endpoint.onRequest(wake);
      processor.onWork(wake);
    });
  }
}

/** How virtual and real time belong together when the clock runs slowly. */
class Pace {
  #virtualStart: number;
  #realStart = performance.now();
  readonly #speed: number;

  constructor(virtualStart: number, speed: number) {
    this.#virtualStart = virtualStart;
    this.#speed = speed;
  }

  /** From now on counts from here. */
  restart(virtual: number): void {
    this.#virtualStart = virtual;
    this.#realStart = performance.now();
  }

  virtualNow(): number {
    return Math.floor(this.#virtualStart + (performance.now() - this.#realStart) * this.#speed);
  }

  realMsUntil(virtual: number): number {
    return (virtual - this.#virtualStart) / this.#speed - (performance.now() - this.#realStart);
  }
}

const realTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
