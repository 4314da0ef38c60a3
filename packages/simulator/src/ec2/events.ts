import { uuidOf } from './ids.ts';
import type { RegionState } from './region.ts';
import type { EbsEvent, JsonObject, SnapshotRecord } from './types.ts';

/** ISO time with milliseconds, as the events' details have it. */
const iso = (ms: number): string => new Date(ms).toISOString();

/** The malformed ARN of EBS events: the region stands in the account's place. */
const arn = (region: string, kind: 'snapshot' | 'volume', id: string): string =>
  `arn:aws:ec2::${region}:${kind}/${id}`;

interface Notice {
  readonly name: string;
  readonly detailType: string;
  readonly ids: readonly string[];
  /** ISO time. */
  readonly endTime: string;
  readonly detail: JsonObject;
}

function emit(region: RegionState, { name, detailType, ids, endTime, detail }: Notice): void {
  const { account } = region;
  const event: EbsEvent = {
    version: '0',
    id: uuidOf(account.seed, `event/${region.name}/${name}/${ids.join('/')}`),
    'detail-type': detailType,
    source: 'aws.ec2',
    account: account.accountId,
    time: `${endTime.slice(0, 19)}Z`,
    region: region.name,
    resources: ids.map((id) => arn(region.name, 'snapshot', id)),
    detail,
  };
  account.emit(event);
}

const outcome = (failure: string | undefined) => ({
  result: failure === undefined ? 'succeeded' : 'failed',
  cause: failure ?? '',
  'request-id': '',
});

/** `createSnapshot`: one snapshot of one volume ended, well or not. */
export function emitCreateSnapshot(region: RegionState, snapshot: SnapshotRecord, failure?: string): void {
  const endTime = iso(region.now());
  emit(region, {
    name: 'createSnapshot',
    detailType: 'EBS Snapshot Notification',
    ids: [snapshot.id],
    endTime,
    detail: {
      event: 'createSnapshot',
      ...outcome(failure),
      snapshot_id: arn(region.name, 'snapshot', snapshot.id),
      source: arn(region.name, 'volume', snapshot.volumeId),
      startTime: iso(snapshot.startedAt),
      endTime,
    },
  });
}

/** `createSnapshots`: a multi-volume set ended. One event for all members. */
export function emitCreateSnapshots(
  region: RegionState,
  members: readonly SnapshotRecord[],
  failure?: string,
): void {
  const endTime = iso(region.now());
  emit(region, {
    name: 'createSnapshots',
    detailType: 'EBS Multi-Volume Snapshots Completion Status',
    ids: members.map(({ id }) => id),
    endTime,
    detail: {
      event: 'createSnapshots',
      ...outcome(failure),
      startTime: members[0] === undefined ? endTime : iso(members[0].startedAt),
      endTime,
      snapshots: members.map(({ id, volumeId }) => ({
        snapshot_id: arn(region.name, 'snapshot', id),
        source: arn(region.name, 'volume', volumeId),
        status: failure === undefined ? 'completed' : 'error',
      })),
    },
  });
}

/** `copySnapshot`, in the destination region. `incremental` is a string, as on the wire. */
export function emitCopySnapshot(region: RegionState, copy: SnapshotRecord, failure?: string): void {
  const source = copy.truth.copyOf ?? { region: region.name, snapshotId: copy.id };
  const endTime = iso(region.now());
  emit(region, {
    name: 'copySnapshot',
    detailType: 'EBS Snapshot Notification',
    ids: [copy.id],
    endTime,
    detail: {
      event: 'copySnapshot',
      ...outcome(failure),
      snapshot_id: arn(region.name, 'snapshot', copy.id),
      source: arn(source.region, 'snapshot', source.snapshotId),
      startTime: iso(copy.startedAt),
      endTime,
      incremental: failure === undefined && copy.truth.incremental ? 'true' : 'false',
      ...(failure === undefined ? { completionDurationStartTime: iso(copy.startedAt) } : {}),
      transferType: copy.transferType ?? 'standard',
    },
  });
}

/** `lockSnapshot`: shares its detail-type with the others, so that rules must look at `detail.event`. */
export function emitLockSnapshot(region: RegionState, snapshotId: string, mode: string, days: number): void {
  const endTime = iso(region.now());
  emit(region, {
    name: 'lockSnapshot',
    detailType: 'EBS Snapshot Notification',
    ids: [snapshotId],
    endTime,
    detail: {
      event: 'lockSnapshot',
      ...outcome(undefined),
      snapshot_id: arn(region.name, 'snapshot', snapshotId),
      source: arn(region.name, 'snapshot', snapshotId),
      startTime: endTime,
      endTime,
      lockState: mode,
      lockDuration: days,
    },
  });
}
