import {
  errorText,
  isAppError,
  type Log,
  type PruneInputs,
  type Region,
  type RegionInventory,
  type SnapshotStore,
} from '@smart-vault/core';

/**
 * Everything the plan needs to know of one region: our snapshots, which of them AMIs hold, and which are locked.
 * When any of the three cannot be had in full the region gets a `problem`, and the plan does nothing there.
 */
export async function gatherInventory(
  store: SnapshotStore,
  vault: string,
  log: Log,
): Promise<RegionInventory> {
  const { region } = store;
  try {
    const snapshots = await store.listVaultSnapshots(vault);
    const inImages = await store.findSnapshotsInImages(snapshots.map((snapshot) => snapshot.id));
    const locked = await store.listLockedSnapshotIds();
    return { region, snapshots, inImages, locked };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const cause = errorText(error);
    log.error('region.unreadable', { region, code: error.code, cause });
    const problem = `the inventory is incomplete (${error.code}: ${cause})`;
    return { region, snapshots: [], inImages: new Set(), locked: new Set(), problem };
  }
}

/** Regions of which the inventory is not complete. */
export const unreadableIn = (inputs: PruneInputs): readonly Region[] =>
  inputs.regions.filter((region) => region.problem !== undefined).map((region) => region.region);
