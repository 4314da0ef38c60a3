import { removeImage } from './images.ts';
import type { RegionState } from './region.ts';
import type { Store, Stored } from './store.ts';

/** Takes all data out of a region and its books. What was under way there ends without a trace. */
export function eraseAll(region: RegionState): void {
  for (const image of [...region.images.values()]) removeImage(region, image);
  removeAll(region.instances);
  removeAll(region.volumes);
  for (const snapshot of region.snapshots.values()) region.activity(snapshot.volumeId).busy.clear();
  removeAll(region.snapshots);
  for (const book of [region.locks, region.bin, region.doomed, region.chains, region.tokens]) book.clear();
  const stats = region.account.stats.region(region.name);
  stats.pending = 0;
  stats.copiesInFlight = 0;
  stats.snapshots = 0;
}

function removeAll<T extends Stored>(store: Store<T>): void {
  for (const { id } of [...store.values()]) store.remove(id);
}
