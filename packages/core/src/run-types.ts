import type { InstanceId, Region, SnapshotId, VolumeId } from './ids.ts';
import type { RunMessage } from './messages.ts';
import type { Instance, Snapshot, Volume } from './model.ts';
import type { Policy } from './policy.ts';
import type { Selection } from './selection.ts';
import type { Slot } from './slot.ts';

/** A message in a dead-letter queue, as far as a report needs it. */
export interface DeadLetter {
  /** Queue name, for people. */
  readonly queue: string;
  /** Volume or snapshot ids that it is about. */
  readonly subjects: readonly string[];
  readonly code?: string;
  readonly cause?: string;
  readonly attempts?: number;
  /** The slot of a snapshot-unit message. Without it, a letter of an earlier run may still look like one of this. */
  readonly slot?: Slot;
}

export interface AssessInput {
  readonly run: RunMessage;
  /** The selection as it is now. */
  readonly selection: Selection;
  readonly instances: readonly Instance[];
  /** The volumes that the selection was made from: their states tell failed hardware from volumes that went. */
  readonly volumesNow: readonly Volume[];
  /** Of this slot at least; with the vault's other snapshots too, the ages of the last good points are exact. */
  readonly sourceSnapshots: readonly Snapshot[];
  readonly copies: ReadonlyMap<Region, readonly Snapshot[]>;
  readonly deadLetters: readonly DeadLetter[];
  readonly policy: Policy;
  readonly now: number;
  /** When the run is over whatever its state, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

export type RunStatus = 'OK' | 'PARTIAL' | 'FAILED' | 'IN_PROGRESS';

export interface CopyOutcome {
  readonly region: Region;
  readonly state: 'good' | 'pending' | 'failed' | 'missing';
  readonly snapshotId?: SnapshotId;
  readonly problem?: string;
  /** Start of the newest good point of the volume that this destination holds, ms. */
  readonly newestPointAt?: number;
  /** The destination could not be listed: what it holds is not known. */
  readonly isUnreadable?: true;
}

export interface VolumeOutcome {
  readonly volumeId: VolumeId;
  readonly instanceId: InstanceId;
  readonly instanceName?: string;
  readonly snapshot: 'good' | 'pending' | 'failed' | 'missing' | 'gone' | 'excluded';
  readonly snapshotId?: SnapshotId;
  readonly copies: readonly CopyOutcome[];
  readonly problem?: string;
  /** Start of the newest good point of the volume in the source region, ms. */
  readonly newestPointAt?: number;
  /**
   * Slot of its oldest good point in the source region, else of the oldest snapshot of it that there is, failed ones
   * too, ms. From then on, at the latest, a place without a good point of it owes one.
   */
  readonly owedSince?: number;
}

export interface RunCounts {
  /** Volumes that owe a point: all but `gone` and `excluded` ones. */
  readonly selected: number;
  /** Volumes with a good snapshot and a good copy in every destination. */
  readonly protected: number;
  readonly good: number;
  readonly pending: number;
  readonly failed: number;
  readonly missing: number;
  readonly gone: number;
  readonly excluded: number;
  /** Scheduled volumes that are not listed: the run did not say which they were, and they are not selected now. */
  readonly unaccounted: number;
  readonly copiesExpected: number;
  readonly copiesGood: number;
  readonly copiesPending: number;
  readonly copiesFailed: number;
  readonly copiesMissing: number;
}

export interface RunAssessment {
  readonly status: RunStatus;
  readonly vault: string;
  readonly policy: string;
  readonly slot: Slot;
  /** When it was made, ms. */
  readonly at: number;
  /** Sorted by instance and volume. */
  readonly volumes: readonly VolumeOutcome[];
  readonly counts: RunCounts;
}
