import { pointOf, type Region, type Snapshot } from '@smart-vault/core';
import { type CopyFlow, copyFlow } from '../../status/copy-flow.ts';
import { count, spanText } from '../../terminal/words.ts';
import { type DoctorFacts, isKnown, known, type RegionFacts, sourceOf } from '../facts.ts';
import { type Found, named } from '../finding.ts';

/** The reconciler looks every hour at what events have missed. */
const PATIENCE_MS = 90 * 60_000;
const DEFAULT_COPIES = 20;
const DEFAULT_PENDING = 100;
const DEFAULT_RETENTION_DAYS = 7;
const NEAR = 0.9;
/** Somebody else's share of a quota that is worth telling. */
const SHARE_OF_OTHERS = 0.2;

/** Good snapshots without a copy, while nothing waits or is under way that would make one. */
export const forgottenCopies = (facts: DoctorFacts): readonly Found[] =>
  facts.regions.flatMap((here) => {
    const flow = here.isSource ? undefined : flowTo(facts, here);
    if (flow === undefined || flow.waiting === 0 || (flow.oldestMs ?? 0) < PATIENCE_MS) return [];
    const queue = known(sourceOf(facts).queues, []).find(
      ({ role, destination }) => role === 'copies' && destination === here.region,
    );
    const { visible, inFlight, delayed } = queue?.depth ?? { visible: 0, inFlight: 0, delayed: 0 };
    if (visible + inFlight + delayed > 0 || flow.inFlight > 0) return [];
    return [
      {
        severity: 'problem',
        region: here.region,
        what: `${count(flow.waiting, 'snapshot')} without a copy in ${here.region}, the oldest for ${spanText(flow.oldestMs ?? 0)}, and no copy is queued or under way`,
        means:
          'Events did not arrive, and the reconciler has not made up for them: these points are in one region only.',
        fix:
          `aws lambda invoke --region ${facts.source} --function-name ${facts.vault}-reconciler ` +
          `--cli-binary-format raw-in-base64-out --payload '{"v":1,"kind":"scheduled-job","job":"reconcile","at":"${new Date(facts.now).toISOString().slice(0, 19)}Z"}' /dev/stdout`,
      },
    ];
  });

function flowTo(facts: DoctorFacts, { snapshots, region }: RegionFacts): CopyFlow | undefined {
  const sources = sourceOf(facts).snapshots;
  if (!isKnown(snapshots) || !isKnown(sources)) return undefined;
  const dlq = known(facts.letters, []).find(
    ({ queue }) => queue.role === 'copies-dlq' && queue.destination === region,
  );
  return copyFlow({
    vault: facts.vault,
    region,
    sources: sources.value,
    copies: snapshots.value,
    dead: new Set(dlq?.read.flatMap(({ subjects }) => subjects)),
    permits: facts.settings.copiesInFlightMax ?? DEFAULT_COPIES,
    retentionDays: facts.settings.retentionDays ?? DEFAULT_RETENTION_DAYS,
    now: facts.now,
  });
}

/** Snapshots and copies in progress near their maximum, and how many of them are somebody else's. */
export const spentQuotas = (facts: DoctorFacts): readonly Found[] =>
  facts.regions.flatMap((here) => {
    if (!isKnown(here.pending)) return [];
    const { settings, vault } = facts;
    const max = here.isSource
      ? (settings.pendingSnapshotsMax ?? DEFAULT_PENDING)
      : (settings.copiesInFlightMax ?? DEFAULT_COPIES);
    const others = here.pending.value.filter((each) => pointOf(each, vault).kind === 'foreign');
    return quotaFindings(
      here.region,
      here.isSource ? 'snapshots' : 'copies',
      here.pending.value,
      others,
      max,
    );
  });

function quotaFindings(
  region: Region,
  what: string,
  pending: readonly Snapshot[],
  others: readonly Snapshot[],
  max: number,
): readonly Found[] {
  const isForeign = others.length >= max * SHARE_OF_OTHERS;
  if (!isForeign && pending.length < max * NEAR) return [];
  return [
    {
      severity: isForeign ? 'warning' : 'note',
      region,
      what: `${pending.length} ${what} are in progress in ${region}, of ${max} that the vault allows itself; ${others.length} of them are not of this vault${isForeign ? `: ${named(others.map(({ id }) => id))}` : ''}`,
      means: isForeign
        ? 'They count against the same quota of the account, so the vault has to wait for them.'
        : 'The rest waits its turn. It is meant so; it takes as long as it takes.',
      fix: isForeign
        ? `aws ec2 describe-snapshots --region ${region} --owner-ids self --filters Name=status,Values=pending`
        : 'Nothing while a run goes on. For a larger quota: https://console.aws.amazon.com/servicequotas/, then the setting in cdk.json.',
    },
  ];
}
