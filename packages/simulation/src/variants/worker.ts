import { parentPort, workerData } from 'node:worker_threads';
import { knobsOf, type WorldKnobs } from '../packs.ts';
import type * as RunWorld from '../run-world.ts';
import { loadVariants, urlOf } from './hooks.ts';
import { VARIANTS } from './list.ts';
import type { Catch, VariantOutcome } from './run-variants.ts';
import type { Variant } from './variant.ts';

/** A thread that tries variants, one after the other, as it is told their names. */
const { templates } = workerData as { readonly templates: RunWorld.Templates };
const HOME = new URL('../run-world.ts', import.meta.url).href;

loadVariants(VARIANTS);
parentPort?.on('message', (name: string) => {
  void outcomeOf(name).then((outcome) => parentPort?.postMessage(outcome));
});

async function outcomeOf(name: string): Promise<VariantOutcome> {
  const startedAt = performance.now();
  const base = { name, seeds: 0 };
  try {
    const variant = VARIANTS.find((one) => one.name === name);
    if (variant === undefined) throw new Error(`there is no variant ${name}`);
    const found = await tryAll(variant);
    return { ...base, ...found, tookMs: performance.now() - startedAt };
  } catch (error) {
    return {
      ...base,
      error: error instanceof Error ? error.message : String(error),
      tookMs: performance.now() - startedAt,
    };
  }
}

async function tryAll(variant: Variant): Promise<{ seeds: number; caught?: Catch }> {
  const { runWorld } = (await import(urlOf(HOME, variant.name))) as typeof RunWorld;
  for (let tried = 0; tried < variant.budget; tried += 1) {
    const seed = variant.from + tried;
    const knobs = { ...knobsOf(variant.pack, seed), ...variant.knobs };
    const { violations } = await runWorld({ knobs, templates, stopAt: new Set(variant.breaks) });
    const expected = violations.filter(({ promise }) => variant.breaks.includes(promise));
    if (expected.length === 0) continue;
    const known = await promisesBrokenAnyway(knobs);
    const first = expected.find(({ promise }) => !known.has(promise));
    if (first !== undefined)
      return { seeds: tried + 1, caught: { seed, promise: first.promise, text: first.text } };
  }
  return { seeds: variant.budget };
}

/** What the real sources break in the same world: that would tell nothing about the variant. */
async function promisesBrokenAnyway(knobs: WorldKnobs): Promise<ReadonlySet<string>> {
  const { runWorld } = await import('../run-world.ts');
  const { violations } = await runWorld({ knobs, templates });
  return new Set(violations.map(({ promise }) => promise));
}
