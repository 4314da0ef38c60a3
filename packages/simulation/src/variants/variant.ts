import type { PlannedFault } from '../fault-catalogue.ts';
import { HOUR_MS, type PackName, type Planned, type WorldKnobs } from '../packs.ts';

/** A change of one real source file. */
interface Edit {
  /** Below the project's root. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A version of the functions that is known to be bad: the real sources with a few edits. */
export interface Variant {
  readonly name: string;
  /** What is wrong with it, and where such a thing was seen. */
  readonly why: string;
  /** Promises that it breaks: a seed that shows one of them, and does not show it for the real sources, has caught it. */
  readonly breaks: readonly string[];
  readonly edits: readonly Edit[];
  readonly pack: PackName;
  /** Instead of what the pack draws: a smaller world, or one in which the fault matters at all. */
  readonly knobs?: Partial<WorldKnobs>;
  /** Seeds that are tried, from `from` on. Far more than the first that catches it would mean that the oracle has become weaker. */
  readonly from: number;
  readonly budget: number;
}

/** A world that is long enough for snapshots to grow old and go. */
export const AGEING = {
  retentionDays: 1,
  keepMin: 1,
  graceHours: 0,
  slotEveryHours: 6,
  chaosHours: 72,
} as const satisfies Partial<WorldKnobs>;

/** A fault so many times, the first after so many hours, and then every so many hours. */
export const several = (kind: PlannedFault, count: number, everyHours: number): readonly Planned[] =>
  Array.from({ length: count }, (_, n) => ({
    kind,
    label: `${kind}/${n}`,
    atMs: (n + 1) * everyHours * HOUR_MS,
  }));
