import { planPrune } from '@smart-vault/core';
import { steadyVault } from './retention-vault.ts';

/** Snapshots to plan for before the clock starts, so that every size is measured with compiled code. */
const WARM_UP_ITEMS = 200_000;
const WARM_UP_SIZE = 1_000;
/** Snapshots that are held while any size is measured: between two plans for the same vault no cache remembers it. */
const HELD_ITEMS = 100_000;
const ROUNDS = 5;

/**
 * Microseconds of the planning thread per snapshot, the median of several rounds. A round plans for all the vaults, since
 * the kernel may count a thread's time in ticks of 4 ms, which is as long as one plan of a small vault takes.
 */
function measureTime(size: number): { readonly microseconds: number | undefined } {
  const warm = steadyVault(WARM_UP_SIZE);
  for (let items = 0; items < WARM_UP_ITEMS; items += WARM_UP_SIZE) planPrune(warm);
  const vaults = Array.from({ length: Math.ceil(HELD_ITEMS / size) }, () => steadyVault(size));
  const times = Array.from({ length: ROUNDS }, () => {
    const started = process.threadCpuUsage();
    for (const vault of vaults) planPrune(vault);
    const { user, system } = process.threadCpuUsage(started);
    return (user + system) / (vaults.length * size);
  });
  return { microseconds: times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] };
}

/** The most memory of a process that plans once, the vault included; and what was decided. */
function measureMemory(size: number): {
  readonly peakMb: number;
  readonly decided: Readonly<Record<string, number>>;
} {
  const { decisions, refusals } = planPrune(steadyVault(size));
  if (refusals[0] !== undefined) throw new Error(`the plan was refused: ${refusals[0].reason}`);
  const decided: Record<string, number> = {};
  for (const { kind } of decisions) decided[kind] = (decided[kind] ?? 0) + 1;
  return { peakMb: process.resourceUsage().maxRSS / 1000, decided };
}

const [what, size] = process.argv.slice(2);
process.stdout.write(JSON.stringify((what === 'time' ? measureTime : measureMemory)(Number(size))));
