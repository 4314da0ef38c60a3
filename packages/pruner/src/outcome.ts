import type { AppError, PruneDecision, Region, SnapshotId } from '@smart-vault/core';

/**
 * What became of a decision.
 *
 * - `condemned`, `pardoned`, `deleted`  done
 * - `gone`      somebody else was faster; as good as deleted
 * - `kept`      the look right before the call no longer agreed with the plan
 * - `refused`   EC2 does not let go of it: an AMI, a lock, another service
 * - `failed`    denied, or an error; the next run tries again
 * - `deferred`  not tried: little time left, throttled, or a region that could not be read
 */
export interface PruneOutcome {
  readonly kind: 'condemned' | 'pardoned' | 'deleted' | 'gone' | 'kept' | 'refused' | 'failed' | 'deferred';
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  readonly sizeGiB: number;
  readonly reason: string;
}

/** The outcome of one decision. */
export function outcomeOf(decision: PruneDecision, kind: PruneOutcome['kind'], reason: string): PruneOutcome {
  const { snapshotId, region, sizeGiB } = decision;
  return { kind, snapshotId, region, sizeGiB, reason };
}

/** What to do after a call that EC2 did not carry out: end the region's work politely, or go on with the next item. */
export type Setback = { readonly stop: true } | { readonly stop: false; readonly kind: PruneOutcome['kind'] };

/** How an error of a tag or delete call counts. Only a spent rate or quota ends the work: anything else is one item's. */
export function setbackOf(error: AppError): Setback {
  switch (error.code) {
    case 'THROTTLED':
    case 'LIMIT_EXCEEDED':
      return { stop: true };
    case 'NOT_FOUND':
      return { stop: false, kind: 'gone' };
    case 'IN_USE':
      return { stop: false, kind: 'refused' };
    case 'CONFIG':
    case 'CONTRACT':
    case 'VOLUME_BUSY':
    case 'TRANSIENT':
    case 'DENIED':
    case 'INVALID':
    case 'UNKNOWN':
      return { stop: false, kind: 'failed' };
  }
}
