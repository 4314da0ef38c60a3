import type { VolumeId } from './ids.ts';
import type { SnapshotUnitMessage } from './messages.ts';
import type { AttachedVolume, Instance, Snapshot, Tags, Volume } from './model.ts';
import { pointOf } from './point.ts';
import type { CreateSnapshotRequest, CreateSnapshotSetRequest } from './ports.ts';
import { isOptedOut } from './selection.ts';
import { snapshotDescription, sourceTags, userTagsFit, withUserTags } from './tags.ts';

/** Everything that the plan for one snapshot-unit message rests on. */
export interface UnitPlanInput {
  readonly message: SnapshotUnitMessage;
  readonly instance: Instance | undefined;
  /** Those of the message's volumes that exist; others are ignored. */
  readonly volumes: readonly Volume[];
  /** The vault's snapshots of these volumes and this slot. */
  readonly existing: readonly Snapshot[];
  readonly now: number;
}

/** A volume that cannot be snapshotted any more, and why. */
export interface GoneVolume {
  readonly volumeId: VolumeId;
  readonly reason: string;
}

export type UnitPlan =
  | { readonly kind: 'done'; readonly reason: string }
  /** Nothing of the unit is left to snapshot, and that is no failure of ours. */
  | { readonly kind: 'gone'; readonly reason: string; readonly gone: readonly GoneVolume[] }
  /** One crash-consistent set: one call, one permit per volume. */
  | {
      readonly kind: 'create-set';
      readonly request: CreateSnapshotSetRequest;
      readonly volumeIds: readonly VolumeId[];
      readonly gone: readonly GoneVolume[];
      readonly reason: string;
    }
  | {
      readonly kind: 'create-each';
      readonly requests: readonly CreateSnapshotRequest[];
      readonly gone: readonly GoneVolume[];
      readonly reason: string;
    };

/** `CreateSnapshots` takes 40 excluded data volumes at most (aws-facts §4.1). */
const EXCLUDED_MAX = 40;

/**
 * What to do about one unit and slot. A volume that has a good or pending snapshot for the slot is never planned
 * again; one that has been detached, moved, deleted or opted out since the message was sent is `gone`, with the
 * reason, and does not hold up the others. Snapshots in state `error` do not count: they are tried again.
 *
 * Several volumes of which none is done become one crash-consistent set. When some are done already the moment of
 * the set has passed, and the rest are snapshotted one by one.
 */
export function planUnit(input: UnitPlanInput): UnitPlan {
  const wanted = [...new Set(input.message.volumeIds)];
  const done = doneVolumes(input);
  const members: Volume[] = [];
  const missing: Volume[] = [];
  const gone: GoneVolume[] = [];
  for (const volumeId of wanted) {
    const volume = input.volumes.find((each) => each.id === volumeId);
    const reason = goneReason(input, volumeId, volume);
    if (reason === undefined && volume !== undefined) members.push(volume);
    if (done.has(volumeId)) continue;
    if (reason !== undefined) gone.push({ volumeId, reason });
    else if (volume !== undefined) missing.push(volume);
  }
  const { instance, message } = input;
  if (missing.length === 0 || instance === undefined) return nothingLeft(wanted, gone);
  const ours = sourceTags({
    vault: message.vault,
    policy: message.policy,
    slot: message.slot,
    instance,
    volumes: members,
  });
  const description = snapshotDescription(instance.id, message.slot);
  const excluded = excludedDevices(instance, missing);
  if (missing.length > 1 && missing.length === members.length && excluded !== undefined) {
    const request = { instanceId: instance.id, ...excluded, description, tags: ours };
    return {
      kind: 'create-set',
      request: { ...request, copyTagsFromVolumes: userTagsFit(ours, missing) },
      volumeIds: missing.map((volume) => volume.id),
      gone,
      reason: `${missing.length} volumes in one crash-consistent set`,
    };
  }
  const requests = missing.map((volume) => eachRequest(volume, ours, description));
  return {
    kind: 'create-each',
    requests,
    gone,
    reason: `${requests.length} of ${wanted.length} volumes, one by one`,
  };
}

const eachRequest = (volume: Volume, ours: Tags, description: string): CreateSnapshotRequest => ({
  volumeId: volume.id,
  description,
  tags: withUserTags(ours, volume.tags),
});

function nothingLeft(wanted: readonly VolumeId[], gone: readonly GoneVolume[]): UnitPlan {
  if (gone.length === wanted.length) {
    return { kind: 'gone', reason: gone.map((each) => `${each.volumeId}: ${each.reason}`).join('; '), gone };
  }
  const left =
    gone.length === 0 ? '' : `, ${gone.length} gone: ${gone.map((each) => each.volumeId).join(', ')}`;
  return {
    kind: 'done',
    reason: `${wanted.length - gone.length} of ${wanted.length} volumes have their snapshot${left}`,
  };
}

/** Volumes with a good or pending snapshot of this very key. */
function doneVolumes(input: UnitPlanInput): ReadonlySet<VolumeId> {
  const { vault, policy, slot } = input.message;
  const done = new Set<VolumeId>();
  for (const snapshot of input.existing) {
    if (snapshot.state !== 'completed' && snapshot.state !== 'pending') continue;
    const ownership = pointOf(snapshot, vault);
    if (ownership.kind !== 'owned') continue;
    const { point } = ownership;
    if (point.policy === policy && point.slot === slot && point.copiedFrom === undefined)
      done.add(point.volumeId);
  }
  return done;
}

function goneReason(
  { instance, message }: UnitPlanInput,
  volumeId: VolumeId,
  volume: Volume | undefined,
): string | undefined {
  if (volume === undefined) return 'the volume has been deleted';
  if (volume.state === 'deleting' || volume.state === 'deleted' || volume.state === 'error') {
    return `the volume is ${volume.state}`;
  }
  if (instance === undefined) return `its instance ${message.instanceId} is gone`;
  if (instance.state === 'terminated' || instance.state === 'shutting-down') {
    return `its instance ${instance.id} is ${instance.state}`;
  }
  if (!deviceOf(instance, volumeId)) return `it is not attached to ${instance.id} any more`;
  if (isOptedOut(volume)) return 'it has been opted out since: backup=false';
  return undefined;
}

const deviceOf = (instance: Instance, volumeId: VolumeId): AttachedVolume | undefined =>
  instance.devices.find((device) => device.volumeId === volumeId);

/**
 * What `CreateSnapshots` has to leave out so that it takes just these volumes; `undefined` when it cannot: the root
 * volume must not be named among the data volumes (aws-facts §4.1), so without knowing it nothing can be left out.
 */
function excludedDevices(
  instance: Instance,
  wanted: readonly Volume[],
): Pick<CreateSnapshotSetRequest, 'excludeBootVolume' | 'excludeDataVolumeIds'> | undefined {
  const others = instance.devices.filter((device) => wanted.every((volume) => volume.id !== device.volumeId));
  const isRoot = (device: AttachedVolume): boolean => device.deviceName === instance.rootDeviceName;
  const data = [
    ...new Set(others.filter((device) => !isRoot(device)).map((device) => device.volumeId)),
  ].sort();
  if (data.length > EXCLUDED_MAX) return undefined;
  if (others.length > 0 && !instance.devices.some(isRoot)) return undefined;
  return { excludeBootVolume: others.some(isRoot), excludeDataVolumeIds: data };
}
