/**
 * Gives the processor to one piece of work after the other. Functions run in threads of their own, but only one of
 * them at a time: what they do then has one order, and a run with the same seed is the same run again.
 */
export class Processor {
  readonly #work: (() => Promise<void>)[] = [];
  #wake: (() => void) | undefined;

  /** Appends a piece of work; it runs when `drain` comes to it. */
  push(work: () => Promise<void>): void {
    this.#work.push(work);
    this.#wake?.();
  }

  get idle(): boolean {
    return this.#work.length === 0;
  }

  /** Runs what is there, also what that adds, until nothing is left. */
  async drain(): Promise<void> {
    for (let work = this.#work.shift(); work !== undefined; work = this.#work.shift()) await work();
  }

  /** Calls `wake` as soon as there is work; for a loop that waits in real time. */
  onWork(wake: (() => void) | undefined): void {
    this.#wake = wake;
  }
}
