import {
  type CopyMessage,
  type CopyPlan,
  type Point,
  planCopy,
  pointOf,
  type Region,
  type Snapshot,
  type SnapshotStore,
} from '@smart-vault/core';
import type { JobContext } from '@smart-vault/lambda-kit';
import type { CopierConfig } from './config.ts';
import type { WarmState } from './warm-state.ts';

/** The two regions of a copy. */
export interface CopyRegions {
  readonly source: SnapshotStore;
  /** A client of the destination region: EC2 copies to the region that is asked. */
  readonly target: SnapshotStore;
  readonly warm: WarmState;
}

/**
 * Looks at a batch of copies with two calls: the sources in their region, and what the destination holds of their
 * points already, including what we started and EC2 does not list yet. By points and not by sources: a source that was
 * deleted and made anew needs no second copy. One plan per message, in order.
 */
export async function lookAtCopies(
  { source, target, warm }: CopyRegions,
  messages: readonly CopyMessage[],
  destination: Region,
  config: CopierConfig,
  context: JobContext,
): Promise<readonly CopyPlan[]> {
  if (messages.length === 0) return [];
  const ids = [...new Set(messages.map((message) => message.snapshotId))];
  const sources = await source.findSnapshots(ids);
  const existing = warm.recent.complete(await copiesOf(sources, target, config.vault));

  const now = context.clock.now();
  const kmsKeyId = config.kmsKeyIds?.get(destination);
  return messages.map((message) =>
    planCopy({
      message,
      source: sources.find(({ id }) => id === message.snapshotId),
      existing,
      vault: config.vault,
      destination,
      ...(kmsKeyId ? { kmsKeyId } : {}),
      messageAgeMs: Math.max(0, now - message.firstSeenAt),
      now,
    }),
  );
}

/** What the destination lists of these sources' volumes, and of their slot when they share one, as most batches do. */
async function copiesOf(
  sources: readonly Snapshot[],
  target: SnapshotStore,
  vault: string,
): Promise<readonly Snapshot[]> {
  const points = sources.map((snapshot) => pointOf(snapshot, vault)).flatMap(pointsIn);
  if (points.length === 0) return [];
  const copiedVolumeIds = [...new Set(points.map(({ volumeId }) => volumeId))];
  const [slot, ...others] = new Set(points.map((point) => point.slot));
  return target.listVaultSnapshots(vault, {
    copiedVolumeIds,
    ...(slot !== undefined && others.length === 0 ? { slot } : {}),
  });
}

const pointsIn = (ownership: ReturnType<typeof pointOf>): readonly Point[] =>
  ownership.kind === 'owned' ? [ownership.point] : [];
