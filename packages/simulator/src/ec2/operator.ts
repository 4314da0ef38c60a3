import { addDevice, removeDevice } from './attachments.ts';
import { eraseAll } from './erase-region.ts';
import { emitLockSnapshot } from './events.ts';
import type { Fleet } from './fleet.ts';
import { addImage, removeImage } from './images.ts';
import { terminate } from './instances.ts';
import { erase } from './lifecycle.ts';
import type { Account, KeyState, RegionState } from './region.ts';
import { fullSizeBytes } from './sizes.ts';
import { findResource } from './tag-calls.ts';
import { tagMap } from './tags.ts';
import type {
  ImageRecord,
  InstanceRecord,
  InstanceState,
  SnapshotRecord,
  VolumeRecord,
  VolumeState,
} from './types.ts';

const DAY_MS = 86_400_000;

/** A snapshot that is there from the start, such as one of somebody else's. */
export interface SeededSnapshot {
  readonly id: string;
  readonly volumeId?: string;
  readonly state?: 'completed' | 'error';
  /** Why it is in `error`, in EC2's words. */
  readonly stateMessage?: string;
  /** Milliseconds since 1970; now when absent. */
  readonly startedAt?: number;
  readonly sizeGiB?: number;
  readonly description?: string;
  readonly storageTier?: 'standard' | 'archive';
  readonly ownerId?: string;
  readonly kmsKeyId?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * What people and other services do to an account beside our API calls. Nothing here is throttled, denied or
 * checked for quotas; what is named must be there, or it throws.
 */
export class Operator {
  readonly #account: Account;

  constructor(account: Account) {
    this.#account = account;
  }

  /** Puts a fleet into its region, beside or in place of what is there. */
  loadFleet(fleet: Fleet): void {
    const region = this.#account.region(fleet.region);
    for (const instance of fleet.instances) this.putInstance(fleet.region, instance);
    for (const volume of fleet.volumes) {
      region.network.learnZone(volume.availabilityZone);
      region.volumes.put(volume);
    }
  }

  putInstance(regionName: string, instance: InstanceRecord): void {
    const region = this.#account.region(regionName);
    region.network.learn(instance);
    region.instances.put(instance);
  }

  putVolume(region: string, volume: VolumeRecord): void {
    this.#account.region(region).volumes.put(volume);
  }

  /** Puts a snapshot there that nobody saw being made. */
  addSnapshot(regionName: string, seeded: SeededSnapshot): SnapshotRecord {
    const region = this.#account.region(regionName);
    const snapshot = seededRecord(seeded, region);
    region.snapshots.put(snapshot);
    this.#account.stats.region(regionName).snapshots = region.snapshots.size;
    return snapshot;
  }

  setInstanceState(region: string, instanceId: string, state: InstanceState): void {
    const { instances } = this.#account.region(region);
    instances.update({ ...there(instances.get(instanceId), instanceId), state });
  }

  setVolumeState(region: string, volumeId: string, state: VolumeState): void {
    const { volumes } = this.#account.region(region);
    volumes.update({ ...there(volumes.get(volumeId), volumeId), state });
  }

  /** Terminates an instance: volumes that go with it are deleted, the others become available. */
  terminateInstance(regionName: string, instanceId: string): void {
    const region = this.#account.region(regionName);
    terminate(region, there(region.instances.get(instanceId), instanceId));
  }

  /** Detaches a volume from whatever it is attached to. */
  detachVolume(regionName: string, volumeId: string): void {
    const region = this.#account.region(regionName);
    const volume = there(region.volumes.get(volumeId), volumeId);
    for (const { instanceId } of volume.attachments) {
      removeDevice(region, volumeId, instanceId);
    }
  }

  /** Attaches a volume to an instance under a device name. */
  attachVolume(regionName: string, volumeId: string, instanceId: string, deviceName: string): void {
    const region = this.#account.region(regionName);
    const volume = there(region.volumes.get(volumeId), volumeId);
    const instance = there(region.instances.get(instanceId), instanceId);
    const device = { deviceName, volumeId, deleteOnTermination: false, status: 'attached' };
    addDevice(region, volume, instance, device);
  }

  /** Deletes a volume. It vanishes from the block device map of its instance as well. */
  deleteVolume(regionName: string, volumeId: string): void {
    this.detachVolume(regionName, volumeId);
    this.#account.region(regionName).volumes.remove(volumeId);
  }

  /** Deletes a snapshot, whatever holds it; a pending one at once, without an event. */
  deleteSnapshot(regionName: string, snapshotId: string): void {
    const region = this.#account.region(regionName);
    const snapshot = there(region.snapshots.get(snapshotId), snapshotId);
    const counters = this.#account.stats.region(regionName);
    if (snapshot.state === 'pending' && snapshot.truth.copyOf === undefined) counters.pending -= 1;
    else if (snapshot.state === 'pending') counters.copiesInFlight -= 1;
    region.doomed.delete(snapshotId);
    erase(region, snapshot);
  }

  /** Brings a deleted snapshot back with all its tags; needs the knob `recycleBin`. */
  restoreFromRecycleBin(regionName: string, snapshotId: string): void {
    const region = this.#account.region(regionName);
    region.snapshots.put(there(region.bin.get(snapshotId), snapshotId));
    region.bin.delete(snapshotId);
    this.#account.stats.region(regionName).snapshots = region.snapshots.size;
  }

  /** Sets tags (system tags too), or removes those whose value is `undefined`. */
  setTags(regionName: string, id: string, changes: Readonly<Record<string, string | undefined>>): void {
    const resource = findResource(this.#account.region(regionName), id);
    const tags = new Map(resource.tags);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) tags.delete(key);
      else tags.set(key, value);
    }
    resource.apply(tags);
  }

  /** Moves a snapshot to the archive tier, or back. */
  setStorageTier(region: string, snapshotId: string, storageTier: 'standard' | 'archive'): void {
    const { snapshots } = this.#account.region(region);
    snapshots.update({ ...there(snapshots.get(snapshotId), snapshotId), storageTier });
  }

  /** Registers an AMI on these snapshots: they cannot be deleted while it is registered, disabled or not. */
  registerImage(regionName: string, image: Pick<ImageRecord, 'id'> & Partial<ImageRecord>): void {
    const region = this.#account.region(regionName);
    addImage(region, imageRecord(image, region));
  }

  /** Lets go of an AMI's snapshots. */
  deregisterImage(regionName: string, imageId: string): void {
    const region = this.#account.region(regionName);
    removeImage(region, there(region.images.get(imageId), imageId));
  }

  /**
   * All data of a region is lost, without an event: instances, volumes, snapshots (locked ones, too), images, and
   * what was in the Recycle Bin. Its network and its keys stay, and its API answers: `faults.outage` is another thing.
   */
  eraseRegion(regionName: string): void {
    eraseAll(this.#account.region(regionName));
  }

  /** Locks a snapshot against deletion for some days. */
  lockSnapshot(
    regionName: string,
    snapshotId: string,
    durationDays: number,
    mode: 'governance' | 'compliance' = 'governance',
  ) {
    const region = this.#account.region(regionName);
    there(region.snapshots.get(snapshotId), snapshotId);
    const createdAt = region.now();
    const expiresAt = createdAt + durationDays * DAY_MS;
    region.locks.set(snapshotId, { snapshotId, mode, durationDays, createdAt, expiresAt });
    emitLockSnapshot(region, snapshotId, mode, durationDays);
  }

  unlockSnapshot(region: string, snapshotId: string): void {
    this.#account.region(region).locks.delete(snapshotId);
  }

  /** Breaks or mends a KMS key. @param keyId as callers name it, or `default` for the region's default EBS key */
  setKeyState(region: string, keyId: string, state: KeyState | 'usable'): void {
    const { keys } = this.#account.region(region);
    if (state === 'usable') keys.delete(keyId);
    else keys.set(keyId, state);
  }
}

function there<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`simulator: ${id} is not there`);
  return value;
}

function seededRecord(seeded: SeededSnapshot, region: RegionState): SnapshotRecord {
  const { id, volumeId = 'vol-ffffffff', state = 'completed', sizeGiB = 8 } = seeded;
  const startedAt = seeded.startedAt ?? region.now();
  const encrypted = seeded.kmsKeyId !== undefined;
  return {
    id,
    volumeId,
    state,
    startedAt,
    ...(seeded.stateMessage === undefined ? {} : { stateMessage: seeded.stateMessage }),
    ...(state === 'completed' ? { completedAt: startedAt, fullSizeBytes: fullSizeBytes(sizeGiB / 2) } : {}),
    ownerId: seeded.ownerId ?? region.account.accountId,
    description: seeded.description ?? '',
    sizeGiB,
    encrypted,
    ...(seeded.kmsKeyId === undefined ? {} : { kmsKeyId: seeded.kmsKeyId }),
    storageTier: seeded.storageTier ?? 'standard',
    tags: tagMap(seeded.tags),
    truth: {
      lineage: volumeId,
      contentAt: startedAt,
      sizeGiB,
      usedGiB: sizeGiB / 2,
      encrypted,
      incremental: false,
      endsAt: startedAt,
    },
  };
}

function imageRecord(
  image: Pick<ImageRecord, 'id'> & Partial<ImageRecord>,
  region: RegionState,
): ImageRecord {
  return {
    name: image.id,
    ownerId: region.account.accountId,
    state: 'available',
    createdAt: new Date(region.now()).toISOString(),
    architecture: 'x86_64',
    rootDeviceName: '/dev/xvda',
    devices: [],
    tags: new Map(),
    ...image,
  };
}
