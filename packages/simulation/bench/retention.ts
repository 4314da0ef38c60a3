import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { printTable } from '@smart-vault/infra/bench';

/** Retention planning for a vault of one size. */
export interface RetentionSample {
  readonly snapshots: number;
  /** Processor time per snapshot; the median of the rounds. */
  readonly microseconds: number;
  /** That time beside the one of the smallest vault in the same round; the median of the rounds. */
  readonly growth: number;
  readonly peakMb: number;
  readonly decided: Readonly<Record<string, number>>;
}

const ROUNDS = 7;
const GROWTH_MAX = 1.2;
const SCRIPT = fileURLToPath(new URL('./plan-retention.ts', import.meta.url));

/** Plans for vaults of these sizes, the smallest first, each in processes of its own that take turns. */
export function measureRetention(sizes: readonly number[]): readonly RetentionSample[] {
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    process.stderr.write(`retention: round ${round + 1} of ${ROUNDS}\n`);
    return sizes.map((size) => run<{ microseconds: number }>('time', size).microseconds);
  });
  return sizes.map((snapshots, place) => ({
    snapshots,
    microseconds: median(times.map((round) => round[place] ?? Number.NaN)),
    growth: median(times.map((round) => (round[place] ?? Number.NaN) / (round[0] ?? Number.NaN))),
    ...run<Pick<RetentionSample, 'peakMb' | 'decided'>>('memory', snapshots),
  }));
}

const run = <T>(what: 'time' | 'memory', size: number): T =>
  JSON.parse(execFileSync(process.execPath, [SCRIPT, what, String(size)], { encoding: 'utf8' })) as T;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Prints them with their growth beside the first. */
export function printRetention(samples: readonly RetentionSample[]): void {
  process.stdout.write(
    '\nRetention planning (planPrune), half of the snapshots copies, 9 daily points a volume:\n',
  );
  printTable(
    ['snapshots', 'µs each', 'growth', 'peak MB', 'condemn', 'delete', 'in goal'],
    samples.map(({ snapshots, microseconds, growth, peakMb, decided }) => [
      snapshots.toLocaleString('en-US'),
      microseconds.toFixed(2),
      growth.toFixed(2),
      peakMb.toFixed(0),
      String(decided['condemn'] ?? 0),
      String(decided['delete'] ?? 0),
      growth <= GROWTH_MAX ? 'yes' : `NO: above ${GROWTH_MAX}`,
    ]),
  );
}
