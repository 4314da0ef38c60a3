import type { Region, SnapshotId } from './ids.ts';
import type { Snapshot } from './model.ts';
import { type Point, pointKey } from './point.ts';
import { DAY_MS, HOUR_MS } from './policy.ts';
import { type Item, isAwsManaged, type RegionFacts } from './retention-facts.ts';
import type { KeepRule, PruneInputs, RemoveRule } from './retention-types.ts';
import { type Slot, slotMs } from './slot.ts';
import { oneLine } from './text.ts';

/** What the rules say of one snapshot, before condemnation, grace and caps. */
export type Verdict =
  | {
      readonly kind: 'keep';
      readonly rule: KeepRule;
      readonly reason: string;
      /** Not even a condemnation is taken back: it is not ours to touch, or we do not know enough to say that it stays. */
      readonly handsOff: boolean;
    }
  | {
      readonly kind: 'remove';
      readonly rule: RemoveRule;
      readonly reason: string;
      /** When the rules let go of it, ms; left out when it is not age that condemns it. */
      readonly dueAt?: number;
    };

/** What a verdict looks at beside the snapshot itself. */
export interface RuleContext {
  readonly inputs: PruneInputs;
  readonly here: RegionFacts;
  readonly regions: ReadonlyMap<Region, RegionFacts>;
  /** Verdicts of the source region, for copies; undefined while these are made. */
  readonly sourceVerdicts?: ReadonlyMap<SnapshotId, Verdict>;
  /** What was said of a slot's age: one text for the whole plan, of which most of a large vault's would otherwise be. */
  readonly ageTexts: Map<Slot, string>;
}

/**
 * Hours after which a failed source is removed. It holds no data, its reason has been mailed, and EC2 counts a snapshot in
 * state `error` among the volume's snapshots in progress (5; 1 for st1 and sc1) until it is deleted: while it stays, a
 * volume of the latter kinds has no backup at all.
 */
const FAILED_SOURCE_HOURS = 1;
/** The same for copies: until then they count as attempts. */
const FAILED_COPY_HOURS = 24;
/** A source that is never copied is kept so many times longer. */
const UNCOPIED_FACTOR = 2;

const keep = (rule: KeepRule, reason: string): Verdict => ({ kind: 'keep', rule, reason, handsOff: false });
const handsOff = (rule: KeepRule, reason: string): Verdict => ({
  kind: 'keep',
  rule,
  reason,
  handsOff: true,
});

/** Keep or remove, and the first rule that says so. Removing needs the consent of all of them. */
export function verdictOf(context: RuleContext, { snapshot, ownership }: Item): Verdict {
  switch (ownership.kind) {
    case 'foreign':
      return handsOff('foreign', `it is not of vault ${context.inputs.vault}`);
    case 'malformed':
      return handsOff('malformed', oneLine(`it cannot be understood: ${ownership.problems.join('; ')}`));
    case 'owned':
      return protectedBy(context, snapshot, ownership.point) ?? byState(context, snapshot, ownership.point);
  }
}

/** Protection that has nothing to do with age. */
function protectedBy({ inputs, here }: RuleContext, snapshot: Snapshot, point: Point): Verdict | undefined {
  const { inventory } = here;
  if (point.policy !== inputs.policy.name)
    return handsOff('other-policy', `it is of policy ${oneLine(point.policy, 60)}`);
  if (isAwsManaged(snapshot))
    return handsOff('aws-managed', 'AWS Backup or Data Lifecycle Manager looks after it');
  if (point.hold?.until === 'forever') return keep('hold', 'an operator holds it');
  if (point.hold !== undefined && point.hold.until > inputs.now) {
    return keep('hold', `an operator holds it until ${new Date(point.hold.until).toISOString()}`);
  }
  if (inventory.locked.has(snapshot.id)) return keep('locked', 'it is locked');
  if (inventory.inImages.has(snapshot.id)) return keep('in-image', 'an AMI is made of it');
  if (snapshot.storageTier === 'archive') return keep('archived', 'it is in the archive tier');
  return undefined;
}

function byState(context: RuleContext, snapshot: Snapshot, point: Point): Verdict {
  const { now } = context.inputs;
  switch (snapshot.state) {
    case 'pending':
    case 'recoverable':
    case 'recovering':
      return keep('pending', `it is ${snapshot.state}`);
    case 'error': {
      const hours = point.copiedFrom === undefined ? FAILED_SOURCE_HOURS : FAILED_COPY_HOURS;
      const dueAt = snapshot.startedAt + hours * HOUR_MS;
      if (dueAt > now) return keep('recent-failure', `it was started less than ${hours} h ago, and failed`);
      return {
        kind: 'remove',
        rule: 'failed',
        reason: `it failed, and was started ${hours} h ago or earlier`,
        dueAt,
      };
    }
    case 'completed':
      return slotMs(point.slot) > now
        ? keep('future', `its slot ${point.slot} is still to come`)
        : byAge(context, snapshot, point);
  }
}

/** A good point of the past: duplicates go, the newest, the young and the last few stay. */
function byAge(context: RuleContext, snapshot: Snapshot, point: Point): Verdict {
  const { now, policy } = context.inputs;
  const line = context.here.lines.get(point.volumeId) ?? [];
  const rank = line.findIndex((good) => good.point.slot === point.slot);
  const first = line[rank]?.snapshot.id;
  const expiresAt = slotMs(point.slot) + policy.retentionDays * DAY_MS;
  if (first !== snapshot.id) return duplicate(context, point, first);
  if (rank === 0)
    return keep('newest', `it is the newest good point of ${point.volumeId} in ${snapshot.region}`);
  if (expiresAt > now) return keep('retention', ageText(context, point));
  if (rank < policy.keepMin) {
    return keep('floor', `it is one of the ${policy.keepMin} newest good points of ${point.volumeId} here`);
  }
  return expired(
    context,
    snapshot,
    point,
    Math.max(expiresAt, arrivedAt(line[rank - policy.keepMin]?.snapshot)),
  );
}

function ageText({ inputs, ageTexts }: RuleContext, point: Point): string {
  const known = ageTexts.get(point.slot);
  if (known !== undefined) return known;
  const text = `${daysOld(inputs.now, point)}, kept for ${inputs.policy.retentionDays} days`;
  ageTexts.set(point.slot, text);
  return text;
}

const daysOld = (now: number, { slot }: Point): string =>
  `${Math.floor((now - slotMs(slot)) / DAY_MS)} days old`;
const arrivedAt = (snapshot: Snapshot | undefined): number =>
  snapshot?.completedAt ?? snapshot?.startedAt ?? 0;

/** Age does not matter: the one that was started first is kept, or goes by its own rules. */
function duplicate(context: RuleContext, point: Point, first: SnapshotId | undefined): Verdict {
  const verdict: Verdict = { kind: 'remove', rule: 'duplicate', reason: `${first} holds the same point` };
  return point.copiedFrom === undefined ? onceCopied(context, point, verdict) : verdict;
}

function expired(context: RuleContext, snapshot: Snapshot, point: Point, expiredAt: number): Verdict {
  return snapshot.region === context.inputs.source
    ? expiredSource(context, point, expiredAt)
    : expiredCopy(context, point, expiredAt);
}

function expiredSource(context: RuleContext, point: Point, expiredAt: number): Verdict {
  return onceCopied(context, point, {
    kind: 'remove',
    rule: 'expired',
    reason: ageText(context, point),
    dueAt: expiredAt,
  });
}

/**
 * I6, replica first: a source goes once every destination has a good copy of its point, or after twice the retention,
 * and then it is said aloud.
 */
function onceCopied(context: RuleContext, point: Point, verdict: Verdict & { kind: 'remove' }): Verdict {
  const { now, policy } = context.inputs;
  const { lacking, unknown, since } = copiesOf(context, point);
  if (lacking.length === 0) {
    return verdict.dueAt === undefined ? verdict : { ...verdict, dueAt: Math.max(verdict.dueAt, since) };
  }
  if (unknown.length > 0) {
    return handsOff('no-copy', `nobody knows its copies in ${unknown.join(', ')}: inventory incomplete`);
  }
  const givenUpAt = slotMs(point.slot) + UNCOPIED_FACTOR * policy.retentionDays * DAY_MS;
  if (givenUpAt > now)
    return keep('no-copy', `due, but there is no good copy of it in ${lacking.join(', ')}`);
  return {
    kind: 'remove',
    rule: 'expired-uncopied',
    reason: `${daysOld(now, point)}, and in all that time NO GOOD COPY came to ${lacking.join(', ')}`,
    dueAt: Math.max(verdict.dueAt ?? 0, givenUpAt),
  };
}

/** A copy outlives its source, so that an expired source never looks as if it had not been copied. */
function expiredCopy(context: RuleContext, point: Point, expiredAt: number): Verdict {
  const { now, policy } = context.inputs;
  const freeAt = slotMs(point.slot) + UNCOPIED_FACTOR * policy.retentionDays * DAY_MS;
  if (freeAt > now) {
    const sources = sourcesOf(context, point);
    if (sources === undefined)
      return handsOff('source-first', 'expired, but the inventory of its source is not complete');
    const kept = sources.find(({ snapshot }) => context.sourceVerdicts?.get(snapshot.id)?.kind === 'keep');
    if (kept !== undefined)
      return keep('source-first', `expired, but its source ${kept.snapshot.id} is kept`);
  }
  return { kind: 'remove', rule: 'expired', reason: ageText(context, point), dueAt: expiredAt };
}

/** Good sources of the same point; `undefined` when the source region is not known well enough. */
export function sourcesOf(context: RuleContext, point: Point): readonly Item[] | undefined {
  const facts = context.regions.get(context.inputs.source);
  if (facts === undefined || facts.problem !== undefined) return undefined;
  return facts.completed.get(pointKey(point)) ?? [];
}

interface Copies {
  /** Destinations without a good copy, those that are not known among them. */
  readonly lacking: readonly Region[];
  readonly unknown: readonly Region[];
  /** When the last of the copies was completed, ms; 0 without destinations. */
  readonly since: number;
}

/** Copies of this point (vault, policy, volume and slot), whichever duplicate of the source they were made of. */
function copiesOf({ inputs, regions }: RuleContext, point: Point): Copies {
  const lacking: Region[] = [];
  const unknown: Region[] = [];
  let since = 0;
  for (const destination of inputs.policy.destinations) {
    const facts = regions.get(destination);
    if (facts === undefined || facts.problem !== undefined) {
      unknown.push(destination);
      lacking.push(destination);
      continue;
    }
    const good = facts.completed.get(pointKey(point)) ?? [];
    if (good.length === 0) lacking.push(destination);
    else since = Math.max(since, Math.min(...good.map((item) => arrivedAt(item.snapshot))));
  }
  return { lacking, unknown, since };
}
