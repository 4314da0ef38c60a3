import { createSnapshotTrials, type SnapshotTrials } from '@smart-vault/aws/snapshot-trials';
import { condemnedTags, errorText, isAppError, type Region, type SnapshotId, TAG } from '@smart-vault/core';
import { newDeletePacer } from '@smart-vault/pruner';
import type { CommandContext } from '../command-line/context.ts';
import type { PlanDocument, PlannedDecision } from './plan-document.ts';
import { isAction } from './what-changed.ts';

/** What EC2 says to a dry run of one action. */
export interface PruneTrial {
  readonly kind: PlannedDecision['kind'];
  readonly region: Region;
  readonly snapshotId: SnapshotId;
  /** Why EC2 would not do it; null when it would. */
  readonly refusal: string | null;
}

/** Asks EC2 for each action whether it would do it. Nothing is changed. @throws AppError when EC2 does not answer */
export async function tryPlan(context: CommandContext, plan: PlanDocument): Promise<readonly PruneTrial[]> {
  const trials: PruneTrial[] = [];
  for (const { region } of plan.regions) {
    const store = createSnapshotTrials(context.connection(region));
    const pacer = newDeletePacer(context.clock);
    for (const decision of plan.decisions.filter((each) => isAction(each) && each.region === region)) {
      const { kind, snapshotId } = decision;
      const refusal = await pacer.run(() => refusalOf(() => attempt(store, decision, context.clock.now())));
      trials.push({ kind, region, snapshotId, refusal });
    }
  }
  return trials;
}

function attempt(store: SnapshotTrials, { kind, snapshotId }: PlannedDecision, now: number): Promise<void> {
  if (kind === 'delete') return store.deleteSnapshot(snapshotId);
  if (kind === 'pardon') return store.removeTags(snapshotId, [TAG.condemnedAt]);
  return store.addTags(snapshotId, condemnedTags(now));
}

async function refusalOf(attempted: () => Promise<void>): Promise<string | null> {
  try {
    await attempted();
    return null;
  } catch (error) {
    if (!isAppError(error) || error.code === 'TRANSIENT' || error.code === 'THROTTLED') throw error;
    return errorText(error);
  }
}
