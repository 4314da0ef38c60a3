import type { Snapshot } from './model.ts';
import { compare } from './order.ts';
import { byIdThenState, type Listing } from './retention-facts.ts';
import { TAG } from './tag-names.ts';

/** Volumes of one group: enough that going from group to group costs nothing, few enough to stay in a cache. */
const VOLUMES_PER_GROUP = 50;

/** Snapshots of some volumes, by the place of their region among the listings; sorted by volume and then by id. */
export type Group = readonly (readonly Snapshot[])[];

/**
 * Parts the listings by volume, so that everything that rules compare is in one group: the plan then needs memory for a
 * few volumes at a time, and as long for each snapshot of a large vault as of a small one. Groups come by volume: nothing
 * has to be sorted but the volumes, and the snapshots of each.
 */
export function groupsOf(listings: readonly Listing[]): readonly Group[] {
  const volumes = new Map<string, Snapshot[][]>();
  listings.forEach(({ snapshots }, region) => {
    for (const snapshot of snapshots) {
      const key = volumeKey(snapshot);
      let volume = volumes.get(key);
      if (volume === undefined) {
        volume = listings.map(() => []);
        volumes.set(key, volume);
      }
      volume[region]?.push(snapshot);
    }
  });
  const sorted = [...volumes].sort(([a], [b]) => compare(a, b)).map(([, volume]) => volume);
  return Array.from({ length: Math.ceil(sorted.length / VOLUMES_PER_GROUP) }, (_, place) => {
    const members = sorted.slice(place * VOLUMES_PER_GROUP, (place + 1) * VOLUMES_PER_GROUP);
    return listings.map((_, region) =>
      members.flatMap((volume) => volume[region]?.sort(byIdThenState) ?? []),
    );
  });
}

/** The volume that a point is of, if the snapshot is one: what `pointOf` would say. */
const volumeKey = ({ tags, volumeId }: Snapshot): string =>
  (Object.hasOwn(tags, TAG.volume) ? tags[TAG.volume] : undefined) ?? volumeId;
