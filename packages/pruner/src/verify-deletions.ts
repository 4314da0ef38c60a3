import {
  type Clock,
  graceMsOf,
  type PruneDecision,
  type PruneInputs,
  planPrune,
  pointOf,
  type Region,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  TAG,
} from '@smart-vault/core';
import { assertPlan } from './assert-plan.ts';
import { outcomeOf, type PruneOutcome } from './outcome.ts';
import type { Progress } from './progress.ts';

/** A snapshot may be deleted this long after the look that verified it. */
export const VERIFIED_FOR_MS = 60_000;

/** How many snapshots one look verifies: at 5 deletes a second, what can be deleted well within its validity. */
export const VERIFY_AT_ONCE_MAX = 50;

declare const brand: unique symbol;
/** Proof that EC2 was asked about this very snapshot, by id, and the plan held. Only `verifyDeletions` makes one. */
export interface VerifiedDeletion {
  readonly decision: PruneDecision;
  /** Right before EC2 was asked, milliseconds since 1970. */
  readonly verifiedAt: number;
  /** As the look saw it, milliseconds since 1970. */
  readonly condemnedAt: number;
  readonly [brand]: true;
}

export interface Verification {
  readonly verified: readonly VerifiedDeletion[];
  /** Those that are not to be deleted after all, and why. */
  readonly outcomes: readonly PruneOutcome[];
}

/**
 * Looks at these condemned snapshots again and plans again with what it sees: still there, still ours, condemned for
 * the whole grace period, and still to be deleted. `progress` is what this run has done already.
 *
 * @throws AppError when the snapshots cannot be read; then nothing is verified.
 */
export async function verifyDeletions(
  ports: { readonly clock: Clock; readonly store: SnapshotStore },
  inputs: PruneInputs,
  decisions: readonly PruneDecision[],
  progress: Progress,
): Promise<Verification> {
  const verifiedAt = ports.clock.now();
  const asked = new Set(decisions.map((decision) => decision.snapshotId));
  const seen = await ports.store.findSnapshots([...asked]);
  const current = refresh({ ...inputs, now: verifiedAt }, ports.store.region, progress, { asked, seen });
  const plan = planPrune(current);
  assertPlan(current, plan);

  const byId = new Map(seen.map((snapshot) => [snapshot.id, snapshot]));
  const planned = new Map(plan.decisions.map((decision) => [decision.snapshotId, decision]));
  const verified: VerifiedDeletion[] = [];
  const outcomes: PruneOutcome[] = [];
  for (const decision of decisions) {
    const { snapshotId } = decision;
    const condemnedAt = stillCondemned(current, byId.get(snapshotId), planned.get(snapshotId));
    if (typeof condemnedAt === 'number')
      verified.push({ decision, verifiedAt, condemnedAt } as VerifiedDeletion);
    else outcomes.push(outcomeOf(decision, condemnedAt.kind, condemnedAt.reason));
  }
  return { verified, outcomes };
}

/**
 * The inputs as of now: what was asked for as it was just seen, and the rest as this run has left it. A source that
 * should have gone and did not is shown as not condemned: it is not going now, so its copies have to wait.
 */
function refresh(
  inputs: PruneInputs,
  here: Region,
  { removed, left }: Progress,
  { asked, seen }: { readonly asked: ReadonlySet<SnapshotId>; readonly seen: readonly Snapshot[] },
): PruneInputs {
  const regions = inputs.regions.map((inventory) => {
    const others = inventory.snapshots
      .filter(({ id }) => !removed.has(id) && !asked.has(id))
      .map((snapshot) => (left.has(snapshot.id) ? withoutCondemnation(snapshot) : snapshot));
    return { ...inventory, snapshots: inventory.region === here ? [...others, ...seen] : others };
  });
  return { ...inputs, regions };
}

function withoutCondemnation(snapshot: Snapshot): Snapshot {
  const { [TAG.condemnedAt]: _condemnedAt, ...tags } = snapshot.tags;
  return { ...snapshot, tags };
}

/** @returns since when, milliseconds since 1970; or why it is not to be deleted after all */
function stillCondemned(
  inputs: PruneInputs,
  snapshot: Snapshot | undefined,
  decision: PruneDecision | undefined,
): number | { readonly kind: PruneOutcome['kind']; readonly reason: string } {
  if (snapshot === undefined) return { kind: 'gone', reason: 'it is gone already' };
  const ownership = pointOf(snapshot, inputs.vault);
  if (ownership.kind !== 'owned')
    return { kind: 'kept', reason: `its tags have changed: it is ${ownership.kind} now` };
  const { condemnedAt } = ownership.point;
  if (condemnedAt === undefined) return { kind: 'kept', reason: 'it is not condemned (any more)' };
  if (inputs.now - condemnedAt < graceMsOf(inputs.policy, snapshot)) {
    return { kind: 'kept', reason: 'its grace period is not over' };
  }
  if (decision?.kind !== 'delete') {
    return { kind: 'kept', reason: `the plan has changed: ${decision?.reason ?? 'it is not in it'}` };
  }
  return condemnedAt;
}
