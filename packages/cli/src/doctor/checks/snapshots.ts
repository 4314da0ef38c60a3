import {
  HOUR_MS,
  isAppError,
  type Point,
  type PruneDecision,
  type PrunePlan,
  planPrune,
  pointOf,
} from '@smart-vault/core';
import { pruneRules } from '../../prune/plan-inputs.ts';
import { count } from '../../terminal/words.ts';
import type { Vault } from '../../vault/find-vault.ts';
import { type DoctorFacts, isKnown, known, type RegionFacts } from '../facts.ts';
import { type Found, named } from '../finding.ts';

/** The pruner comes by several times a day. */
const PRUNER_LATE_MS = 48 * HOUR_MS;

/** Snapshots with the vault's tag that cannot be understood. */
export const orphans = (facts: DoctorFacts): readonly Found[] =>
  facts.regions.flatMap((here) => {
    const lost = known(here.snapshots, []).flatMap((each) => {
      const ownership = pointOf(each, facts.vault);
      return ownership.kind === 'malformed' ? [`${each.id} (${ownership.problems.join('; ')})`] : [];
    });
    if (lost.length === 0) return [];
    return [
      {
        severity: 'warning',
        region: here.region,
        what: `${count(lost.length, 'snapshot')} with the vault's tag in ${here.region} that cannot be understood: ${named(lost)}`,
        means: 'They are never deleted, and nothing is restored from them.',
        fix: 'Put their tags right, or delete them by hand: smart-vault prune plan --all shows them as malformed.',
      } as const,
    ];
  });

/** Holds that are over, and whose tags are still there. */
export const lapsedHolds = (facts: DoctorFacts): readonly Found[] =>
  facts.regions.flatMap((here) => {
    const over = pointsOf(facts, here).filter(
      ({ hold }) => hold !== undefined && hold.until !== 'forever' && hold.until <= facts.now,
    );
    if (over.length === 0) return [];
    return [
      {
        severity: 'note',
        region: here.region,
        what: `${count(over.length, 'hold')} in ${here.region} that are over: ${named(over.map(({ snapshotId }) => snapshotId))}`,
        means: 'Their age decides again; the tags are left over.',
        fix: `smart-vault release ${over.map(({ snapshotId }) => snapshotId).join(' ')}`,
      } as const,
    ];
  });

const pointsOf = ({ vault }: DoctorFacts, { snapshots }: RegionFacts): readonly Point[] =>
  known(snapshots, []).flatMap((each) => {
    const ownership = pointOf(each, vault);
    return ownership.kind === 'owned' ? [ownership.point] : [];
  });

/** What the pruner would say now: refusals, points that never got a copy, and what it should have deleted long ago. */
export function pruning(facts: DoctorFacts): readonly Found[] {
  const plan = planNow(facts);
  if (plan === undefined) return [];
  return [
    ...plan.refusals.map(
      ({ region, reason }): Found => ({
        severity: 'problem',
        region,
        what: `the pruner refuses to act in ${region}: ${reason}`,
        means: 'Nothing is deleted there until somebody has looked: docs/runbook/PruneRefused.md.',
        fix: 'smart-vault prune plan',
      }),
    ),
    ...uncopied(plan),
    ...leftovers(facts, plan),
  ];
}

/** `undefined` when not all of it is known: then the pruner does nothing either, and other checks say why. */
function planNow(facts: DoctorFacts): PrunePlan | undefined {
  const regions = facts.regions.flatMap(({ region, snapshots, inImages, locked }) =>
    isKnown(snapshots) && isKnown(inImages) && isKnown(locked)
      ? [{ region, snapshots: snapshots.value, inImages: inImages.value, locked: locked.value }]
      : [],
  );
  if (regions.length < facts.regions.length) return undefined;
  const { vault: name, source: region, settings, now } = facts;
  try {
    return planPrune({ ...pruneRules({ name, region, settings } as Vault), regions, now });
  } catch (error) {
    if (!isAppError(error)) throw error;
    return undefined;
  }
}

function uncopied({ decisions }: PrunePlan): readonly Found[] {
  const those = decisions.filter(({ rule }) => rule === 'expired-uncopied');
  const [first] = those;
  if (first === undefined) return [];
  return [
    {
      severity: 'problem',
      region: first.region,
      what: `${count(those.length, 'point')} never got a good copy in twice the retention: ${named(those.map(({ snapshotId }) => snapshotId))}`,
      means: 'They are about to be deleted, and no other region has them.',
      fix: `smart-vault hold ${those.map(({ snapshotId }) => snapshotId).join(' ')} --until forever ; smart-vault dlq list`,
    },
  ];
}

/** Condemned, past the grace period for two days, and nothing keeps them: the pruner does not come, or may not. */
function leftovers(facts: DoctorFacts, { decisions }: PrunePlan): readonly Found[] {
  const condemned = new Map(
    facts.regions.flatMap((here) =>
      pointsOf(facts, here).map((each) => [each.snapshotId, each.condemnedAt] as const),
    ),
  );
  const graceMs = (facts.settings.graceHours ?? 24) * HOUR_MS;
  const isLate = ({ kind, rule, snapshotId }: PruneDecision): boolean =>
    (kind === 'delete' || rule === 'stale-condemnation') &&
    facts.now - (condemned.get(snapshotId) ?? facts.now) > graceMs + PRUNER_LATE_MS;
  const late = decisions.filter(isLate);
  const [first] = late;
  if (first === undefined) return [];
  return [
    {
      severity: 'warning',
      region: first.region,
      what: `${count(late.length, 'snapshot')} condemned and not deleted for more than two days after the grace period: ${named(late.map(({ snapshotId }) => snapshotId))}`,
      means:
        facts.settings.prunerMode === 'dry-run'
          ? 'The pruner is in dry-run mode: it only says what it would do.'
          : 'The pruner does not run, or EC2 refuses its deletes.',
      fix: 'smart-vault prune plan --out plan.json ; smart-vault prune apply --plan plan.json --dry-run',
    },
  ];
}
