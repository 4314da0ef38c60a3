import type { SnapshotId } from '@smart-vault/core';
import type { PruneOutcome } from './outcome.ts';

/** What has become of the deletes of this run so far, in every region: later looks take it into account. */
export interface Progress {
  /** Not there any more. */
  readonly removed: Set<SnapshotId>;
  /** Planned to be deleted, and still there: copies of these wait, as a copy does not go before its source. */
  readonly left: Set<SnapshotId>;
}

export const newProgress = (): Progress => ({ removed: new Set(), left: new Set() });

/** Adds what became of a delete. */
export function record(progress: Progress, { kind, snapshotId }: PruneOutcome): void {
  if (kind === 'deleted' || kind === 'gone') progress.removed.add(snapshotId);
  else progress.left.add(snapshotId);
}
