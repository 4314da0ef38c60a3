import type { Clock } from '@smart-vault/core';

/** Differences up to this are the way of an answer, not a wrong clock; headers tell whole seconds. */
const AGREES_MS = 5_000;

/**
 * The time as the service has it: ages and deadlines must not depend on how well the clock of a laptop is set, and
 * the local cloud has a time of its own. Until an answer has told, it is the machine's.
 */
export class ServiceClock implements Clock {
  readonly #machine: Clock;
  #offsetMs = 0;

  constructor(machine: Clock) {
    this.#machine = machine;
  }

  /** How far the machine's clock is behind, ms; 0 while they agree, negative when it is ahead. */
  get behindMs(): number {
    return this.#offsetMs;
  }

  now(): number {
    return this.#machine.now() + this.#offsetMs;
  }

  sleep(ms: number): Promise<void> {
    return this.#machine.sleep(ms);
  }

  /** An answer has just come in that bears this time, milliseconds since 1970. */
  learn(serverMs: number): void {
    const offset = serverMs - this.#machine.now();
    this.#offsetMs = Math.abs(offset) <= AGREES_MS ? 0 : offset;
  }
}
