import type { SnapshotId } from './ids.ts';
import type { Snapshot } from './model.ts';
import { compare } from './order.ts';
import { DAY_MS, HOUR_MS, type Policy } from './policy.ts';
import { type Item, type Listing, listingOf, regionFacts } from './retention-facts.ts';
import { type Group, groupsOf } from './retention-groups.ts';
import { CLOCK_SKEW_MS, capProblem, planProblem, type Removal } from './retention-guard.ts';
import { type RuleContext, sourcesOf, type Verdict, verdictOf } from './retention-rules.ts';
import type { PruneDecision, PruneInputs, PrunePlan, PruneRefusal } from './retention-types.ts';
import { type Slot, slotMs } from './slot.ts';

/** A condemnation that is so much older than the grace period is a relic: the snapshot was in the Recycle Bin. */
const STALE_MS = 7 * DAY_MS;

/** What is drafted for one region. */
interface RegionDrafts {
  readonly listing: Listing;
  /** Under the slot, or under nothing for what has none. */
  readonly bySlot: Map<string, PruneDecision[]>;
  /** Those of them that the cap is for. */
  readonly removals: Removal[];
  count: number;
  newestStart: number;
}

/**
 * Decides for every snapshot of every region whether it stays, and by which rule. Pure: the same inventory in any
 * order gives the same plan.
 *
 * A snapshot goes in two phases, in two runs: `condemn` now, `delete` in a later plan that finds it condemned for the
 * grace period and still wants it gone. (With a grace of 0 h the caller may plan again at once.) A condemned snapshot
 * that is to stay is pardoned. Anything odd (an incomplete inventory, a clock or a policy that cannot be right, more
 * removals than ageing explains) means that nothing is done in that region, and a refusal says why.
 */
export function planPrune(inputs: PruneInputs): PrunePlan {
  const listings = [...inputs.regions]
    .sort(
      (a, b) =>
        Number(b.region === inputs.source) - Number(a.region === inputs.source) ||
        compare(a.region, b.region),
    )
    .map(listingOf);
  const groups = groupsOf(listings);
  const plan = planFrom(inputs, draftAll(inputs, listings, groups, true));
  // A refused source deletes nothing, so its copies wait for it: they are drafted anew.
  const sourceIsRefused = plan.refusals.some(({ region }) => region === inputs.source);
  return sourceIsRefused ? planFrom(inputs, draftAll(inputs, listings, groups, false)) : plan;
}

/** @param sourcesGo whether what is to be deleted in the source region counts as gone for its copies */
function draftAll(
  inputs: PruneInputs,
  listings: readonly Listing[],
  groups: readonly Group[],
  sourcesGo: boolean,
): readonly RegionDrafts[] {
  const all = listings.map(
    (listing): RegionDrafts => ({
      listing,
      bySlot: new Map(),
      removals: [],
      count: 0,
      newestStart: Number.NEGATIVE_INFINITY,
    }),
  );
  const ageTexts = new Map<Slot, string>();
  for (const group of groups) draftGroup(inputs, group, all, { sourcesGo, ageTexts });
  return all;
}

function draftGroup(
  inputs: PruneInputs,
  group: Group,
  all: readonly RegionDrafts[],
  { sourcesGo, ageTexts }: { readonly sourcesGo: boolean } & Pick<RuleContext, 'ageTexts'>,
): void {
  const facts = all.map(({ listing }, place) => regionFacts(inputs, listing, group[place] ?? []));
  const regions = new Map(facts.map((each) => [each.inventory.region, each]));
  let sourceVerdicts: ReadonlyMap<SnapshotId, Verdict> = new Map();
  const gone = new Set<SnapshotId>();
  for (const [place, into] of all.entries()) {
    const here = facts[place];
    if (here === undefined) continue;
    const isSource = here.inventory.region === inputs.source;
    const context: RuleContext = { inputs, here, regions, sourceVerdicts, ageTexts };
    const verdicts = new Map(here.items.map((item) => [item.snapshot.id, verdictOf(context, item)]));
    if (isSource) sourceVerdicts = verdicts;
    for (const item of here.items) {
      const phase = phaseNow(context, item, verdicts.get(item.snapshot.id) as Verdict, gone);
      draft(into, item, phase);
      if (isSource && sourcesGo && phase.kind === 'delete') gone.add(item.snapshot.id);
    }
  }
}

/** Books a decision. They are kept until the whole plan is made, and so are put where they belong at once. */
function draft(into: RegionDrafts, { snapshot, ownership }: Item, phase: Phase): void {
  const { kind, rule, reason, dueAt } = phase;
  const { id: snapshotId, region, sizeGiB } = snapshot;
  const point = ownership.kind === 'owned' ? ownership.point : undefined;
  const decision: PruneDecision =
    point === undefined
      ? { snapshotId, region, kind, rule, reason, sizeGiB }
      : { snapshotId, region, kind, rule, reason, sizeGiB, slot: point.slot, volumeId: point.volumeId };
  const slot = point?.slot ?? '';
  const same = into.bySlot.get(slot);
  if (same === undefined) into.bySlot.set(slot, [decision]);
  else same.push(decision);
  if (isRemovalOfData(phase)) into.removals.push(dueAt === undefined ? {} : { dueAt });
  if (point === undefined) return;
  into.count += 1;
  into.newestStart = Math.max(into.newestStart, snapshot.startedAt);
}

/** What failed holds no data, and keeps its volume busy until it is gone: the cap is not for it. */
const isRemovalOfData = ({ kind, rule }: Phase): boolean =>
  (kind === 'condemn' || kind === 'delete') && rule !== 'failed';

/** Refuses what is too much, and puts the rest in order. */
function planFrom(inputs: PruneInputs, all: readonly RegionDrafts[]): PrunePlan {
  const everywhere = planProblem(inputs, all);
  const refusals: PruneRefusal[] = [];
  const decisions = all.map((each): readonly PruneDecision[] => {
    const { listing, removals } = each;
    const problem = everywhere ?? listing.problem;
    const refusal = problem ?? capProblem(inputs, each, removals);
    const drafted = inOrder(each);
    if (refusal === undefined) return drafted;
    refusals.push({ region: listing.inventory.region, reason: refusal });
    return drafted.map((decision) =>
      refused(decision, listing, decision.rule === 'failed' ? problem : refusal),
    );
  });
  return { decisions: decisions.flat(), refusals };
}

/** Oldest first, so that a run that stops half-way has done what was most due; then as the groups are: by volume and id. */
const inOrder = ({ bySlot }: RegionDrafts): readonly PruneDecision[] =>
  [...bySlot].sort(([a], [b]) => compare(a, b)).flatMap(([, same]) => same);

/** From what the rules say to what is done now, and why. */
interface Phase extends Pick<PruneDecision, 'kind' | 'rule' | 'reason'> {
  /** When the rules let go of it, ms; for the cap. */
  readonly dueAt?: number;
}

/** The two phases. */
function phaseNow(
  context: RuleContext,
  item: Item,
  verdict: Verdict,
  goneSources: ReadonlySet<SnapshotId>,
): Phase {
  const point = item.ownership.kind === 'owned' ? item.ownership.point : undefined;
  const { rule, reason } = verdict;
  const condemnedAt = point?.condemnedAt;
  if (verdict.kind === 'keep') {
    return { kind: condemnedAt !== undefined && !verdict.handsOff ? 'pardon' : 'keep', rule, reason };
  }
  const removal = { rule, reason, ...(verdict.dueAt === undefined ? {} : { dueAt: verdict.dueAt }) };
  if (condemnedAt === undefined) return { kind: 'condemn', ...removal };
  if (point?.deletedAt !== undefined) return cameBack(point.deletedAt, context.inputs.now);
  return waitingOf(context, item, condemnedAt, goneSources) ?? { kind: 'delete', ...removal };
}

/** How long a snapshot stays condemned. One that failed holds nothing that somebody might want back. */
export const graceMsOf = (
  { graceHours }: Pick<Policy, 'graceHours'>,
  { state }: Pick<Snapshot, 'state'>,
): number => (state === 'error' ? 0 : graceHours * HOUR_MS);

/**
 * It is condemned anew by the next run, and so has the whole grace period before it can go again. While another run may
 * be about to delete it the mark stays: no run lasts an hour, however wrong a clock is.
 */
const cameBack = (deletedAt: number, now: number): Phase => ({
  kind: now - deletedAt > CLOCK_SKEW_MS ? 'pardon' : 'keep',
  rule: 'came-back',
  reason: `the vault deleted it at ${new Date(deletedAt).toISOString()}, and it is here: taken back from the Recycle Bin, or EC2 did not delete it. backup:hold keeps it for good`,
});

/** Why a condemned snapshot is not deleted yet, by the age of its condemnation. */
function phaseOf({ now, policy }: PruneInputs, { snapshot }: Item, condemnedAt: number): Phase | undefined {
  const graceMs = graceMsOf(policy, snapshot);
  const ageMs = now - condemnedAt;
  const at = new Date(condemnedAt).toISOString();
  if (ageMs < -CLOCK_SKEW_MS) {
    return {
      kind: 'pardon',
      rule: 'stale-condemnation',
      reason: `condemned at ${at}, which is in the future`,
    };
  }
  if (ageMs > graceMs + STALE_MS) {
    const reason = `condemned at ${at}, too long ago: it came back, or nothing ran. backup:hold keeps it for good`;
    return { kind: 'pardon', rule: 'stale-condemnation', reason };
  }
  if (ageMs < graceMs) {
    return {
      kind: 'keep',
      rule: 'grace',
      reason: `condemned at ${at}, deleted ${policy.graceHours} h later`,
    };
  }
  return undefined;
}

/** Why a condemned snapshot is not deleted in this run; `undefined` when it is. */
function waitingOf(
  context: RuleContext,
  item: Item,
  condemnedAt: number,
  goneSources: ReadonlySet<SnapshotId>,
): Phase | undefined {
  const phase = phaseOf(context.inputs, item, condemnedAt);
  if (phase?.rule === 'grace') return phase;
  // What waits for something else stays condemned however long that takes: no coming and going of the tag.
  return floorFirst(context, item) ?? sourceFirst(context, item, goneSources) ?? phase;
}

/** While a volume has fewer good points than the floor, a duplicate is the next best thing: it stays condemned. */
function floorFirst(context: RuleContext, item: Item): Phase | undefined {
  const { inputs, here } = context;
  const { ownership } = item;
  if (ownership.kind !== 'owned' || item.snapshot.state !== 'completed' || !isSpare(context, item))
    return undefined;
  const points = here.lines.get(ownership.point.volumeId)?.length ?? 0;
  if (points >= inputs.policy.keepMin) return undefined;
  const reason = `a duplicate, but the volume has ${points} good points here and ${inputs.policy.keepMin} are to be kept`;
  return { kind: 'keep', rule: 'floor', reason };
}

/** An expired copy waits until its source is gone, or goes in this very plan, which deletes sources first. */
function sourceFirst(
  context: RuleContext,
  item: Item,
  goneSources: ReadonlySet<SnapshotId>,
): Phase | undefined {
  const { inputs } = context;
  const point = item.ownership.kind === 'owned' ? item.ownership.point : undefined;
  if (point?.copiedFrom === undefined || item.snapshot.state !== 'completed' || isSpare(context, item))
    return undefined;
  if (inputs.now - slotMs(point.slot) >= 2 * inputs.policy.retentionDays * DAY_MS) return undefined;
  const left = sourcesOf(context, point)?.find(({ snapshot }) => !goneSources.has(snapshot.id));
  if (left === undefined) return undefined;
  return { kind: 'keep', rule: 'source-first', reason: `its source ${left.snapshot.id} goes first` };
}

/** A duplicate: another copy of the same point is kept. */
function isSpare({ here }: RuleContext, { snapshot, ownership }: Item): boolean {
  if (ownership.kind !== 'owned') return false;
  const { volumeId, slot } = ownership.point;
  const first = here.lines.get(volumeId)?.find((good) => good.point.slot === slot);
  return first !== undefined && first.snapshot.id !== snapshot.id;
}

const NOT_DONE = { condemn: 'not condemned', pardon: 'not pardoned', delete: 'not deleted' } as const;

/** Nothing is done in a refused region; what would have been done is still told. */
function refused(decision: PruneDecision, here: Listing, refusal: string | undefined): PruneDecision {
  if (refusal === undefined || decision.kind === 'keep') return decision;
  const rule = here.problem === undefined ? 'refused' : 'incomplete';
  return {
    ...decision,
    kind: 'keep',
    rule,
    reason: `${NOT_DONE[decision.kind]} (${decision.rule}): ${refusal}`,
  };
}
