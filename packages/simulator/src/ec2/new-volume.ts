import type { EbsBlockDevice } from '@aws-sdk/client-ec2';
import { Ec2Error, invalidValue, missing } from './errors.ts';
import { checkId, notFound, SNAPSHOT_ID } from './ids.ts';
import { defaultKeyArn, keyState } from './keys.ts';
import type { RegionState } from './region.ts';
import type { JsonObject, SnapshotRecord, TagMap, VolumeContent, VolumeRecord } from './types.ts';
import { checkPerformance, type Performance } from './volume-limits.ts';

/** What a request says about a volume; `VolumeSize` and the rest as in a block device map. */
export type VolumeWish = Pick<
  EbsBlockDevice,
  'SnapshotId' | 'VolumeSize' | 'VolumeType' | 'Iops' | 'Throughput' | 'Encrypted' | 'KmsKeyId'
>;

/** A volume as it will be. */
export interface VolumePlan {
  readonly snapshotId: string;
  readonly content: VolumeContent | undefined;
  readonly performance: Performance;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  /** Why it will never become available, if it will not. */
  readonly failure: string | undefined;
}

/**
 * What such a volume will be.
 * @param tooSmall the error for a size below the snapshot's
 * @throws Ec2Error
 */
export function planVolume(
  region: RegionState,
  wish: VolumeWish,
  tooSmall: (message: string) => Ec2Error = invalidValue,
): VolumePlan {
  const snapshot = wish.SnapshotId === undefined ? undefined : usableSnapshot(region, wish.SnapshotId);
  const sizeGiB = wish.VolumeSize ?? snapshot?.truth.sizeGiB;
  if (sizeGiB === undefined) throw missing('size or snapshotId');
  if (snapshot !== undefined && sizeGiB < snapshot.truth.sizeGiB) {
    throw tooSmall(
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${snapshot.id}', expect size >= ${snapshot.truth.sizeGiB}GB`,
    );
  }
  const { VolumeType: volumeType = 'gp2', Iops: iops, Throughput: throughput } = wish;
  const performance = checkPerformance({ volumeType, sizeGiB, iops, throughput });
  const kmsKeyId = keyOf(region, wish, snapshot);
  return {
    snapshotId: snapshot?.id ?? '',
    content: snapshot && { lineage: snapshot.truth.lineage, contentAt: snapshot.truth.contentAt },
    performance,
    encrypted: kmsKeyId !== undefined,
    kmsKeyId,
    failure: kmsKeyId === undefined ? undefined : failureOf(region, kmsKeyId),
  };
}

/** A snapshot of which something can be made. @throws Ec2Error */
function usableSnapshot(region: RegionState, id: string): SnapshotRecord {
  const snapshot = region.snapshots.get(checkId(id, SNAPSHOT_ID));
  if (snapshot === undefined) throw notFound([id], SNAPSHOT_ID);
  if (snapshot.state !== 'completed')
    throw new Ec2Error('IncorrectState', `Snapshot is in invalid state - ${snapshot.state}`);
  if (snapshot.storageTier === 'archive')
    throw new Ec2Error('IncorrectState', `Snapshot '${id}' is archived`);
  return snapshot;
}

/** The key of the volume; none when it will not be encrypted. What comes from an encrypted snapshot always is. */
function keyOf(
  region: RegionState,
  { Encrypted, KmsKeyId }: VolumeWish,
  snapshot: SnapshotRecord | undefined,
): string | undefined {
  const before = snapshot?.truth.encrypted === true;
  if (KmsKeyId !== undefined && Encrypted !== true && !before) {
    throw new Ec2Error(
      'InvalidParameterDependency',
      'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    );
  }
  if (Encrypted === false && before)
    throw invalidValue(`The snapshot '${snapshot.id}' is encrypted: a volume of it cannot be unencrypted`);
  if (!before && Encrypted !== true) return undefined;
  return KmsKeyId ?? (before ? snapshot.kmsKeyId : undefined) ?? defaultKeyArn(region);
}

function failureOf(region: RegionState, kmsKeyId: string): string | undefined {
  const state = keyState(region, kmsKeyId);
  if (state === undefined) return undefined;
  return state === 'disabled' ? `${kmsKeyId} is disabled.` : `${kmsKeyId} is not accessible.`;
}

/** What of a new volume is not in its plan. */
export interface VolumePlace {
  readonly id: string;
  readonly availabilityZone: string;
  readonly tags: TagMap;
}

/** The record of a new volume, in the state `creating`. */
export function volumeRecord(region: RegionState, plan: VolumePlan, place: VolumePlace): VolumeRecord {
  const { volumeType, sizeGiB, iops, throughput } = plan.performance;
  const raw: JsonObject = {
    CreateTime: new Date(region.now()).toISOString(),
    SnapshotId: plan.snapshotId,
    MultiAttachEnabled: false,
    ...(iops === undefined ? {} : { Iops: iops }),
    ...(throughput === undefined ? {} : { Throughput: throughput }),
  };
  return {
    ...place,
    state: 'creating',
    sizeGiB,
    volumeType,
    encrypted: plan.encrypted,
    ...(plan.kmsKeyId === undefined ? {} : { kmsKeyId: plan.kmsKeyId }),
    attachments: [],
    ...(plan.content === undefined ? {} : { content: plan.content }),
    raw,
  };
}
