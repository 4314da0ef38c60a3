import { dryRunSucceeded, Ec2Error, invalidValue } from './errors.ts';
import { checkId, INSTANCE_ID, idOf, notFound, VOLUME_ID } from './ids.ts';
import { begin, endSet, endSnapshot } from './lifecycle.ts';
import type { RegionState } from './region.ts';
import { changedGiB, durationMs, usedGiB } from './sizes.ts';
import { checkTags, isSystemTag, mergeTags, type TagList } from './tags.ts';
import type { InstanceRecord, SnapshotRecord, TagMap, VolumeRecord } from './types.ts';

/** Input of CreateSnapshot. */
export interface CreateSnapshotInput {
  readonly volumeId?: string;
  readonly description?: string;
  readonly tags?: TagList;
  readonly dryRun?: boolean;
}

/** Input of CreateSnapshots. */
export interface CreateSnapshotsInput {
  readonly instanceId?: string;
  readonly excludeBootVolume?: boolean;
  readonly excludeDataVolumeIds?: readonly string[];
  readonly description?: string;
  readonly tags?: TagList;
  /** `CopyTagsFromSource: volume`. */
  readonly copyTagsFromVolumes?: boolean;
  readonly dryRun?: boolean;
}

const EXCLUDED_MAX = 40;

/** CreateSnapshot: the new, pending snapshot. @throws Ec2Error */
export function createSnapshot(region: RegionState, input: CreateSnapshotInput): SnapshotRecord {
  return region.call('CreateSnapshot', input.volumeId ?? '', () => {
    const volume = volumeOf(region, checkId(input.volumeId, VOLUME_ID));
    const description = checkDescription(input.description);
    const tags = checkTags(input.tags ?? []);
    if (input.dryRun) throw dryRunSucceeded();
    checkQuotas(region, [volume]);
    const { snapshot, failure } = start(region, volume, description, tags);
    region.account.clock.at(snapshot.truth.endsAt, `ec2 ${snapshot.id} ends`, () =>
      endSnapshot(region, snapshot.id, failure),
    );
    return snapshot;
  });
}

/** CreateSnapshots: one pending snapshot per volume, all or none. @throws Ec2Error */
export function createSnapshots(region: RegionState, input: CreateSnapshotsInput): readonly SnapshotRecord[] {
  return region.call('CreateSnapshots', input.instanceId ?? '', () => {
    const instance = instanceOf(region, checkId(input.instanceId, INSTANCE_ID));
    const volumes = membersOf(region, instance, input);
    const description = checkDescription(input.description);
    const tags = checkTags(input.tags ?? []);
    const tagsOf = (volume: VolumeRecord) =>
      input.copyTagsFromVolumes ? mergeTags(userTags(volume.tags), tags) : tags;
    const all = volumes.map((volume) => ({ volume, tags: tagsOf(volume) }));
    if (input.dryRun) throw dryRunSucceeded();
    checkQuotas(region, volumes);
    return startSet(
      region,
      all.map((member) => start(region, member.volume, description, member.tags)),
    );
  });
}

interface Started {
  readonly snapshot: SnapshotRecord;
  readonly failure: string | undefined;
}

/** The whole set ends when its last member does, or when the first one fails. */
function startSet(region: RegionState, started: readonly Started[]): readonly SnapshotRecord[] {
  const failures = new Map<string, string>();
  let [last, firstFailure] = [0, Number.POSITIVE_INFINITY];
  for (const { snapshot, failure } of started) {
    last = Math.max(last, snapshot.truth.endsAt);
    if (failure === undefined) continue;
    failures.set(snapshot.id, failure);
    firstFailure = Math.min(firstFailure, snapshot.truth.endsAt);
  }
  const ids = started.map(({ snapshot }) => snapshot.id);
  region.account.clock.at(Math.min(last, firstFailure), `ec2 set of ${ids[0]} ends`, () =>
    endSet(region, ids, failures),
  );
  return started.map(({ snapshot }) => snapshot);
}

function start(region: RegionState, volume: VolumeRecord, description: string, tags: TagMap): Started {
  const { account } = region;
  const activity = region.activity(volume.id);
  const now = region.now();
  activity.started += 1;
  const id = idOf('snap-', account.seed, `${region.name}/${volume.id}/${activity.started}`);
  const failure = account.faults.ofSnapshot({
    region: region.name,
    snapshotId: id,
    volumeId: volume.id,
    tags,
    at: now,
  });
  const used = usedGiB(account, volume.id, volume.sizeGiB);
  const previous = Number.isFinite(activity.lastAt) ? activity.lastAt : undefined;
  const moved = changedGiB(account, used, previous, now);
  const duration =
    failure === undefined
      ? durationMs(account, account.knobs.snapshotDuration, id, moved)
      : account.knobs.failAfterSeconds * 1000;
  const snapshot: SnapshotRecord = {
    id,
    volumeId: volume.id,
    state: 'pending',
    startedAt: now,
    ownerId: account.accountId,
    description,
    sizeGiB: volume.sizeGiB,
    encrypted: volume.encrypted,
    ...(volume.kmsKeyId === undefined ? {} : { kmsKeyId: volume.kmsKeyId }),
    storageTier: 'standard',
    tags,
    truth: {
      lineage: volume.id,
      contentAt: now,
      sizeGiB: volume.sizeGiB,
      usedGiB: used,
      encrypted: volume.encrypted,
      incremental: previous !== undefined,
      endsAt: now + duration,
    },
  };
  activity.lastAt = now;
  begin(region, snapshot);
  return { snapshot, failure };
}

/** @throws Ec2Error when any of these volumes, or the region, may not start one more: then none is started */
function checkQuotas(region: RegionState, volumes: readonly VolumeRecord[]): void {
  const { knobs, stats } = region.account;
  for (const volume of volumes) checkVolumeQuota(region, volume);
  if (stats.region(region.name).pending + volumes.length > knobs.pendingSnapshotsMax) {
    throw new Ec2Error('PendingSnapshotLimitExceeded', 'Maximum allowed pending snapshot limit exceeded.');
  }
  checkRegionQuota(region, volumes.length);
}

/** @throws Ec2Error `SnapshotLimitExceeded` when the region cannot hold this many more */
export function checkRegionQuota(region: RegionState, more: number): void {
  if (region.snapshots.size + more > region.account.knobs.snapshotsPerRegionMax) {
    throw new Ec2Error('SnapshotLimitExceeded', 'Maximum allowed active snapshot limit exceeded.');
  }
}

function checkVolumeQuota(region: RegionState, { id, volumeType }: VolumeRecord): void {
  const { knobs } = region.account;
  const activity = region.activity(id);
  if (region.now() - activity.lastAt < knobs.perVolumeIntervalMs) {
    throw new Ec2Error(
      'SnapshotCreationPerVolumeRateExceeded',
      'The maximum per volume CreateSnapshot request rate has been exceeded. ' +
        'Use an increasing or variable sleep interval between requests.',
    );
  }
  const hdd = volumeType === 'st1' || volumeType === 'sc1';
  if (activity.busy.size >= (hdd ? knobs.snapshotsPerHddVolumeMax : knobs.snapshotsPerVolumeMax)) {
    throw new Ec2Error(
      'ConcurrentSnapshotLimitExceeded',
      'Maximum allowed in-progress snapshots for a single volume exceeded.',
    );
  }
}

function volumeOf(region: RegionState, id: string): VolumeRecord {
  const volume = region.volumes.get(id);
  if (volume === undefined || volume.state === 'deleted') throw notFound([id], VOLUME_ID);
  if (volume.state !== 'available' && volume.state !== 'in-use') {
    throw new Ec2Error('IncorrectState', `The volume '${id}' is in state '${volume.state}'.`);
  }
  return volume;
}

function instanceOf(region: RegionState, id: string): InstanceRecord {
  const instance = region.instances.get(id);
  if (instance === undefined) throw notFound([id], INSTANCE_ID);
  if (instance.state === 'terminated' || instance.state === 'shutting-down') {
    throw new Ec2Error(
      'IncorrectInstanceState',
      `The instance '${id}' is not in a state from which it can be snapshotted.`,
    );
  }
  return instance;
}

/** The volumes of a set. @throws Ec2Error for exclusions that EC2 does not take */
function membersOf(
  region: RegionState,
  instance: InstanceRecord,
  input: CreateSnapshotsInput,
): VolumeRecord[] {
  const excluded = new Set((input.excludeDataVolumeIds ?? []).map((id) => checkId(id, VOLUME_ID)));
  const root = instance.devices.find(({ deviceName }) => deviceName === instance.rootDeviceName)?.volumeId;
  if (excluded.size > EXCLUDED_MAX) {
    throw invalidValue(`No more than ${EXCLUDED_MAX} data volumes can be excluded.`);
  }
  if (root !== undefined && excluded.has(root)) {
    throw invalidValue(`The volume '${root}' is the root volume. Use ExcludeBootVolume to exclude it.`);
  }
  for (const id of excluded) {
    if (!instance.devices.some(({ volumeId }) => volumeId === id)) {
      throw invalidValue(`The volume '${id}' is not attached to the instance '${instance.id}'.`);
    }
  }
  const members = instance.devices
    .filter(({ volumeId }) => !excluded.has(volumeId) && !(input.excludeBootVolume && volumeId === root))
    .map(({ volumeId }) => volumeOf(region, volumeId));
  if (members.length === 0) {
    throw new Ec2Error(
      'InvalidParameterCombination',
      `The instance '${instance.id}' has no volumes to snapshot.`,
    );
  }
  return members;
}

/** @throws Ec2Error for more than 255 characters */
export function checkDescription(description = ''): string {
  if (description.length > 255) {
    throw invalidValue(
      `Value (${description}) for parameter description is invalid. It exceeds 255 characters`,
    );
  }
  return description;
}

const userTags = (tags: TagMap): TagMap => new Map([...tags].filter(([key]) => !isSystemTag(key)));
