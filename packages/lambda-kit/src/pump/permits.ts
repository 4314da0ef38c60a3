/** How much more may be started, as of one count of what is in progress. What ends meanwhile is for the next count. */
export class Permits {
  #left: number;

  constructor(max: number, inProgress: number) {
    this.#left = Math.max(0, max - inProgress);
  }

  get left(): number {
    return this.#left;
  }

  /** Taken before a start, so that starts side by side never take the same. */
  spend(permits: number): void {
    this.#left = Math.max(0, this.#left - permits);
  }

  /** Nothing was started after all. */
  giveBack(permits: number): void {
    this.#left += permits;
  }
}
