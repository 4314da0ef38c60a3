import { describe, expect, it } from 'vitest';
import { batchesOf } from '../src/batches.ts';
import { readCorpus } from '../src/corpus.ts';
import { knobsOf } from '../src/packs.ts';
import { runAll } from '../src/run-all.ts';
import { runWorld } from '../src/run-world.ts';
import { templates } from './templates.ts';

/** Worlds that every test run lives through, over all packs. */
const BUDGET = 2_000;

describe('every promise', () => {
  it(`is kept in ${BUDGET} worlds with faults`, async () => {
    const reports = await runAll({ batches: batchesOf(BUDGET), templates, workers: 2 });
    const broken = reports
      .flatMap(({ failures }) => failures)
      .map(
        ({ pack, seed, violations }) =>
          `pnpm sim --pack ${pack} --seed ${seed}: ${violations[0]?.promise} ${violations[0]?.text}`,
      );

    expect(broken).toEqual([]);
    expect(reports.reduce((sum, { batch }) => sum + batch.count, 0)).toBe(BUDGET);
  }, 900_000);

  it.each(
    readCorpus().map(
      (entry) => [`${entry.pack}/${entry.seed} ${entry.promise}: ${entry.cause}`, entry] as const,
    ),
  )(
    'is kept where it once was broken: %s',
    async (_name, { pack, seed, knobs, mask = [] }) => {
      const { violations } = await runWorld({
        knobs: { ...knobsOf(pack, seed), ...knobs },
        templates,
        mask: new Set(mask),
      });

      expect(violations.map(({ promise, text }) => `${promise} ${text}`)).toEqual([]);
    },
    60_000,
  );
});
