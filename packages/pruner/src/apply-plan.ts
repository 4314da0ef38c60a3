import {
  type Clock,
  condemnedTags,
  type Log,
  type PruneDecision,
  type PruneInputs,
  type PrunePlan,
  type Region,
  type SnapshotId,
  type SnapshotStore,
  TAG,
} from '@smart-vault/core';
import { type DeletePacer, deferAll, deleteSnapshots } from './delete-snapshots.ts';
import { unreadableIn } from './gather-inventory.ts';
import type { PruneOutcome } from './outcome.ts';
import { newProgress, type Progress } from './progress.ts';
import { type StopSign, tagSnapshots } from './tag-snapshots.ts';

/** What carrying out a plan needs of the world. */
export interface ApplyPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly source: SnapshotStore;
  readonly destinations: readonly SnapshotStore[];
  /** The pacer of this region's deletes; kept for as long as deletes go on. */
  pacerOf(region: Region): DeletePacer;
}

/**
 * Carries out a plan of `planPrune` that `assertPlan` has passed, phase by phase through all regions: what saves a
 * snapshot comes before what endangers one. Every delete is looked at again right before its call, and planned anew
 * with `inputs`: what no longer holds is an outcome, `kept`. A plan may also be a part of what `inputs` gives.
 *
 * @param inputs what the plan was made of; `now` is what condemned snapshots are tagged with
 */
export async function applyPlan(
  ports: ApplyPorts,
  inputs: PruneInputs,
  plan: PrunePlan,
  stopSign: StopSign,
): Promise<readonly PruneOutcome[]> {
  const stores = [ports.source, ...ports.destinations];
  const outcomes: PruneOutcome[] = [];
  for (const store of stores) outcomes.push(...(await pardon(store, plan, stopSign)));
  for (const store of stores) outcomes.push(...(await condemn(store, inputs, plan, stopSign)));
  for (const outcome of outcomes) logTagging(ports.log, outcome);
  const progress = newProgress();
  for (const store of stores)
    outcomes.push(...(await deleteIn(ports, store, inputs, plan, progress, stopSign)));
  return outcomes;
}

const decisionsOf = (
  plan: PrunePlan,
  region: Region,
  kind: PruneDecision['kind'],
): readonly PruneDecision[] =>
  plan.decisions.filter((decision) => decision.region === region && decision.kind === kind);

function pardon(store: SnapshotStore, plan: PrunePlan, stopSign: StopSign): Promise<readonly PruneOutcome[]> {
  const call = (ids: readonly SnapshotId[]) => store.removeTags(ids, [TAG.condemnedAt]);
  return tagSnapshots(decisionsOf(plan, store.region, 'pardon'), 'pardoned', call, stopSign);
}

function condemn(
  store: SnapshotStore,
  inputs: PruneInputs,
  plan: PrunePlan,
  stopSign: StopSign,
): Promise<readonly PruneOutcome[]> {
  const call = (ids: readonly SnapshotId[]) => store.addTags(ids, condemnedTags(inputs.now));
  return tagSnapshots(decisionsOf(plan, store.region, 'condemn'), 'condemned', call, stopSign);
}

async function deleteIn(
  ports: ApplyPorts,
  store: SnapshotStore,
  inputs: PruneInputs,
  plan: PrunePlan,
  progress: Progress,
  stopSign: StopSign,
): Promise<readonly PruneOutcome[]> {
  const decisions = decisionsOf(plan, store.region, 'delete');
  const unreadable = unreadableIn(inputs);
  if (store.region === inputs.source && unreadable.length > 0) {
    for (const { snapshotId } of decisions) progress.left.add(snapshotId);
    return deferAll(decisions, `the copies cannot be seen: ${unreadable.join(', ')} could not be read`);
  }
  const { clock, log } = ports;
  const pacer = ports.pacerOf(store.region);
  return deleteSnapshots({ clock, log, store, pacer }, inputs, decisions, progress, stopSign);
}

function logTagging(log: Log, outcome: PruneOutcome): void {
  if (outcome.kind === 'failed') log.error('snapshot.tag-failed', { ...outcome });
  else log.info(`snapshot.${outcome.kind}`, { ...outcome });
}
