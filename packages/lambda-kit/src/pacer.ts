import { type Clock, isAppError } from '@smart-vault/core';

export interface PacerOptions {
  /** Calls that may go out at once: the burst of EC2's token bucket. */
  readonly capacity: number;
  readonly refillPerSecond: number;
  readonly clock: Clock;
}

/**
 * A token bucket on our side, of the size of EC2's own: calls that would be throttled wait here instead.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 *
 * Keep it for as long as the execution environment lives: a fresh one believes that the burst is all there.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #tokens: number;
  #refilledAt: number;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#refilledAt = options.clock.now();
  }

  /** Waits for a token, then calls. A throttled answer says that others use the bucket too: ours is emptied. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    await this.#take();
    try {
      return await call();
    } catch (error) {
      if (isAppError(error, 'THROTTLED')) this.#tokens = Math.min(this.#tokens, 0);
      throw error;
    }
  }

  /** Takes the token before waiting for it, so that calls side by side queue up instead of racing. */
  async #take(): Promise<void> {
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    const { capacity, refillPerSecond, clock } = this.#options;
    const waitMs = Math.ceil((-this.#tokens / refillPerSecond) * 1000);
    // EC2's bucket may be full before the last millisecond is over: what runs over there does not count here either.
    this.#tokens = Math.min(this.#tokens, capacity - 1 - (waitMs / 1000) * refillPerSecond);
    await clock.sleep(waitMs);
  }

  #refill(): void {
    const { capacity, refillPerSecond, clock } = this.#options;
    const now = clock.now();
    const elapsedMs = Math.max(0, now - this.#refilledAt); // clocks jump back
    this.#tokens = Math.min(capacity, this.#tokens + (elapsedMs / 1000) * refillPerSecond);
    this.#refilledAt = now;
  }
}
