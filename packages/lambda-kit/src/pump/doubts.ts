import { type Clock, READ_LAG_MS } from '@smart-vault/core';

/**
 * Things whose start got no answer: EC2 may have started them, and may not show it for some minutes. Until then a second
 * message about the same thing must wait, as its look would find nothing. Keep it for as long as the execution
 * environment lives; a cold start loses it, and with it one chance in the read lag.
 */
export class Doubts {
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The answer to a start of these things was lost. */
  add(ids: readonly string[]): void {
    for (const id of ids) this.#since.set(id, this.#clock.now());
  }

  /** Whether one of these things may have been started without EC2's showing it. */
  includesAny(ids: readonly string[]): boolean {
    const since = this.#clock.now() - READ_LAG_MS;
    for (const [id, at] of this.#since) if (at < since) this.#since.delete(id);
    return ids.some((id) => this.#since.has(id));
  }
}
