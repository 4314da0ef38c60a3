import {
  HOUR_MS,
  type InstanceId,
  type Point,
  pointOf,
  type Region,
  type Slot,
  type Snapshot,
  type SnapshotId,
  slotMs,
  type VolumeId,
} from '@smart-vault/core';

/** One recovery point, as an operator wants to see it. Times are milliseconds since 1970. */
export interface PointRow {
  readonly slot: Slot;
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  readonly instanceId: InstanceId;
  readonly volumeId: VolumeId;
  readonly deviceName: string | null;
  readonly state: Snapshot['state'];
  readonly sizeGiB: number;
  readonly encrypted: boolean;
  /** Good members of its set in this region, and how many the set has; `of` is null when its map is lost. */
  readonly set: { readonly good: number; readonly of: number | null };
  readonly hold: { readonly until: number | 'forever'; readonly reason: string | null } | null;
  /** When it was condemned, and from when on it may be deleted; null while the grace period is not known. */
  readonly condemned: { readonly at: number; readonly deletableAt: number | null } | null;
  readonly copiedFrom: Region | null;
  readonly originalSnapshotId: SnapshotId | null;
}

export interface PointFilter {
  readonly instance?: string;
  readonly volume?: string;
  /** Only the newest good point of each volume and region whose slot is not after this instant, ms. */
  readonly at?: number;
}

export interface PointListing {
  readonly rows: readonly PointRow[];
  /** Snapshots with the vault's tag that cannot be understood, and why. */
  readonly malformed: readonly {
    readonly snapshotId: SnapshotId;
    readonly region: Region;
    readonly problems: readonly string[];
  }[];
}

/** The recovery points among these snapshots, newest slot first. Pure. */
export function listPoints(
  snapshots: readonly Snapshot[],
  vault: string,
  { graceHours, ...filter }: PointFilter & { readonly graceHours?: number },
): PointListing {
  const points: { point: Point; snapshot: Snapshot }[] = [];
  const malformed: PointListing['malformed'][number][] = [];
  for (const snapshot of snapshots) {
    const ownership = pointOf(snapshot, vault);
    if (ownership.kind === 'owned') points.push({ point: ownership.point, snapshot });
    if (ownership.kind === 'malformed') {
      malformed.push({ snapshotId: snapshot.id, region: snapshot.region, problems: ownership.problems });
    }
  }
  const goodInSet = countGood(points.map(({ point }) => point));
  const rows = points
    .filter(({ point }) => isWanted(point, filter))
    .map(({ point, snapshot }) =>
      rowOf(point, snapshot, goodInSet.get(setKey(point))?.size ?? 0, graceHours),
    );
  return { rows: (filter.at === undefined ? rows : newestUntil(rows, filter.at)).sort(byNewest), malformed };
}

const setKey = ({ region, policy, slot, instanceId, volumeId, volumes }: Point): string =>
  // A unit of one volume is a set of its own; the other volumes of its instance are other units.
  [region, policy, slot, volumes.length === 1 ? volumeId : instanceId].join(' ');

function countGood(points: readonly Point[]): ReadonlyMap<string, ReadonlySet<VolumeId>> {
  const found = new Map<string, Set<VolumeId>>();
  for (const point of points) {
    if (point.state !== 'completed') continue;
    const members = found.get(setKey(point)) ?? new Set();
    found.set(setKey(point), members.add(point.volumeId));
  }
  return found;
}

const isWanted = (point: Point, { instance, volume }: PointFilter): boolean =>
  (instance === undefined || point.instanceId === instance) &&
  (volume === undefined || point.volumeId === volume);

function rowOf(point: Point, snapshot: Snapshot, good: number, graceHours: number | undefined): PointRow {
  const spec = point.volumes.find(({ volumeId }) => volumeId === point.volumeId);
  const { condemnedAt, hold } = point;
  return {
    slot: point.slot,
    snapshotId: point.snapshotId,
    region: point.region,
    instanceId: point.instanceId,
    volumeId: point.volumeId,
    deviceName: spec?.deviceName ?? null,
    state: snapshot.state,
    // EC2 tells no size of a pending copy.
    sizeGiB: snapshot.sizeGiB || (spec?.sizeGiB ?? 0),
    encrypted: snapshot.encrypted,
    set: { good, of: point.volumes.length === 0 ? null : point.volumes.length },
    hold: hold === undefined ? null : { until: hold.until, reason: hold.reason ?? null },
    condemned:
      condemnedAt === undefined
        ? null
        : {
            at: condemnedAt,
            deletableAt: graceHours === undefined ? null : condemnedAt + graceHours * HOUR_MS,
          },
    copiedFrom: point.copiedFrom ?? null,
    originalSnapshotId: point.originalSnapshotId ?? null,
  };
}

function newestUntil(rows: readonly PointRow[], at: number): PointRow[] {
  const newest = new Map<string, PointRow>();
  for (const row of rows) {
    if (row.state !== 'completed' || slotMs(row.slot) > at) continue;
    const key = `${row.volumeId} ${row.region}`;
    const known = newest.get(key);
    if (known === undefined || row.slot > known.slot) newest.set(key, row);
  }
  return [...newest.values()];
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byNewest = (a: PointRow, b: PointRow): number =>
  order(b.slot, a.slot) ||
  order(a.instanceId, b.instanceId) ||
  order(a.deviceName ?? '', b.deviceName ?? '') ||
  order(a.volumeId, b.volumeId) ||
  order(a.region, b.region) ||
  order(a.snapshotId, b.snapshotId);
