import type { SnapshotRecord } from '@smart-vault/simulator';
import type { VaultWorld } from '../vault-world.ts';

/**
 * What a snapshot is, read from the world's own books and by this file's own reading of tags: the oracle shares no code
 * with the functions that it judges.
 */
export interface TrueSnapshot {
  readonly id: string;
  readonly region: string;
  readonly record: SnapshotRecord;
  readonly policy: string;
  /** Milliseconds since 1970. */
  readonly slotMs: number;
  readonly slot: string;
  readonly volumeId: string;
  readonly isCopy: boolean;
  /** policy, volume and slot: the same for a source and its copies. */
  readonly key: string;
  readonly isGood: boolean;
  readonly isCondemned: boolean;
}

const SLOT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const VOLUME = /^vol-([0-9a-f]{8}|[0-9a-f]{17})$/;

/** Records never change, and each belongs to one region of one world: what one of them is, is read once. */
const KNOWN = new WeakMap<SnapshotRecord, TrueSnapshot | 'none of ours'>();

/** The snapshot as one of the vault, or `undefined` when it is not the vault's or nobody can tell what it is. */
export function trueSnapshot(
  world: VaultWorld,
  region: string,
  record: SnapshotRecord,
): TrueSnapshot | undefined {
  let known = KNOWN.get(record);
  if (known === undefined) {
    known = readSnapshot(world, region, record) ?? 'none of ours';
    KNOWN.set(record, known);
  }
  return known === 'none of ours' ? undefined : known;
}

function readSnapshot(world: VaultWorld, region: string, record: SnapshotRecord): TrueSnapshot | undefined {
  const { tags } = record;
  if (tags.get('smart-vault:vault') !== world.facts.vault) return undefined;
  const policy = tags.get('smart-vault:policy') ?? '';
  const slot = tags.get('smart-vault:slot') ?? '';
  const isCopy = tags.has('CopiedFrom') && tags.has('OriginalSnapshotId');
  const volumeId = tags.get('smart-vault:volume') ?? (isCopy ? '' : record.volumeId);
  const instance = tags.get('smart-vault:instance') ?? '';
  if (policy === '' || instance === '' || !SLOT.test(slot) || !VOLUME.test(volumeId)) return undefined;
  return {
    id: record.id,
    region,
    record,
    policy,
    slot,
    slotMs: Date.parse(slot),
    volumeId,
    isCopy,
    key: `${policy} ${volumeId} ${slot}`,
    isGood: record.state === 'completed',
    isCondemned: tags.has('smart-vault:condemned-at'),
  };
}

/** All snapshots of the vault in a region that can be understood. */
export function vaultSnapshots(world: VaultWorld, region: string): TrueSnapshot[] {
  const found: TrueSnapshot[] = [];
  for (const record of world.ec2.region(region).snapshots.values()) {
    const snapshot = trueSnapshot(world, region, record);
    if (snapshot !== undefined) found.push(snapshot);
  }
  return found;
}

/** Protected against deletion whatever its age: by a person, EC2 or another service. */
export function isHeld(world: VaultWorld, { region, id, record }: TrueSnapshot): boolean {
  const state = world.ec2.region(region);
  const lock = state.locks.get(id);
  return (
    holds(record.tags.get('backup:hold'), world.kernel.now()) ||
    (lock !== undefined && lock.expiresAt > world.kernel.now()) ||
    state.imagesOf.has(id) ||
    isOutOfReach(record)
  );
}

/** Archived, or looked after by another service: what becomes of it is not for the vault to count on. */
export const isOutOfReach = ({ storageTier, tags }: SnapshotRecord): boolean =>
  storageTier === 'archive' ||
  [...tags.keys()].some((key) => key.startsWith('aws:backup:') || key.startsWith('aws:dlm:'));

/** Whether the hold of a `backup:hold` tag still holds: a day until its end; what is no date holds for ever. */
export function holds(value: string | undefined, now: number): boolean {
  if (value === undefined) return false;
  const text = value.trim();
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  const until = day ? Date.parse(text) + 86_400_000 : Date.parse(text);
  return !/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(until) || until > now;
}

/** Volumes that a run must cover now, by the selection's own words: instance tagged, volume not opted out, both there. */
export function selectedVolumes(world: VaultWorld): ReadonlyMap<string, string> {
  const { instances, volumes } = world.ec2.region(world.facts.source);
  const selected = new Map<string, string>();
  for (const instance of instances.values()) {
    if (instance.tags.get('backup') !== 'true') continue;
    if (instance.state === 'terminated' || instance.state === 'shutting-down') continue;
    for (const { volumeId } of instance.devices) {
      const volume = volumes.get(volumeId);
      if (volume === undefined || volume.tags.get('backup') === 'false') continue;
      if (volume.state === 'in-use' || volume.state === 'available') selected.set(volumeId, instance.id);
    }
  }
  return selected;
}
