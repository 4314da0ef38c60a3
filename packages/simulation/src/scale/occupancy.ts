/** How well the slots of a quota are used while there is work for them. */
export class Occupancy {
  readonly #slots: number;
  #at: number;
  #busy = 0;
  #backlog = false;
  #busyMs = 0;
  #backlogMs = 0;

  /**
   * @param slots what the quota allows at once
   * @param now virtual milliseconds since 1970
   */
  constructor(slots: number, now: number) {
    this.#slots = slots;
    this.#at = now;
  }

  /** From now on so many slots are busy, and there is work that waits, or none. */
  change(now: number, busy: number, backlog: boolean): void {
    if (this.#backlog) {
      this.#backlogMs += now - this.#at;
      this.#busyMs += this.#busy * (now - this.#at);
    }
    this.#at = now;
    this.#busy = busy;
    this.#backlog = backlog;
  }

  /** Busy slot-seconds as a share of all slot-seconds while work waited; 1 when none ever waited. */
  get utilisation(): number {
    return this.#backlogMs === 0 ? 1 : this.#busyMs / (this.#slots * this.#backlogMs);
  }
}
