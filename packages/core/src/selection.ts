import type { InstanceId, VolumeId } from './ids.ts';
import type { Instance, Volume } from './model.ts';
import type { Policy } from './policy.ts';

/** What is snapshotted together. */
export interface Unit {
  /** The instance's id, or with consistency `volume` the volume's. */
  readonly id: InstanceId | VolumeId;
  readonly instanceId: InstanceId;
  readonly volumeIds: readonly VolumeId[];
}

/** An attached volume that is left out, and why. */
export interface Exclusion {
  readonly volumeId: VolumeId;
  readonly instanceId: InstanceId;
  readonly reason: 'opted-out' | 'gone' | 'deleting' | 'attached-elsewhere';
  readonly text: string;
}

/** A selected instance of which nothing is snapshotted. */
export interface EmptyInstance {
  readonly instanceId: InstanceId;
  readonly reason: string;
}

export interface Selection {
  readonly units: readonly Unit[];
  readonly excluded: readonly Exclusion[];
  readonly empty: readonly EmptyInstance[];
}

/** Instances in these states hold data worth a snapshot. */
const TAKEN: ReadonlySet<Instance['state']> = new Set(['pending', 'running', 'stopping', 'stopped']);

/** True when the volume's own tag takes it out: `backup=false`. */
export const isOptedOut = (volume: Volume): boolean =>
  volume.tags['backup']?.trim().toLowerCase() === 'false';

/**
 * Which volumes of these instances (already found by their tag) are snapshotted together, and which are left out.
 * Every volume of every instance that is taken ends in exactly one unit, or as an exclusion of that instance. A
 * volume that several of them share (io1/io2 Multi-Attach) belongs to the lowest instance id, so that it is
 * snapshotted once. The result is sorted by id, whatever the order of the lists.
 */
export function selectUnits(
  instances: readonly Instance[],
  volumes: readonly Volume[],
  consistency: Policy['consistency'],
): Selection {
  const known = new Map(volumes.map((volume) => [volume.id, volume]));
  const units: Unit[] = [];
  const excluded: Exclusion[] = [];
  const empty: EmptyInstance[] = [];
  const owner = new Map<VolumeId, InstanceId>();
  for (const instance of distinct(instances)) {
    if (!TAKEN.has(instance.state)) {
      empty.push({ instanceId: instance.id, reason: `the instance is ${instance.state}` });
      continue;
    }
    const selected: VolumeId[] = [];
    for (const volumeId of [...new Set(instance.devices.map((device) => device.volumeId))].sort()) {
      const exclusion = exclusionOf(instance.id, volumeId, known.get(volumeId), owner.get(volumeId));
      if (exclusion !== undefined) excluded.push(exclusion);
      else selected.push(volumeId);
      if (!owner.has(volumeId)) owner.set(volumeId, instance.id);
    }
    if (selected.length === 0) empty.push({ instanceId: instance.id, reason: emptyReason(instance) });
    units.push(...unitsOf(instance.id, selected, consistency));
  }
  return { units, excluded, empty };
}

const distinct = (instances: readonly Instance[]): readonly Instance[] =>
  [...new Map(instances.map((instance) => [instance.id, instance])).values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  );

function exclusionOf(
  instanceId: InstanceId,
  volumeId: VolumeId,
  volume: Volume | undefined,
  owner: InstanceId | undefined,
): Exclusion | undefined {
  const because = (reason: Exclusion['reason'], text: string): Exclusion => ({
    volumeId,
    instanceId,
    reason,
    text,
  });
  if (owner !== undefined)
    return because('attached-elsewhere', `also attached to ${owner}, which it belongs to`);
  if (volume === undefined) return because('gone', 'EC2 does not know the volume any more');
  if (isOptedOut(volume)) return because('opted-out', 'its tag says backup=false');
  if (volume.state === 'deleting' || volume.state === 'deleted') {
    return because('deleting', `the volume is ${volume.state}`);
  }
  if (volume.state === 'error')
    return because('gone', 'the volume is in state error: its hardware has failed');
  return undefined;
}

const emptyReason = (instance: Instance): string =>
  instance.devices.length === 0 ? 'it has no EBS volume' : 'all its volumes are left out';

function unitsOf(
  instanceId: InstanceId,
  volumeIds: readonly VolumeId[],
  consistency: Policy['consistency'],
): readonly Unit[] {
  if (volumeIds.length === 0) return [];
  switch (consistency) {
    case 'instance':
      return [{ id: instanceId, instanceId, volumeIds }];
    case 'volume':
      return volumeIds.map((id) => ({ id, instanceId, volumeIds: [id] }));
  }
}
