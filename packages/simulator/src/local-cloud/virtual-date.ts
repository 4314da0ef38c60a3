import { type Clock as FakeClock, install } from '@sinonjs/fake-timers';

let installed: FakeClock | undefined;

/**
 * Makes `Date` of this thread follow the virtual clock, for fauxqs. Timers stay real: nothing in this thread waits
 * with them but the local cloud itself.
 */
export class VirtualDate {
  readonly #fake: FakeClock;

  /** @throws when another local cloud of this process has it: time is one for the whole thread */
  constructor(now: number) {
    if (installed !== undefined)
      throw new Error('Only one local cloud can run in a thread: its clock is global');
    installed = install({ now, toFake: ['Date'], shouldClearNativeTimers: true });
    this.#fake = installed;
  }

  set(now: number): void {
    this.#fake.setSystemTime(now);
  }

  /** Gives `Date` back. */
  close(): void {
    if (installed !== this.#fake) return;
    installed = undefined;
    this.#fake.uninstall();
  }
}
