import type { Snapshot } from './model.ts';
import type { Listing } from './retention-facts.ts';
import { TAG } from './tag-names.ts';

/** Volumes of one group: enough that going from group to group costs nothing, few enough to stay in a cache. */
const VOLUMES_PER_GROUP = 50;

/** Snapshots of some volumes, by the place of their region among the listings. */
export type Group = readonly (readonly Snapshot[])[];

/**
 * Parts the listings by volume, so that everything that rules compare is in one group: the plan then needs memory for a
 * few volumes at a time, and as long for each snapshot of a large vault as of a small one.
 */
export function groupsOf(listings: readonly Listing[]): readonly Group[] {
  const places = new Map<string, number>();
  const groups: Snapshot[][][] = [];
  listings.forEach(({ snapshots }, region) => {
    for (const snapshot of snapshots) {
      const key = volumeKey(snapshot);
      let place = places.get(key);
      if (place === undefined) {
        place = Math.floor(places.size / VOLUMES_PER_GROUP);
        places.set(key, place);
      }
      let group = groups[place];
      if (group === undefined) {
        group = listings.map(() => []);
        groups.push(group);
      }
      group[region]?.push(snapshot);
    }
  });
  return groups;
}

/** The volume that a point is of, if the snapshot is one: what `pointOf` would say. */
const volumeKey = ({ tags, volumeId }: Snapshot): string =>
  (Object.hasOwn(tags, TAG.volume) ? tags[TAG.volume] : undefined) ?? volumeId;
