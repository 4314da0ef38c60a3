import type { Batch } from './job.ts';
import { PACK_NAMES, type PackName } from './packs.ts';

/** Worlds of one batch: small enough that workers end together. */
const BATCH = 20;
/** Of a hundred worlds over all packs, so many are of a pack that leans to one danger; the others are the swarm. */
const SHARES: Readonly<Record<PackName, number>> = {
  standard: 60,
  calm: 1,
  'keep-one': 2,
  tight: 4,
  outage: 2,
  foreign: 4,
  skew: 4,
  operator: 5,
  lossy: 4,
  crashes: 5,
  lag: 3,
  cut: 1,
  odd: 2,
  clocks: 2,
  silent: 1,
  wide: 0,
};
/** One world of this pack is as much work as fifty of the others. */
const WIDE_PER_THOUSAND = 1;

/** Batches that add up to so many worlds, over all packs or of one; the long ones come first. */
export function batchesOf(seeds: number, from = 1, pack?: PackName): readonly Batch[] {
  if (pack !== undefined) return split(pack, from, seeds);
  const wide = Math.floor((seeds * WIDE_PER_THOUSAND) / 1_000);
  const counts = new Map<PackName, number>([['wide', wide]]);
  let left = seeds - wide;
  for (const name of PACK_NAMES) {
    if (name === 'standard' || name === 'wide') continue;
    const count = Math.floor((seeds * SHARES[name]) / 100);
    counts.set(name, count);
    left -= count;
  }
  counts.set('standard', left);
  return [...counts].flatMap(([name, count]) => split(name, from, count));
}

function split(pack: PackName, from: number, seeds: number): readonly Batch[] {
  const size = pack === 'wide' ? 1 : BATCH;
  return Array.from({ length: Math.ceil(seeds / size) }, (_, n) => ({
    pack,
    from: from + n * size,
    count: Math.min(size, seeds - n * size),
  }));
}
