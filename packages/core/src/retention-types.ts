import type { Region, SnapshotId, VolumeId } from './ids.ts';
import type { Snapshot } from './model.ts';
import type { Policy } from './policy.ts';
import type { Slot } from './slot.ts';

/** Bounds of one run in one region, for removals that ageing does not explain. */
export interface PruneLimits {
  readonly deletesPerRunMax: number;
  /** 0 to 1, of our snapshots in the region. */
  readonly deleteShareMax: number;
}

/** Everything of one region that a decision rests on. */
export interface RegionInventory {
  readonly region: Region;
  readonly snapshots: readonly Snapshot[];
  readonly inImages: ReadonlySet<SnapshotId>;
  readonly locked: ReadonlySet<SnapshotId>;
  /** Why this inventory is not complete: then nothing is done in this region. */
  readonly problem?: string;
}

export interface PruneInputs {
  readonly now: number;
  readonly vault: string;
  readonly policy: Policy;
  readonly source: Region;
  readonly limits: PruneLimits;
  readonly regions: readonly RegionInventory[];
}

/** Why a snapshot stays. */
export type KeepRule =
  /** Not of this vault. */
  | 'foreign'
  /** Of this vault by its tag, but not to be understood. */
  | 'malformed'
  /** Of a policy that this plan does not know. */
  | 'other-policy'
  /** AWS Backup or Data Lifecycle Manager looks after it. */
  | 'aws-managed'
  | 'hold'
  | 'locked'
  | 'in-image'
  | 'archived'
  /** Not finished, or in the Recycle Bin. */
  | 'pending'
  | 'recent-failure'
  | 'future'
  | 'newest'
  /** One of the `keepMin` newest good points of its volume here. */
  | 'floor'
  | 'retention'
  /** A source that a destination has no good copy of. */
  | 'no-copy'
  /** A copy whose source is still there. */
  | 'source-first'
  /** Condemned, and waiting. */
  | 'grace'
  /** It was deleted, and is here again: it gets a new grace period. */
  | 'came-back'
  /** The tag is too old or from the future: it says nothing any more. */
  | 'stale-condemnation'
  /** The inventory of its region is not complete. */
  | 'incomplete'
  /** The plan for its region was refused as a whole. */
  | 'refused';

/** Why a snapshot goes. `expired-uncopied` is the one that somebody must hear of. */
export type RemoveRule = 'expired' | 'expired-uncopied' | 'duplicate' | 'failed';

export interface PruneDecision {
  readonly snapshotId: SnapshotId;
  readonly region: Region;
  /** `condemn` adds the tag, `pardon` takes it away, `delete` is for good. */
  readonly kind: 'keep' | 'condemn' | 'pardon' | 'delete';
  readonly rule: KeepRule | RemoveRule;
  readonly reason: string;
  readonly sizeGiB: number;
  readonly slot?: Slot;
  readonly volumeId?: VolumeId;
}

/** A region in which nothing is done in this run, and why. Somebody should look. */
export interface PruneRefusal {
  readonly region: Region;
  readonly reason: string;
}

export interface PrunePlan {
  /** One per snapshot. Sources come first: apply in this order, so that no copy goes before its source. */
  readonly decisions: readonly PruneDecision[];
  readonly refusals: readonly PruneRefusal[];
}
