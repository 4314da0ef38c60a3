import type { Clock } from '@smart-vault/core';

/** The machine's own clock: one of the few places where real time enters. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}
