import {
  COPY_VOLUME_ID,
  type CopyMessage,
  type CopyPlan,
  type CopySnapshotRequest,
  encodeMessage,
  pointKey,
  type Snapshot,
  type SnapshotId,
} from '@smart-vault/core';
import type { JobContext, PumpStep } from '@smart-vault/lambda-kit';
import type { CopyRegions } from './look-at-copies.ts';

/** A plan as a step of the pump. */
export function toStep(
  regions: CopyRegions,
  message: CopyMessage,
  plan: CopyPlan,
  context: JobContext,
): PumpStep {
  switch (plan.kind) {
    case 'done':
    case 'wait':
      return plan;
    case 'dead-letter': {
      const { kind, code, cause, reason, attemptsForgiven } = plan;
      return { kind, code, cause, reason, body: encodeMessage({ ...message, attemptsForgiven }) };
    }
    case 'copy':
      return {
        kind: 'start',
        permits: 1,
        reason: plan.reason,
        // A source that was made again is another snapshot of the same point, and the point is needed once.
        makes: pointKey(plan.point),
        start: () => startCopy(regions, plan.request, context),
      };
  }
}

async function startCopy(
  { target, warm }: CopyRegions,
  request: CopySnapshotRequest,
  context: JobContext,
): Promise<void> {
  const copyId = await warm.pacer.run(() => target.copySnapshot(request));
  warm.recent.add(asPending(copyId, request, target.region, context.clock.now()));
  const { sourceRegion, sourceSnapshotId } = request;
  context.log.info('copy.started', {
    snapshotId: copyId,
    sourceSnapshotId,
    sourceRegion,
    region: target.region,
  });
}

/** A copy as EC2 shows it while it is pending: CopySnapshot answers nothing but its id. */
const asPending = (
  id: SnapshotId,
  request: CopySnapshotRequest,
  region: Snapshot['region'],
  now: number,
): Snapshot => ({
  id,
  region,
  state: 'pending',
  volumeId: COPY_VOLUME_ID,
  sizeGiB: 0,
  startedAt: now,
  description: request.description,
  encrypted: false,
  storageTier: 'standard',
  tags: request.tags,
});
