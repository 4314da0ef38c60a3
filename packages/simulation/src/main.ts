#!/usr/bin/env node
import { mkdirSync, readFileSync } from 'node:fs';
import { errorText } from '@smart-vault/core';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { batchesOf } from './batches.ts';
import { type CorpusEntry, readCorpus, writeEntry } from './corpus.ts';
import { coverageText } from './coverage.ts';
import type { BatchReport, SeedFailure } from './job.ts';
import { knobsOf, PACK_NAMES, PACKS, type PackName } from './packs.ts';
import { failureText } from './print-failure.ts';
import { runAll } from './run-all.ts';
import { runWorld, type Templates, type WorldResult } from './run-world.ts';
import { type Shrunk, shrink } from './shrink.ts';
import { templatesOf } from './templates.ts';
import { outcomeLine, runVariants } from './variants/run-variants.ts';

interface Options {
  readonly seeds: number;
  readonly seed?: number;
  readonly from: number;
  readonly pack?: PackName;
  readonly nightly?: boolean;
  readonly corpus?: boolean;
  readonly variants?: boolean;
  readonly replay?: string;
  readonly workers: number;
}

/** Seeds of the nightly run, over all packs. */
const NIGHTLY_SEEDS = 20_000;
const SHRINK_RUNS = 400;
const SHRINK_MS = 20_000;
/** Failures that are shrunk and printed; the others are only named. */
const PRINTED_MAX = 3;
/** Where shrunk worlds are written. */
const OUT = 'packages/simulation/out';

// Options by their names in commander, for those that would have nothing to say in a run.
const ONE_WORLD = ['seed', 'replay'];
const WHICH_WORLDS = ['seeds', 'from', 'pack'];

const wholeNumber = (text: string): number => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new InvalidArgumentError('Expected a whole number from 0 on.');
};
const oneOrMore = (text: string): number => {
  if (wholeNumber(text) > 0) return Number(text);
  throw new InvalidArgumentError('Expected a whole number from 1 on.');
};
const packName = (text: string): PackName => {
  if ((PACK_NAMES as readonly string[]).includes(text)) return text as PackName;
  throw new InvalidArgumentError(`Known packs: ${PACK_NAMES.join(', ')}.`);
};

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const progress = (text: string): void => void process.stderr.write(text);

const program = new Command('pnpm sim')
  .description(
    'Runs the real functions through seeded worlds with faults, and holds every promise against the truth.',
  )
  .option('--seeds <n>', 'how many worlds', oneOrMore, 300)
  .option('--from <n>', 'the first seed', wholeNumber, 1)
  .addOption(
    new Option('--seed <n>', 'one world only, with its timeline')
      .argParser(wholeNumber)
      .conflicts(['seeds', 'from', 'workers']),
  )
  .option('--pack <name>', `a scenario pack (default: all of them; one seed: standard)`, packName)
  .addOption(
    new Option(
      '--nightly',
      `${NIGHTLY_SEEDS} worlds over all packs; a fault that never strikes fails the run`,
    ).conflicts([...ONE_WORLD, 'seeds', 'pack', 'corpus', 'variants']),
  )
  .addOption(
    new Option('--corpus', 'only the seeds that once failed').conflicts([
      ...ONE_WORLD,
      ...WHICH_WORLDS,
      'variants',
      'workers',
    ]),
  )
  .addOption(
    new Option(
      '--variants',
      'the versions of the functions that are known to be bad, and what caught each',
    ).conflicts([...ONE_WORLD, ...WHICH_WORLDS]),
  )
  .addOption(
    new Option('--replay <file>', 'a shrunk world that a failure has written').conflicts([
      'seed',
      ...WHICH_WORLDS,
      'workers',
    ]),
  )
  .option('--workers <n>', 'worker threads', oneOrMore, 2)
  .addHelpText(
    'after',
    `\nPacks:\n${PACK_NAMES.map((name) => `  ${name.padEnd(10)} ${PACKS[name]}`).join('\n')}\n\nExample:\n  $ pnpm sim --seeds 1000 --pack lossy`,
  )
  .exitOverride()
  .action(async (options: Options) => {
    const entry = options.replay === undefined ? undefined : readEntry(options.replay);
    const templates = templatesOf();
    if (entry !== undefined) return replay(entry, templates);
    if (options.corpus) return runCorpus(templates);
    if (options.variants) return runKnownBad(templates, options.workers);
    if (options.seed !== undefined)
      return replay({ pack: options.pack ?? 'standard', seed: options.seed }, templates);
    return runMany(options, templates);
  });

/** @throws Error that names the file when it cannot be read or is no world that a failure has written */
function readEntry(file: string): CorpusEntry {
  let entry: Partial<CorpusEntry> | null;
  try {
    entry = JSON.parse(readFileSync(file, 'utf8')) as Partial<CorpusEntry> | null;
  } catch (error) {
    throw new Error(`--replay ${file} cannot be read: ${errorText(error)}. Give a file of ${OUT}.`);
  }
  if (!(PACK_NAMES as readonly unknown[]).includes(entry?.pack) || !Number.isSafeInteger(entry?.seed))
    throw new Error(`--replay ${file} is no world: it has no known pack and seed. Give a file of ${OUT}.`);
  return entry as CorpusEntry;
}

async function runMany(options: Options, templates: Templates): Promise<void> {
  const seeds = options.nightly ? NIGHTLY_SEEDS : options.seeds;
  const batches = batchesOf(seeds, options.from, options.pack);
  const total = batches.reduce((sum, { count }) => sum + count, 0);
  const startedAt = performance.now();
  let done = 0;
  let broken = 0;
  const reports = await runAll({
    batches,
    templates,
    workers: options.workers,
    onReport: ({ batch, failures }) => {
      done += batch.count;
      broken += failures.length;
      const rate = done / ((performance.now() - startedAt) / 1000);
      if (process.stderr.isTTY)
        progress(
          `\r${done} of ${total} worlds, ${broken} with broken promises, ${rate.toFixed(0)} a second `,
        );
      else if (done % 500 < batch.count)
        progress(`${done} of ${total} worlds, ${broken} with broken promises\n`);
    },
  });
  if (process.stderr.isTTY) progress('\n');
  await conclude(reports, templates, {
    total,
    seconds: (performance.now() - startedAt) / 1000,
    mustStrike: options.nightly === true,
  });
}

async function conclude(
  reports: readonly BatchReport[],
  templates: Templates,
  { total, seconds, mustStrike }: { total: number; seconds: number; mustStrike: boolean },
): Promise<void> {
  const failures = reports.flatMap((report) => report.failures);
  for (const failure of failures.slice(0, PRINTED_MAX)) out(await explain(failure, templates));
  for (const { pack, seed, violations } of failures.slice(PRINTED_MAX))
    out(`also: pnpm sim --pack ${pack} --seed ${seed}   ${violations[0]?.promise}: ${violations[0]?.text}`);
  const { text, silent } = coverageText(reports);
  out(text);
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  out(
    `${total} worlds in ${seconds.toFixed(1)} s (${(total / seconds).toFixed(0)} a second, ${Math.round(events / total)} events each), ${failures.length === 0 ? pc.green('0 broken promises') : pc.red(`${failures.length} with broken promises`)}`,
  );
  if (mustStrike && silent.length > 0)
    out(pc.red(`${silent.length} faults never struck: ${silent.join(', ')}`));
  if (failures.length > 0 || (mustStrike && silent.length > 0)) process.exitCode = 1;
}

/** Lives the world again, makes it smaller and puts it into words. */
async function explain({ pack, seed, violations }: SeedFailure, templates: Templates): Promise<string> {
  const [first] = violations;
  if (first === undefined) return '';
  const failing = await runWorld({ knobs: knobsOf(pack, seed), templates });
  return describe(failing, first.promise, templates);
}

async function describe(failing: WorldResult, promise: string, templates: Templates): Promise<string> {
  const endsAt = performance.now() + SHRINK_MS;
  const shrunk = await shrink(failing, promise, templates, {
    runsMax: SHRINK_RUNS,
    isOver: () => performance.now() > endsAt,
  });
  const violation = failing.violations.find((one) => one.promise === promise);
  return violation === undefined ? '' : failureText(violation, shrunk, keep(shrunk, promise));
}

/** Writes the shrunk world, so that it can be replayed and put into the corpus. */
function keep({ result, mask }: Shrunk, promise: string): string {
  const { knobs } = result;
  mkdirSync(OUT, { recursive: true });
  const file = `${OUT}/${knobs.pack}-${knobs.seed}-${promise}.json`;
  writeEntry(file, { pack: knobs.pack, seed: knobs.seed, knobs, mask: [...mask], promise, cause: '' });
  return file;
}

async function replay(
  entry: Pick<CorpusEntry, 'pack' | 'seed' | 'knobs' | 'mask'>,
  templates: Templates,
): Promise<void> {
  const result = await runEntry(entry, templates);
  out(
    `world ${entry.pack}/${entry.seed}: ${result.events} events, ${result.fired.size} faults struck, trace hash ${result.hash}`,
  );
  const promises = [...new Set(result.violations.map(({ promise }) => promise))];
  if (promises.length === 0) out(pc.green('every promise was kept'));
  for (const promise of promises) out(await describe(result, promise, templates));
  if (promises.length > 0) process.exitCode = 1;
}

function runEntry(
  entry: Pick<CorpusEntry, 'pack' | 'seed' | 'knobs' | 'mask'>,
  templates: Templates,
): Promise<WorldResult> {
  const knobs = { ...knobsOf(entry.pack, entry.seed), ...entry.knobs };
  return runWorld({ knobs, templates, mask: new Set(entry.mask ?? []) });
}

async function runCorpus(templates: Templates): Promise<void> {
  const entries = readCorpus();
  let broken = 0;
  for (const entry of entries) {
    const { violations } = await runEntry(entry, templates);
    if (violations.length > 0) broken += 1;
    const verdict =
      violations.length === 0
        ? pc.green('kept')
        : pc.red(`broken: ${violations[0]?.promise} ${violations[0]?.text}`);
    out(`${entry.pack}/${entry.seed} ${entry.promise} ${verdict}   ${entry.cause}`);
  }
  out(`${entries.length} worlds that once broke a promise, ${broken} do now`);
  if (broken > 0) process.exitCode = 1;
}

async function runKnownBad(templates: Templates, workers: number): Promise<void> {
  const outcomes = await runVariants({
    templates,
    workers,
    onOutcome: (outcome) => out(outcomeLine(outcome)),
  });
  const escaped = outcomes.filter(({ caught }) => caught === undefined);
  out(`${outcomes.length} versions known to be bad, ${outcomes.length - escaped.length} caught`);
  if (escaped.length > 0) process.exitCode = 1;
}

// Last, so that everything above is there. Status 0: kept; 1: a promise is broken; 2: the question was not understood.
try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`sim: ${errorText(error)}\n`);
    process.exitCode = 2;
  }
}
