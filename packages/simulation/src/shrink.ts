import type { FaultId } from './chaos.ts';
import type { WorldKnobs } from './packs.ts';
import { runWorld, type Templates, type WorldResult } from './run-world.ts';

/** The smallest world that was found to break the same promise. */
export interface Shrunk {
  readonly result: WorldResult;
  /** Faults that are left. */
  readonly faults: readonly FaultId[];
  /** Faults that were suppressed. */
  readonly mask: ReadonlySet<FaultId>;
  readonly runs: number;
}

export interface ShrinkBudget {
  readonly runsMax: number;
  /** Says whether the time is up; looked at between two runs. */
  isOver(): boolean;
}

/** What a smaller world may have instead, tried in this order. */
const SIMPLER: readonly ((knobs: WorldKnobs) => Partial<WorldKnobs>)[] = [
  () => ({ instances: [1] }),
  () => ({ destinations: 1 }),
  ({ chaosHours }) => ({ chaosHours: Math.ceil(chaosHours / 2) }),
  ({ chaosHours }) => ({ chaosHours: Math.ceil((chaosHours * 3) / 4) }),
  () => ({ foreignShare: 0 }),
  () => ({ conditions: [] }),
  () => ({ timezone: 'UTC' }),
  () => ({ slowness: 1 }),
  () => ({ oneStaysBroken: false }),
  ({ ec2 }) => ({ ec2: { ...ec2, readLagMaxMs: 0 } }),
  ({ ec2 }) => ({ ec2: { ...ec2, pageSizeMax: 1000, emptyPageShare: 0 } }),
  ({ ec2 }) => ({ ec2: { ...ec2, pendingSnapshotsMax: 100, copiesInFlightMax: 20 } }),
];

/**
 * Makes a failing world smaller: fewer volumes, days and odd knobs, then fewer faults (ddmin over those that struck), as
 * long as the same promise is broken. Suppressing a fault moves no other, as each belongs to its own label.
 */
export async function shrink(
  failing: WorldResult,
  promise: string,
  templates: Templates,
  budget: ShrinkBudget,
): Promise<Shrunk> {
  const run = new Attempt(promise, templates, budget);
  let knobs = failing.knobs;
  let best = failing;
  for (const simpler of SIMPLER) {
    const smaller = { ...knobs, ...simpler(knobs) };
    const result = await run.try(smaller, new Set());
    if (result !== undefined) [knobs, best] = [smaller, result];
  }
  const all = [...best.fired.keys()];
  const kept = await ddmin(all, async (left) => {
    const result = await run.try(knobs, without(all, left));
    if (result !== undefined) best = result;
    return result !== undefined;
  });
  return { result: best, faults: kept, mask: without(all, kept), runs: run.count };
}

const without = (all: readonly FaultId[], left: readonly FaultId[]): ReadonlySet<FaultId> => {
  const stays = new Set(left);
  return new Set(all.filter((id) => !stays.has(id)));
};

/** Runs smaller worlds until the budget is used up. */
class Attempt {
  count = 0;
  readonly #promise: string;
  readonly #templates: Templates;
  readonly #budget: ShrinkBudget;

  constructor(promise: string, templates: Templates, budget: ShrinkBudget) {
    this.#promise = promise;
    this.#templates = templates;
    this.#budget = budget;
  }

  /** The world's result when it breaks the same promise. */
  async try(knobs: WorldKnobs, mask: ReadonlySet<FaultId>): Promise<WorldResult | undefined> {
    if (this.count >= this.#budget.runsMax || this.#budget.isOver()) return undefined;
    this.count += 1;
    const stopAt = new Set([this.#promise]);
    const result = await runWorld({ knobs, templates: this.#templates, mask, stopAt });
    return result.violations.some(({ promise }) => promise === this.#promise) ? result : undefined;
  }
}

/**
 * Zeller's ddmin: tries ever smaller parts, and what is left without them, until no single fault can go.
 * @param fails whether these faults alone still break the promise
 */
export async function ddmin(
  faults: readonly FaultId[],
  fails: (left: readonly FaultId[]) => Promise<boolean>,
): Promise<readonly FaultId[]> {
  if (await fails([])) return [];
  let kept = faults;
  for (let parts = 2; kept.length > 1; ) {
    const smaller = await smallerOf(kept, parts, fails);
    if (smaller !== undefined) {
      kept = smaller.left;
      parts = Math.max(2, smaller.isPart ? 2 : parts - 1);
    } else if (parts >= kept.length) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}

async function smallerOf(
  kept: readonly FaultId[],
  parts: number,
  fails: (left: readonly FaultId[]) => Promise<boolean>,
): Promise<{ readonly left: readonly FaultId[]; readonly isPart: boolean } | undefined> {
  const size = Math.ceil(kept.length / parts);
  for (const isPart of [true, false]) {
    for (let start = 0; start < kept.length; start += size) {
      const part = kept.slice(start, start + size);
      const left = isPart ? part : kept.filter((_, index) => index < start || index >= start + size);
      if (left.length < kept.length && (await fails(left))) return { left, isPart };
    }
  }
  return undefined;
}
