import type { SimulatedQueue, VirtualClock } from '@smart-vault/simulator';

export interface TickDriverOptions {
  readonly clock: VirtualClock;
  readonly name: string;
  /** The work that the woken pump takes from. */
  readonly queues: readonly SimulatedQueue[];
  /** Whether a tick takes place though there is no work at all. */
  readonly every: boolean;
  /** The first scheduled time after an instant. */
  after(ms: number): number | undefined;
  tick(scheduledMs: number): void;
}

/** Of idle ticks one takes place so often, to show that it does nothing. */
const IDLE_EVERY_MS = 7 * 3_600_000;

/**
 * The ticks of one pump. A tick that finds an empty queue counts what is in progress and ends; 288 of them a day were
 * most of all invocations. So an idle one is left out but for one in seven hours; as soon as there is work, each counts.
 */
export class TickDriver {
  readonly #options: TickDriverOptions;
  #cancel = (): void => {};
  #plannedAt: number | undefined;
  #idleAt: number;

  constructor(options: TickDriverOptions) {
    this.#options = options;
    this.#idleAt = options.clock.now() + IDLE_EVERY_MS;
    this.#plan(options.every ? options.clock.now() : this.#idleAt);
    for (const queue of options.queues) queue.onVisible = () => this.#plan(options.clock.now());
  }

  #plan(afterMs: number): void {
    const due = this.#options.after(afterMs);
    if (due === undefined || (this.#plannedAt !== undefined && this.#plannedAt <= due)) return;
    this.#cancel();
    this.#plannedAt = due;
    this.#cancel = this.#options.clock.at(due, `tick ${this.#options.name}`, () => this.#due(due));
  }

  #due(due: number): void {
    this.#plannedAt = undefined;
    const { queues, every, tick } = this.#options;
    const work = queues.some((queue) => {
      const { visible, inFlight, delayed } = queue.counts();
      return visible + inFlight + delayed > 0;
    });
    const idle = due >= this.#idleAt;
    if (idle) this.#idleAt = due + IDLE_EVERY_MS;
    if (work || idle || every) tick(due);
    this.#plan(work || every ? due : this.#idleAt);
  }
}
