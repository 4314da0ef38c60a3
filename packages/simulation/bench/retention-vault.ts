import {
  COPY_VOLUME_ID,
  type Policy,
  type PruneInputs,
  type Region,
  type Snapshot,
  type SnapshotId,
  slotAt,
  TAG,
  type Tags,
  type VolumeId,
} from '@smart-vault/core';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 22, 7);
const HOME = 'us-east-1' as Region;
const AWAY = 'eu-west-1' as Region;
/** Daily points of a volume with a retention of 7 days: 7 that are kept, one condemned, one due. */
const POINTS = 9;
const RETENTION_DAYS = 7;

const POLICY: Policy = {
  name: 'default',
  tagKey: 'backup',
  tagValue: 'true',
  consistency: 'instance',
  retentionDays: RETENTION_DAYS,
  keepMin: 3,
  graceHours: 24,
  destinations: [AWAY],
};

/** A vault in its steady state with so many snapshots, half of them copies: what the pruner reads every time. */
export function steadyVault(snapshots: number): PruneInputs {
  const sources: Snapshot[] = [];
  const copies: Snapshot[] = [];
  for (let n = 0; sources.length + copies.length < snapshots; n += 1) {
    const source = sourceOf(Math.floor(n / POINTS), n % POINTS, n);
    sources.push(source);
    if (sources.length + copies.length < snapshots) copies.push(copyOf(source, n));
  }
  return {
    now: NOW,
    vault: 'bench',
    policy: POLICY,
    source: HOME,
    limits: { deletesPerRunMax: 200, deleteShareMax: 0.25 },
    regions: [inventoryOf(HOME, sources), inventoryOf(AWAY, copies)],
  };
}

const inventoryOf = (region: Region, snapshots: readonly Snapshot[]) => ({
  region,
  snapshots,
  inImages: new Set<SnapshotId>(),
  locked: new Set<SnapshotId>(),
});

/** Ids as EC2 gives them: in no order. */
const snapshotId = (n: number, kind: number): SnapshotId =>
  `snap-0${(Math.imul(2 * n + kind + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}${n.toString(16).padStart(8, '0')}` as SnapshotId;

function sourceOf(volume: number, daysAgo: number, n: number): Snapshot {
  const startedAt = Date.UTC(2026, 10, 22, 3) - daysAgo * DAY_MS;
  const volumeId = `vol-${volume.toString(16).padStart(17, '0')}` as VolumeId;
  return {
    id: snapshotId(n, 0),
    region: HOME,
    state: 'completed',
    volumeId,
    sizeGiB: 100,
    startedAt,
    completedAt: startedAt + 60_000,
    description: `bench ${volumeId}`,
    encrypted: false,
    storageTier: 'standard',
    tags: tagsOf(volume, startedAt, daysAgo),
  };
}

function tagsOf(volume: number, startedAt: number, daysAgo: number): Tags {
  const slot = slotAt(startedAt);
  const condemned =
    daysAgo > RETENTION_DAYS ? { [TAG.condemnedAt]: new Date(NOW - DAY_MS).toISOString() } : {};
  return {
    [TAG.vault]: 'bench',
    [TAG.policy]: 'default',
    [TAG.slot]: slot,
    [TAG.instance]: `i-${volume.toString(16).padStart(17, '0')}`,
    [TAG.date]: slot.slice(0, 10),
    Name: `disk-${volume}`,
    ...condemned,
  };
}

function copyOf(source: Snapshot, n: number): Snapshot {
  return {
    ...source,
    id: snapshotId(n, 1),
    region: AWAY,
    volumeId: COPY_VOLUME_ID as VolumeId,
    completedAt: source.startedAt + 600_000,
    tags: {
      ...source.tags,
      [TAG.volume]: source.volumeId,
      [TAG.startedAt]: new Date(source.startedAt).toISOString(),
      [TAG.copiedFrom]: HOME,
      [TAG.originalSnapshotId]: source.id,
    },
  };
}
