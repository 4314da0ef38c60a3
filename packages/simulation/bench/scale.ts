import { Command, InvalidArgumentError } from 'commander';
import { fleetOf, WORLD_TEXT } from '../src/scale/account.ts';
import { PRICES_TEXT } from '../src/scale/prices.ts';
import type { ScaleResult } from '../src/scale/result.ts';
import { measureRetention, printRetention } from './retention.ts';
import { boundFor, printResults } from './scale-table.ts';
import { runJobs } from './scale-workers.ts';

interface Options {
  readonly volumes: readonly number[];
  readonly seed: number;
  readonly json?: true;
}

/** Volumes per instance. */
const SHAPES = [1, 4] as const;
/** Volumes of the fleets, and snapshots of the vaults. */
const SIZES = [1_000, 10_000, 100_000] as const;

/**
 * `pnpm bench scale [--volumes 1000,10000,100000] [--seed 1] [--json]`: one run of the vault over whole fleets, in virtual time,
 * beside two other designs and what the quotas allow; then retention planning.
 */
export async function benchScale(args: readonly string[]): Promise<void> {
  const command = new Command('pnpm bench scale')
    .description(
      'One run of the real vault over whole fleets, in virtual time, beside two other designs and the bound of the quotas.',
    )
    .option('--volumes <sizes>', 'fleet sizes, separated by commas', sizesOf, [...SIZES])
    .option('--seed <number>', 'seed of durations and latencies', wholeNumber, 1)
    .option('--json', 'print JSON instead of tables');
  const { volumes, seed, json } = command.parse(args, { from: 'user' }).opts<Options>();
  if (!json) process.stdout.write(`${WORLD_TEXT.join('\n')}\n${PRICES_TEXT}\n`);
  const fleets = volumes.flatMap((size) => SHAPES.map((perInstance) => fleetOf(size, perInstance)));
  const runs = await runJobs(fleets, seed, (results) => {
    if (!json) printResults(results);
  });
  const retention = measureRetention(SIZES);
  if (json)
    process.stdout.write(`${JSON.stringify({ seed, runs: runs.map(withBound), retention }, undefined, 2)}\n`);
  else printRetention(retention);
}

const withBound = (results: readonly ScaleResult[]) => ({
  bound: results[0] === undefined ? undefined : boundFor(results[0]),
  results,
});

const sizesOf = (text: string): readonly number[] => text.split(',').map(wholeNumber);

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`"${text}" is no whole number above 0`);
}
