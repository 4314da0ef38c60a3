import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle, functionsWithHandlers, handlerFile } from '../lib/bundle.ts';
import { measureImport, type Sample } from './measure-import.ts';
import { printTable } from './print-table.ts';
import { quartiles } from './quartiles.ts';

/** What a bundle may weigh, in bytes, and what its import may cost beside the yardstick's. */
const GOAL_BYTES = 210_000;
/** For a function that talks to EC2 only, and for one with more clients than that. */
const GOAL_RATIO_EC2_ONLY = 0.5;
const GOAL_RATIO = 1;
const EC2_ONLY: ReadonlySet<string> = new Set(['pruner']);

const WARM_UP_ROUNDS = 2;
const ROUNDS_DEFAULT = 15;

interface Variant {
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly samples: Sample[];
}

/**
 * `pnpm bench init [rounds]`: the import time of each function's bundle as a ratio to that of a plain function that
 * only sends to SQS (ES module, the SDK as it is), and bytes against the goal.
 *
 * Only ratios within one run mean anything. So each sample is a process of its own, the variants take turns, the
 * first rounds are thrown away, and the median is told with its quartiles.
 */
export async function benchInit(args: readonly string[]): Promise<void> {
  const rounds = Math.max(15, Number(args[0] ?? ROUNDS_DEFAULT) || ROUNDS_DEFAULT);
  const folder = mkdtempSync(join(tmpdir(), 'smart-vault-bench-'));
  try {
    const variants = await buildVariants(folder);
    for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
      for (const variant of variants) {
        const sample = measureImport(variant.file);
        if (round >= WARM_UP_ROUNDS) variant.samples.push(sample);
      }
      process.stderr.write(`\rround ${round + 1} of ${WARM_UP_ROUNDS + rounds}`);
    }
    process.stderr.write('\n');
    report(variants, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildVariants(folder: string): Promise<readonly Variant[]> {
  const onlySqs = fileURLToPath(new URL('./sqs-only.ts', import.meta.url));
  const empty = { name: 'nothing at all', file: join(folder, 'empty.cjs'), bytes: 0, gzipBytes: 0 };
  writeFileSync(empty.file, 'exports.handler = async () => {};\n');
  const reports = [
    await bundle({
      name: 'SQS only, plain',
      entry: onlySqs,
      file: join(folder, 'plain.mjs'),
      format: 'esm',
      sdk: 'whole',
    }),
    await bundle({ name: 'SQS only, slim', entry: onlySqs, file: join(folder, 'slim.cjs') }),
  ];
  for (const name of functionsWithHandlers()) {
    reports.push(await bundle({ name, entry: handlerFile(name), file: join(folder, `${name}.cjs`) }));
  }
  return [empty, ...reports].map(({ name, file, bytes, gzipBytes }) => ({
    name,
    file,
    bytes,
    gzipBytes,
    samples: [],
  }));
}

function report(variants: readonly Variant[], rounds: number): void {
  const yardstick = variants.find(({ name }) => name === 'SQS only, plain');
  const unit = yardstick === undefined ? Number.NaN : importTime(yardstick).median;
  const rows = variants.map((variant) => {
    const { low, median, high } = importTime(variant);
    const ours = !/^(nothing|SQS)/.test(variant.name);
    const misses = [
      ...(ours && variant.bytes > GOAL_BYTES ? ['bytes'] : []),
      ...(ours && median / unit > (EC2_ONLY.has(variant.name) ? GOAL_RATIO_EC2_ONLY : GOAL_RATIO)
        ? ['ratio']
        : []),
    ];
    return [
      variant.name,
      (variant.bytes / 1000).toFixed(1),
      (variant.gzipBytes / 1000).toFixed(1),
      median.toFixed(1),
      `${low.toFixed(1)} - ${high.toFixed(1)}`,
      (median / unit).toFixed(2),
      quartiles(variant.samples.map(({ rssMb }) => rssMb)).median.toFixed(0),
      ours ? (misses.length === 0 ? 'yes' : `no: ${misses.join(', ')}`) : '',
    ];
  });
  printTable(['bundle', 'KB', 'KB gzip', 'import ms', 'quartiles', 'ratio', 'RSS MB', 'in goal'], rows);
  process.stdout.write(
    `\nNode.js ${process.version}, ${rounds} rounds. Ratio: to "SQS only, plain" of this run. ` +
      `Goals: ${GOAL_BYTES / 1000} KB; ratio ${GOAL_RATIO_EC2_ONLY} with EC2 alone (pruner), ${GOAL_RATIO} with more clients.\n`,
  );
}

const importTime = (variant: Variant) => quartiles(variant.samples.map(({ importMs }) => importMs));
