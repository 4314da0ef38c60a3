import {
  type CopyMessage,
  type CopyPlan,
  planCopy,
  type Region,
  type SnapshotStore,
  TAG,
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
 * Looks at a batch of copies with two calls: the sources in their region, and the copies that the destination has
 * of them already, including those that we started and that EC2 does not list yet. One plan per message, in order.
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
  const [sources, listed] = await Promise.all([
    source.findSnapshots(ids),
    target.listVaultSnapshots(config.vault, { originalSnapshotIds: ids }),
  ]);

  const now = context.clock.now();
  const kmsKeyId = config.kmsKeyIds?.get(destination);
  return messages.map((message) => {
    const existing = warm.recent
      .complete(listed)
      .filter(({ tags }) => tags[TAG.originalSnapshotId] === message.snapshotId);
    return planCopy({
      message,
      source: sources.find(({ id }) => id === message.snapshotId),
      existing,
      vault: config.vault,
      destination,
      ...(kmsKeyId ? { kmsKeyId } : {}),
      messageAgeMs: Math.max(0, now - message.firstSeenAt),
      now,
    });
  });
}
