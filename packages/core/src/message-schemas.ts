import * as v from 'valibot';
import {
  type InstanceId,
  isInstanceId,
  isRegion,
  isSnapshotId,
  isVolumeId,
  type Region,
  type SnapshotId,
  type VolumeId,
} from './ids.ts';
import { isSlot, type Slot } from './slot.ts';

/**
 * The shapes of our messages, version 1. Unknown extra fields are ignored, so that a newer sender and an older
 * receiver can live side by side during a deployment; everything else that is unexpected is refused.
 */

/** An instance has at most 128 EBS volumes (aws-facts §4.1). */
const VOLUMES_MAX = 128;

const instanceId = v.custom<InstanceId>(isInstanceId, 'expected an instance id such as i-0123456789abcdef0');
const volumeId = v.custom<VolumeId>(isVolumeId, 'expected a volume id such as vol-0123456789abcdef0');
const snapshotId = v.custom<SnapshotId>(
  isSnapshotId,
  'expected a snapshot id such as snap-0123456789abcdef0',
);
const region = v.custom<Region>(isRegion, 'expected a region such as eu-west-1');
const slot = v.custom<Slot>(isSlot, 'expected a UTC instant such as 2026-11-22T03:00:00Z');
/** 40 characters: vault, policy, unit and slot together must fit into a deduplication id of 128. */
const name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, 'expected a name of 1 to 40 letters'),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000));
/** Up to the year 9999. */
const instantMs = v.pipe(v.number(), v.minValue(0), v.maxValue(253_402_300_799_999));
const volumeIds = v.pipe(v.array(volumeId), v.minLength(1), v.maxLength(VOLUMES_MAX));

const scheduled = v.pipe(
  v.record(instanceId, v.pipe(v.array(volumeId), v.maxLength(VOLUMES_MAX))),
  // The keys of a record are optional to valibot's type, but not in a value that it has read.
  v.transform((record) => record as Record<InstanceId, VolumeId[]>),
);

export const snapshotUnitSchema = v.object({
  v: v.literal(1),
  kind: v.literal('snapshot-unit'),
  vault: name,
  policy: name,
  slot,
  unit: v.union([instanceId, volumeId], 'expected an instance or volume id'),
  instanceId,
  volumeIds,
  firstSeenAt: instantMs,
});

export const copySchema = v.object({
  v: v.literal(1),
  kind: v.literal('copy'),
  vault: name,
  snapshotId,
  firstSeenAt: instantMs,
  attemptsForgiven: count,
});

export const wakeUpSchema = v.object({
  v: v.literal(1),
  kind: v.literal('wake-up'),
  region,
  cause: v.picklist(['event', 'tick', 'self', 'work', 'redrive']),
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
});

export const runSchema = v.object({
  v: v.literal(1),
  kind: v.literal('run'),
  vault: name,
  policy: name,
  slot,
  startedAt: instantMs,
  instances: count,
  units: count,
  volumes: count,
  scheduled: v.exactOptional(scheduled),
  check: count,
});

export const scheduledRunSchema = v.object({
  v: v.literal(1),
  kind: v.literal('scheduled-run'),
  policy: name,
  slot,
});

export const scheduledJobSchema = v.object({
  v: v.literal(1),
  kind: v.literal('scheduled-job'),
  job: v.picklist(['reconcile', 'prune']),
  at: slot,
});

/** An EBS event as EventBridge delivers it (aws-facts §1.3, §1.4). Only what names snapshots is read. */
export const ebsEventSchema = v.object({
  source: v.literal('aws.ec2'),
  'detail-type': v.string(),
  resources: v.optional(v.array(v.string()), []),
  detail: v.object({
    event: v.optional(v.string(), ''),
    snapshot_id: v.exactOptional(v.string()),
    snapshots: v.optional(v.array(v.object({ snapshot_id: v.string() })), []),
  }),
});
