/** How long to wait before a repetition, and the means of waiting. Tests bring their own sleep and chance. */
export interface BackOff {
  sleep(ms: number): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** The real one. */
export const systemBackOff: BackOff = {
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: () => Math.random(),
};

const BASE_MS = 500;
const CAP_MS = 5_000;

/** Capped exponential delay with full jitter before repetition number `repetition` (1 is the first), in ms. */
export function backOffMs(repetition: number, random: () => number): number {
  return Math.floor(random() * Math.min(CAP_MS, BASE_MS * 2 ** (repetition - 1)));
}
