import type { VolumeId } from './ids.ts';
import type { Snapshot } from './model.ts';
import { compare } from './order.ts';
import { type Ownership, type Point, pointKey, pointOf } from './point.ts';
import type { PruneInputs, RegionInventory } from './retention-types.ts';
import { slotMs } from './slot.ts';

/** A snapshot and what its tags say. */
export interface Item {
  readonly snapshot: Snapshot;
  readonly ownership: Ownership;
}

/** A good point that the floor may count on. */
interface GoodPoint {
  readonly snapshot: Snapshot;
  readonly point: Point;
}

/** One region's inventory as a whole. */
export interface Listing {
  readonly inventory: RegionInventory;
  /** Why the inventory cannot be trusted; left out when it can. */
  readonly problem?: string;
  /** Each snapshot once. */
  readonly snapshots: readonly Snapshot[];
}

/** What one region holds of a few volumes, understood. */
export interface RegionFacts extends Pick<Listing, 'inventory' | 'problem'> {
  /** Sorted by volume, then by id. */
  readonly items: readonly Item[];
  /** Per volume its good points, newest slot first, one per slot: of duplicates the one that was started first. */
  readonly lines: ReadonlyMap<VolumeId, readonly GoodPoint[]>;
  /** Completed snapshots of ours by `pointKey`: duplicates stand side by side. */
  readonly completed: ReadonlyMap<string, readonly Item[]>;
}

/** Takes an inventory in. The order of its snapshots does not matter. */
export function listingOf(inventory: RegionInventory): Listing {
  const { snapshots } = inventory;
  const problem = problemOf(inventory);
  if (problem === undefined) return { inventory, snapshots };
  const distinct = new Map([...snapshots].sort(byIdThenState).map((each) => [each.id, each]));
  return { inventory, problem, snapshots: [...distinct.values()] };
}

function problemOf(inventory: RegionInventory): string | undefined {
  if (inventory.problem !== undefined) return `the inventory is not complete: ${inventory.problem}`;
  const seen = new Set<string>();
  for (const { id, region } of inventory.snapshots) {
    if (seen.has(id)) return `the inventory is not consistent: it lists ${id} twice`;
    if (region !== inventory.region) return `the inventory is not consistent: ${id} is in ${region}`;
    seen.add(id);
  }
  return undefined;
}

/** Reads and ranks the snapshots of some volumes in one region: all that it holds of them, in the order of their group. */
export function regionFacts(
  inputs: PruneInputs,
  { inventory, problem }: Listing,
  snapshots: readonly Snapshot[],
): RegionFacts {
  const items = snapshots.map((snapshot) => ({ snapshot, ownership: ownershipOf(inputs, snapshot) }));
  return {
    inventory,
    ...(problem === undefined ? {} : { problem }),
    items,
    lines: linesOf(inputs, items),
    completed: completedByKey(items),
  };
}

/** One order for what an inventory may list in any. */
export const byIdThenState = (a: Snapshot, b: Snapshot): number =>
  compare(a.id, b.id) || compare(a.state, b.state);

/** A source in a destination, or a copy in the source region, is nothing that we make: nobody may guess what it is. */
function ownershipOf(inputs: PruneInputs, snapshot: Snapshot): Ownership {
  const ownership = pointOf(snapshot, inputs.vault);
  if (ownership.kind !== 'owned') return ownership;
  const { copiedFrom } = ownership.point;
  const expected = snapshot.region === inputs.source ? undefined : inputs.source;
  if (copiedFrom === expected) return ownership;
  const found = copiedFrom === undefined ? 'is no copy' : `was copied from ${copiedFrom}`;
  return {
    kind: 'malformed',
    problems: [`it is in ${snapshot.region} and ${found}; the source is ${inputs.source}`],
  };
}

function linesOf(inputs: PruneInputs, items: readonly Item[]): ReadonlyMap<VolumeId, readonly GoodPoint[]> {
  const lines = new Map<VolumeId, GoodPoint[]>();
  for (const { snapshot, ownership } of items) {
    if (ownership.kind !== 'owned' || !isReliable(inputs, snapshot, ownership.point)) continue;
    const { point } = ownership;
    const line = lines.get(point.volumeId);
    if (line === undefined) lines.set(point.volumeId, [{ snapshot, point }]);
    else line.push({ snapshot, point });
  }
  for (const [volumeId, line] of lines) {
    line.sort(bySlotThenStart);
    lines.set(
      volumeId,
      line.filter(({ point }, rank) => point.slot !== line[rank - 1]?.point.slot),
    );
  }
  return lines;
}

function completedByKey(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    if (item.ownership.kind !== 'owned' || item.snapshot.state !== 'completed') continue;
    const key = pointKey(item.ownership.point);
    const same = found.get(key);
    if (same === undefined) found.set(key, [item]);
    else same.push(item);
  }
  return found;
}

/** The newest slot first. EC2 sets the start time, so nobody can make a snapshot that would push out an older duplicate. */
const bySlotThenStart = (a: GoodPoint, b: GoodPoint): number =>
  compare(b.point.slot, a.point.slot) ||
  a.snapshot.startedAt - b.snapshot.startedAt ||
  compare(a.snapshot.id, b.snapshot.id);

/**
 * What the floor may count on: a point that is there, can be restored from at once, stays unless *we* remove it, and
 * is not from the future (or junk with future slots would push the real ones out).
 */
function isReliable(inputs: PruneInputs, snapshot: Snapshot, point: Point): boolean {
  return (
    snapshot.state === 'completed' &&
    snapshot.storageTier === 'standard' &&
    point.policy === inputs.policy.name &&
    slotMs(point.slot) <= inputs.now &&
    !isAwsManaged(snapshot)
  );
}

const AWS_MANAGED = /^aws:(backup|dlm):/i;

/** AWS Backup and Data Lifecycle Manager mark what they look after with tags of theirs. */
export function isAwsManaged({ tags }: Snapshot): boolean {
  for (const key in tags) if (AWS_MANAGED.test(key)) return true;
  return false;
}
