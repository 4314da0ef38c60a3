import {
  assert,
  type CreateSnapshotRequest,
  type CreateSnapshotSetRequest,
  type GoneVolume,
  isAppError,
  type Snapshot,
  type SnapshotStore,
  type SnapshotUnitMessage,
  type Tags,
} from '@smart-vault/core';
import type { JobContext, PumpStep } from '@smart-vault/lambda-kit';
import type { PlannedUnit } from './look-at-units.ts';
import type { WarmState } from './warm-state.ts';

interface Ports {
  readonly snapshots: SnapshotStore;
  readonly warm: WarmState;
}

/** A plan as a step of the pump. Volumes that are gone are logged, and never a failure. */
export function toStep(ports: Ports, { unit, plan }: PlannedUnit, context: JobContext): PumpStep {
  switch (plan.kind) {
    case 'done':
      return { kind: 'done', reason: plan.reason };
    case 'gone':
      logGone(unit, plan.gone, context);
      return { kind: 'done', reason: plan.reason };
    case 'create-set':
      logGone(unit, plan.gone, context);
      return {
        kind: 'start',
        permits: plan.volumeIds.length,
        reason: plan.reason,
        start: () => startSet(ports, unit, plan.request, plan.volumeIds.length, context),
      };
    case 'create-each':
      logGone(unit, plan.gone, context);
      return {
        kind: 'start',
        permits: plan.requests.length,
        reason: plan.reason,
        start: () => startEach(ports, unit, plan.requests, context),
      };
  }
}

/** One call, one crash-consistent set: all of it or nothing. */
async function startSet(
  { snapshots, warm }: Ports,
  unit: SnapshotUnitMessage,
  request: CreateSnapshotSetRequest,
  expected: number,
  context: JobContext,
): Promise<void> {
  const set = await warm.pacers.set.run(() => snapshots.createSnapshotSet(request));
  for (const snapshot of set) remember(warm, unit, request, snapshot, context);
  // A volume that was attached or detached since the look. The next look sees what is missing.
  if (set.length !== expected)
    context.log.warn('snapshot-set.differs', { unit: unit.unit, expected, got: set.length });
}

/**
 * One call per volume. One volume's failure leaves the others alone, and is thrown at the end; a busy region is
 * thrown at once. The message then comes again for what is missing.
 */
async function startEach(
  { snapshots, warm }: Ports,
  unit: SnapshotUnitMessage,
  requests: readonly CreateSnapshotRequest[],
  context: JobContext,
): Promise<void> {
  assert(requests.length > 0, `nothing to create for ${unit.unit}`);
  const failures: unknown[] = [];
  for (const request of requests) {
    try {
      const snapshot = await warm.pacers.each.run(() => snapshots.createSnapshot(request));
      remember(warm, unit, request, snapshot, context);
    } catch (error) {
      if (isAppError(error, 'THROTTLED') || isAppError(error, 'LIMIT_EXCEEDED')) throw error;
      failures.push(error);
    }
  }
  // A busy volume would hide a real failure, which must spend its receives.
  if (failures.length > 0) throw failures.find((error) => !isAppError(error, 'VOLUME_BUSY')) ?? failures[0];
}

/** The next look must know it by its tags, whether or not the answer repeats them. */
function remember(
  warm: WarmState,
  unit: SnapshotUnitMessage,
  request: { readonly tags: Tags },
  snapshot: Snapshot,
  context: JobContext,
): void {
  warm.recent.add({ ...snapshot, tags: { ...snapshot.tags, ...request.tags } });
  const { id: snapshotId, volumeId } = snapshot;
  context.log.info('snapshot.started', { snapshotId, volumeId, slot: unit.slot, unit: unit.unit });
}

function logGone(unit: SnapshotUnitMessage, gone: readonly GoneVolume[], context: JobContext): void {
  for (const { volumeId, reason } of gone)
    context.log.warn('volume.gone', { volumeId, reason, slot: unit.slot, unit: unit.unit });
}
