import { hash32 } from '@smart-vault/simulator';
import type { FaultKind } from './fault-catalogue.ts';
import type { Batch, BatchReport, SeedFailure } from './job.ts';
import { knobsOf } from './packs.ts';
import { runWorld, type Templates } from './run-world.ts';

/** Most errors in these worlds are answers of a service: where they were made is of no interest, and costs. */
Error.stackTraceLimit = 3;

/** Lives the worlds of a batch, one after the other. */
export async function runBatch(batch: Batch, templates: Templates): Promise<BatchReport> {
  const struck: Partial<Record<FaultKind, number>> = {};
  const failures: SeedFailure[] = [];
  let events = 0;
  let hash = '';
  for (let seed = batch.from; seed < batch.from + batch.count; seed += 1) {
    const result = await runWorld({ knobs: knobsOf(batch.pack, seed), templates });
    events += result.events;
    hash = hash32(`${hash} ${result.hash}`).toString(16);
    for (const kind of new Set(result.fired.values())) struck[kind] = (struck[kind] ?? 0) + 1;
    if (result.violations.length > 0)
      failures.push({ pack: batch.pack, seed, violations: result.violations });
  }
  return { batch, events, struck, failures, hash };
}
