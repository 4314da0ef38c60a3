import type { VirtualClock } from '../clock.ts';

/** One timer at most: for the earliest of the times that it was asked for. */
export class AlarmClock {
  readonly #clock: VirtualClock;
  readonly #label: string;
  readonly #ring: () => void;
  #set: { readonly due: number; readonly cancel: () => void } | undefined;

  constructor(clock: VirtualClock, label: string, ring: () => void) {
    this.#clock = clock;
    this.#label = label;
    this.#ring = ring;
  }

  /** @param due milliseconds since 1970; a later time than the one that is set changes nothing */
  noLaterThan(due: number): void {
    if (this.#set !== undefined && this.#set.due <= due) return;
    this.stop();
    const cancel = this.#clock.at(due, this.#label, () => {
      this.#set = undefined;
      this.#ring();
    });
    this.#set = { due, cancel };
  }

  stop(): void {
    this.#set?.cancel();
    this.#set = undefined;
  }
}
