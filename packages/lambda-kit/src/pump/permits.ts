/** How much more may be started. Only ever shrinks during one run of a pump: what ends meanwhile wakes the next. */
export class Permits {
  #left: number;

  constructor(max: number, inProgress: number) {
    this.#left = Math.max(0, max - inProgress);
  }

  get left(): number {
    return this.#left;
  }

  spend(permits: number): void {
    this.#left = Math.max(0, this.#left - permits);
  }
}
