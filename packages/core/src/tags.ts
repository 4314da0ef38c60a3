import type { InstanceId, Region } from './ids.ts';
import { encodeInstanceSpec } from './instance-spec.ts';
import { encodeInstanceTags } from './instance-tags.ts';
import type { Instance, Snapshot, Tags, Volume } from './model.ts';
import { compare } from './order.ts';
import type { Point } from './point.ts';
import { type Slot, slotDate } from './slot.ts';
import { isReservedKey, TAG, TAG_LIMITS } from './tag-names.ts';
import { encodeVolumeMap, type VolumeSpec } from './volume-map.ts';

/** Tags at the time of creation: the reserved ones must find room later. */
const CREATE_MAX = TAG_LIMITS.perResource - TAG_LIMITS.reserved;

/** What the tags of a source snapshot are made of. */
export interface SourceTagsInput {
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  readonly instance: Instance;
  /** The unit's members. */
  readonly volumes: readonly Volume[];
}

/**
 * Our tags for the snapshots of one unit. They are the same for every member, as `CreateSnapshots` demands, and so
 * few that a copy still finds room for its own.
 */
export function sourceTags(input: SourceTagsInput): Tags {
  const fixed: Tags = {
    [TAG.vault]: input.vault,
    [TAG.policy]: input.policy,
    [TAG.slot]: input.slot,
    [TAG.instance]: input.instance.id,
    [TAG.instanceId]: input.instance.id,
    [TAG.date]: slotDate(input.slot),
    ...encodeInstanceSpec(input.instance),
  };
  const room = CREATE_MAX - TAG_LIMITS.onCopiesOnly - Object.keys(fixed).length;
  const specs = input.volumes.map((volume) => specOf(input.instance, volume));
  const map = encodeVolumeMap(specs, room);
  return { ...fixed, ...map, ...encodeInstanceTags(input.instance.tags, room - Object.keys(map).length) };
}

function specOf(instance: Instance, volume: Volume): VolumeSpec {
  const device = instance.devices.find((each) => each.volumeId === volume.id);
  return {
    volumeId: volume.id,
    deviceName: device?.deviceName ?? '',
    volumeType: volume.volumeType,
    sizeGiB: volume.sizeGiB,
    ...(volume.iops === undefined ? {} : { iops: volume.iops }),
    ...(volume.throughput === undefined ? {} : { throughput: volume.throughput }),
    encrypted: volume.encrypted,
    ...(volume.kmsKeyId === undefined ? {} : { kmsKeyId: volume.kmsKeyId }),
    root: device !== undefined && device.deviceName === instance.rootDeviceName,
    deleteOnTermination: device?.deleteOnTermination ?? false,
  };
}

/**
 * Our tags and as many of the user's as still fit; ours win. The user's are taken in the order of their keys, so the
 * same tags give the same choice. Keys that mean something to AWS or to us are dropped, and so are values that EC2
 * would refuse.
 */
export function withUserTags(ours: Tags, user: Tags): Tags {
  const room = CREATE_MAX - Object.keys(ours).length;
  const extra = Object.keys(user)
    .filter((key) => !isReservedKey(key) && !Object.hasOwn(ours, key) && isLegal(key, user[key]))
    .sort(compare)
    .slice(0, Math.max(0, room));
  return { ...Object.fromEntries(extra.map((key) => [key, user[key] ?? ''])), ...ours };
}

/**
 * May `CreateSnapshots` add each volume's own tags (`CopyTagsFromSource`)? Only when every volume's tags fit beside
 * ours, and none has a key of ours: which one wins in EC2 is not documented, and more than 50 tags fail the call.
 * AWS's own tags (`aws:`) are not copied, so they do not count. What a restore wrote on a volume does no harm on its
 * snapshots: nothing reads it there.
 */
export function userTagsFit(ours: Tags, volumes: readonly Volume[]): boolean {
  return volumes.every((volume) => {
    const keys = Object.keys(volume.tags).filter((key) => !/^aws:/i.test(key));
    return (
      keys.length + Object.keys(ours).length <= CREATE_MAX &&
      keys.every((key) => isRestoreKey(key) || (!isReservedKey(key) && !Object.hasOwn(ours, key)))
    );
  });
}

/**
 * The tags of a copy: everything the source carries, and where it comes from. A copy's own volume id is arbitrary
 * and its start time is the copy's (aws-facts §3.3), so both are written down. Condemnation and hold stay behind:
 * they are about one snapshot.
 */
export function copyTags(source: Snapshot, point: Point): Tags {
  const lineage: Tags = {
    [TAG.volume]: point.volumeId,
    [TAG.startedAt]: new Date(point.startedAt).toISOString(),
    [TAG.copiedFrom]: source.region,
    [TAG.originalSnapshotId]: source.id,
    [TAG.date]: slotDate(point.slot),
  };
  const carried = Object.entries(source.tags).filter(
    ([key]) => isReservedKey(key) && !/^aws:/i.test(key) && !NOT_ON_COPIES.has(key),
  );
  const kept = carried
    .sort(([a], [b]) => byImportance(a, b))
    .slice(0, CREATE_MAX - Object.keys(lineage).length);
  return withUserTags({ ...Object.fromEntries(kept), ...lineage }, source.tags);
}

const isRestoreKey = (key: string): boolean => key === TAG.restore || key === TAG.restoreStep;

/** What a decision rests on comes before what only a restore wants, should somebody have added tags like ours. */
const IMPORTANT: ReadonlySet<string> = new Set([
  TAG.vault,
  TAG.policy,
  TAG.slot,
  TAG.instance,
  TAG.instanceId,
]);
const byImportance = (a: string, b: string): number =>
  Number(IMPORTANT.has(b)) - Number(IMPORTANT.has(a)) || compare(a, b);

/** What was decided about the source is not decided about its copy. */
const NOT_ON_COPIES: ReadonlySet<string> = new Set([
  TAG.condemnedAt,
  TAG.hold,
  TAG.holdReason,
  TAG.restore,
  TAG.restoreStep,
]);

/** EC2 takes keys of 1 to 127 and values of up to 256 characters. */
const isLegal = (key: string, value: string | undefined): boolean =>
  key.length > 0 && key.length <= 127 && value !== undefined && value.length <= TAG_LIMITS.valueLength;

/** `Backup-<instance>-<yyyy-mm-dd>`, the day of the slot. */
export const snapshotDescription = (instanceId: InstanceId, slot: Slot): string =>
  `Backup-${instanceId}-${slotDate(slot)}`;

/** `Copied from <region> on <yyyy-mm-dd>`, the day of the slot. */
export const copyDescription = (from: Region, slot: Slot): string =>
  `Copied from ${from} on ${slotDate(slot)}`;
