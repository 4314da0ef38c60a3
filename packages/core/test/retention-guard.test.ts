import { describe, expect, it } from 'vitest';
import {
  type Policy,
  type PruneInputs,
  type PruneLimits,
  planPrune,
  type Region,
  type Snapshot,
} from '../src/index.ts';
import {
  AWAY,
  anInventory,
  aPolicy,
  aSource,
  DAY,
  dailyCopies,
  dailySources,
  HOME,
  NOW,
  pruneInputs,
  slotDaysAgo,
} from './builders.ts';

const days = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const acted = (inputs: PruneInputs): readonly string[] =>
  planPrune(inputs)
    .decisions.filter((each) => each.kind !== 'keep')
    .map((each) => each.snapshotId);
const refusals = (inputs: PruneInputs): readonly string[] =>
  planPrune(inputs).refusals.map((each) => `${each.region}: ${each.reason}`);
const alone = (
  sources: readonly Snapshot[],
  policy: Partial<Policy> = {},
  with_: Partial<PruneInputs> = {},
): PruneInputs =>
  pruneInputs(sources, [], {
    policy: aPolicy({ destinations: [], ...policy }),
    regions: [anInventory(HOME, sources)],
    ...with_,
  });
const limits = (deletesPerRunMax: number, deleteShareMax = 1): { limits: PruneLimits } => ({
  limits: { deletesPerRunMax, deleteShareMax },
});

describe('an inventory that is not complete', () => {
  const sources = dailySources(days(0, 9));
  const copies = dailyCopies(days(0, 9));

  it.each([
    ['by its own account', HOME, anInventory(HOME, sources, { problem: 'page 3 failed' })],
    ['as it lists a snapshot twice', HOME, anInventory(HOME, [...sources, ...sources.slice(0, 1)])],
    [
      'as it holds another region',
      HOME,
      anInventory(HOME, [...sources, aSource({ id: 99 }, { region: 'us-west-2' as Region })]),
    ],
  ])('(%s) means that nothing is done there', (_, region, inventory) => {
    const plan = planPrune(pruneInputs([], [], { regions: [inventory, anInventory(AWAY, copies)] }));

    expect(plan.refusals.map((each) => each.region)).toEqual([region]);
    expect(plan.decisions.filter((each) => each.region === region && each.kind !== 'keep')).toEqual([]);
    expect(plan.decisions.filter((each) => each.rule === 'incomplete').length).toBeGreaterThan(0);
  });

  it('does not stop the other regions', () => {
    const regions = [anInventory(HOME, sources), anInventory(AWAY, copies, { problem: 'down' })];

    const plan = planPrune(pruneInputs([], [], { regions, policy: aPolicy({ destinations: [] }) }));

    expect(plan.refusals.map((each) => each.region)).toEqual([AWAY]);
    expect(plan.decisions.some((each) => each.region === HOME && each.kind === 'condemn')).toBe(true);
  });
});

describe('a clock', () => {
  const sources = dailySources(days(0, 9));

  it('that is behind EC2 by more than an hour is not believed', () => {
    expect(refusals(alone(sources, {}, { now: NOW - 2 * DAY }))).toEqual([
      expect.stringContaining('the clock is wrong'),
    ]);
    expect(refusals(alone(sources, {}, { now: Date.parse(slotDaysAgo(0)) }))).toEqual([]);
  });

  it('that has jumped ten years is not believed', () => {
    const inputs = alone(sources, {}, { now: NOW + 3_650 * DAY });

    expect(acted(inputs)).toEqual([]);
    expect(refusals(inputs)).toEqual([expect.stringContaining('one of them is wrong')]);
  });

  it('that is no number is not believed', () => {
    expect(acted(alone(sources, {}, { now: Number.NaN }))).toEqual([]);
  });
});

describe('a policy that cannot be right', () => {
  it.each([
    ['retentionDays', { retentionDays: 0 }],
    ['retentionDays', { retentionDays: Number.NaN }],
    ['retentionDays', { retentionDays: -1 }],
    ['keepMin', { keepMin: 0 }],
    ['graceHours', { graceHours: -1 }],
    ['destinations', { destinations: [AWAY, AWAY] }],
  ])('(%s) means that nothing is done anywhere', (name, change) => {
    const inputs = alone(dailySources(days(0, 9)), change);

    expect(acted(inputs)).toEqual([]);
    expect(refusals(inputs)).toEqual([expect.stringContaining(name)]);
  });

  it.each([
    { deletesPerRunMax: Number.NaN, deleteShareMax: 0.2 },
    { deletesPerRunMax: 1, deleteShareMax: 20 },
  ])('nor with limits %j', (bad) => {
    expect(refusals(alone(dailySources(days(0, 9)), {}, { limits: bad }))).toHaveLength(1);
  });
});

describe('the cap', () => {
  it('refuses the whole plan of a region when a retention is cut', () => {
    const sources = dailySources(days(0, 30));

    const cut = planPrune(alone(sources, { retentionDays: 7 }));

    expect(cut.refusals).toHaveLength(1);
    expect(cut.refusals[0]?.reason).toMatch(
      /removes 24 of 31 snapshots, \d+ of them not explained by ageing; at most 10/,
    );
    expect(cut.decisions.filter((each) => each.kind !== 'keep')).toEqual([]);
    expect(cut.decisions.filter((each) => each.rule === 'refused')).toHaveLength(24);
    expect(cut.decisions.find((each) => each.rule === 'refused')?.reason).toMatch(
      /^not condemned \(expired\): /,
    );
  });

  it('always allows 10, and more by share and number, whichever is less', () => {
    // 7 days are kept and 120 hours explained: of 0 to 32 days, 12 to 32 are 21 unexplained ones.
    const sources = dailySources(days(0, 32));

    expect(refusals(alone(sources, { keepMin: 1 }, limits(21)))).toEqual([]);
    expect(refusals(alone(sources, { keepMin: 1 }, limits(20)))).toHaveLength(1);
    expect(refusals(alone(sources, { keepMin: 1 }, limits(200, 0.6)))).toHaveLength(1);
    expect(refusals(alone(dailySources(days(0, 21)), { keepMin: 1 }, limits(0, 0)))).toEqual([]);
    expect(refusals(alone(dailySources(days(0, 22)), { keepMin: 1 }, limits(0, 0)))).toHaveLength(1);
  });

  it('lets any number go that has just aged, as it came in that number', () => {
    const sources = days(1, 300).flatMap((volume) =>
      dailySources([0, 1, 2, 7], { volume, first: volume * 10 }),
    );

    const plan = planPrune(alone(sources, {}, limits(5, 0)));

    expect(plan.refusals).toEqual([]);
    expect(plan.decisions.filter((each) => each.kind === 'condemn')).toHaveLength(300);
  });

  it('lets any number go that the floor has let go, after a long time without backups', () => {
    const sources = days(1, 50).flatMap((volume) =>
      dailySources([0, 40, 41, 42], { volume, first: volume * 10 }),
    );

    const plan = planPrune(alone(sources, {}, limits(5, 0)));

    expect(plan.refusals).toEqual([]);
    expect(plan.decisions.filter((each) => each.kind === 'condemn')).toHaveLength(50);
  });

  it('is not for what failed: it holds no data, and blocks its volume until it is gone', () => {
    const failed = days(100, 150).map((id) => aSource({ id, slot: slotDaysAgo(1) }, { state: 'error' }));
    const ruleOf = (snapshots: readonly Snapshot[]) =>
      planPrune(alone(snapshots, { retentionDays: 7 })).decisions.flatMap(({ kind, rule }) =>
        kind === 'keep' ? [] : [`${kind} ${rule}`],
      );

    expect(new Set(ruleOf([...dailySources([0, 1, 2]), ...failed]))).toEqual(new Set(['condemn failed']));
    expect(ruleOf([...dailySources(days(0, 30)), ...failed])).toHaveLength(failed.length);
  });

  it('counts duplicates as unexplained', () => {
    const twins = (count: number): Snapshot[] =>
      Array.from({ length: count }, (_, index) =>
        aSource({ id: 500 + index, slot: slotDaysAgo(0) }, { startedAt: NOW - index }),
      );

    expect(refusals(alone([...dailySources([0, 1, 2]), ...twins(10)], {}, limits(5, 0)))).toEqual([]);
    expect(refusals(alone([...dailySources([0, 1, 2]), ...twins(11)], {}, limits(5, 0)))).toHaveLength(1);
  });
});
