import { DAY_MS } from '../packs.ts';
import type { Oracle } from './oracle.ts';
import type { TrueSnapshot } from './truth.ts';

/** All snapshots of the vault, by region. */
export type ByRegion = ReadonlyMap<string, readonly TrueSnapshot[]>;

/**
 * When everything let go of a good point, virtual milliseconds since 1970: its retention, the other region (for twice
 * its retention at most) and the floor. Infinity while the floor needs it.
 *
 * @param line the good points of the volume in that region
 */
export function dueAt(
  oracle: Oracle,
  all: ByRegion,
  line: readonly TrueSnapshot[],
  one: TrueSnapshot,
): number {
  const { retentionDays, keepMin } = oracle.circumstances;
  const retentionMs = retentionDays * DAY_MS;
  const free = Math.max(one.slotMs + retentionMs, freeAt(oracle, all, one));
  return Math.max(Math.min(one.slotMs + 2 * retentionMs, free), floorCameAt(line, one, keepMin));
}

/** When a source had all its copies, or a copy's source had gone: the other no longer kept it. Infinity while it does. */
function freeAt({ world, prunedAt }: Oracle, all: ByRegion, one: TrueSnapshot): number {
  const { source, destinations } = world.facts;
  const same = (region: string) => (all.get(region) ?? []).filter(({ key }) => key === one.key);
  if (one.isCopy)
    return same(source).length > 0
      ? Number.POSITIVE_INFINITY
      : (prunedAt.get(`${source} ${one.key}`) ?? Number.POSITIVE_INFINITY);
  const came = destinations.map((region) =>
    Math.min(
      ...same(region)
        .filter(({ isGood }) => isGood)
        .map(({ record }) => record.completedAt ?? Number.POSITIVE_INFINITY),
    ),
  );
  return Math.max(...came);
}

/** When so many newer points had come that the floor no longer needed this one; until then it stood in for them. */
function floorCameAt(line: readonly TrueSnapshot[], one: TrueSnapshot, keepMin: number): number {
  const newer = line.filter(({ slotMs }) => slotMs > one.slotMs);
  const came = [...Map.groupBy(newer, ({ slot }) => slot).values()].map((same) =>
    Math.min(...same.map(({ record }) => record.completedAt ?? Number.POSITIVE_INFINITY)),
  );
  return came.sort((a, b) => a - b)[Math.max(1, keepMin) - 1] ?? Number.POSITIVE_INFINITY;
}
