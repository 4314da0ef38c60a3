import type { Batch } from './job.ts';
import type { PackName } from './packs.ts';

/** Worlds of one batch: small enough that workers end together. */
const BATCH = 20;
/** Their worlds are as much work as ten to fifty of the others, each a batch of its own. */
const LONG: ReadonlySet<PackName> = new Set(['wide', 'cut']);
/** Of a thousand worlds over all packs, so many are of one that leans to one danger; the others are the swarm. */
const PER_THOUSAND: Readonly<Record<Exclude<PackName, 'standard'>, number>> = {
  wide: 1,
  cut: 4,
  calm: 10,
  'keep-one': 20,
  tight: 40,
  outage: 20,
  foreign: 40,
  skew: 40,
  operator: 50,
  lossy: 40,
  crashes: 50,
  lag: 30,
  odd: 20,
  clocks: 20,
  silent: 10,
};

/** So many worlds have room for one of each pack. */
const ALL_PACKS = Object.keys(PER_THOUSAND).length + 1;

/** Batches that add up to so many worlds, over all packs or of one; the long ones come first. Few worlds are a swarm. */
export function batchesOf(seeds: number, from = 1, pack?: PackName): readonly Batch[] {
  if (pack !== undefined) return split(pack, from, seeds);
  const least = seeds >= ALL_PACKS ? 1 : 0;
  const counts = Object.entries(PER_THOUSAND).map(
    ([name, share]) => [name as PackName, Math.max(least, Math.floor((seeds * share) / 1_000))] as const,
  );
  const others = seeds - counts.reduce((sum, [, count]) => sum + count, 0);
  return [...counts, ['standard', others] as const].flatMap(([name, count]) => split(name, from, count));
}

function split(pack: PackName, from: number, seeds: number): readonly Batch[] {
  const size = LONG.has(pack) ? 1 : BATCH;
  return Array.from({ length: Math.ceil(seeds / size) }, (_, n) => ({
    pack,
    from: from + n * size,
    count: Math.min(size, seeds - n * size),
  }));
}
