import { describe, expect, it } from 'vitest';
import { type PruneDecision, type PruneInputs, planPrune, type Slot, type Snapshot } from '../src/index.ts';
import {
  AWAY,
  aCopy,
  anInventory,
  aPolicy,
  aSource,
  DAY,
  dailyCopies,
  dailySources,
  FAR,
  HOME,
  HOUR,
  NOW,
  pruneInputs,
  slotDaysAgo,
  snapshotId,
  volumeId,
} from './builders.ts';

/** No destinations: rules that have nothing to do with copies. */
const alone = (sources: readonly Snapshot[], with_: Partial<PruneInputs> = {}): PruneInputs =>
  pruneInputs(sources, [], {
    policy: aPolicy({ destinations: [] }),
    regions: [anInventory(HOME, sources)],
    ...with_,
  });
const decide = (inputs: PruneInputs, id: number): PruneDecision => {
  const found = planPrune(inputs).decisions.filter((each) => each.snapshotId === snapshotId(id));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} decisions`);
  return found[0];
};
const fresh = [0, 1, 2, 3];

describe('by age', () => {
  it('keeps until the retention is over, by slot, to the second', () => {
    const expires = Date.parse(slotDaysAgo(8)) + 7 * DAY;
    const sources = [...dailySources([2, 3, 4]), ...dailySources([8], { first: 9 })];

    expect(decide(alone(sources, { now: expires - 1 }), 9)).toMatchObject({
      kind: 'keep',
      rule: 'retention',
    });
    expect(decide(alone(sources, { now: expires }), 9)).toMatchObject({ kind: 'condemn', rule: 'expired' });
  });

  it('ranks by slot, never by the time a snapshot was started', () => {
    const made = aSource({ id: 9, slot: slotDaysAgo(8) }, { startedAt: NOW, completedAt: NOW });

    expect(decide(alone([...dailySources(fresh), made]), 9)).toMatchObject({
      kind: 'condemn',
      rule: 'expired',
    });
  });

  it('keeps what is from the future, and does not count it to the floor', () => {
    const future = [1, 2, 3].map((days, index) =>
      aSource({ id: 50 + index, slot: slotDaysAgo(-days) }, { startedAt: NOW }),
    );
    const old = dailySources([30, 31, 32, 33]);

    const { decisions } = planPrune(alone([...old, ...future]));

    expect(decisions.map((each) => [each.rule, each.kind])).toEqual([
      ['expired', 'condemn'],
      ['floor', 'keep'],
      ['floor', 'keep'],
      ['newest', 'keep'],
      ['future', 'keep'],
      ['future', 'keep'],
      ['future', 'keep'],
    ]);
  });

  it('keeps the newest good points of a volume whatever their age, also of one that is long gone', () => {
    const { decisions } = planPrune(alone(dailySources([100, 101, 102, 103, 104])));

    expect(decisions.map((each) => each.rule)).toEqual(['expired', 'expired', 'floor', 'floor', 'newest']);
  });

  it('does not count failed, pending or archived ones, nor other policies, to the floor', () => {
    const good = dailySources([100, 101, 102]);
    const others = [
      aSource({ id: 50, slot: slotDaysAgo(1) }, { state: 'error', startedAt: NOW - HOUR / 2 }),
      aSource({ id: 51, slot: slotDaysAgo(2) }, { state: 'pending' }),
      aSource({ id: 52, slot: slotDaysAgo(3) }, { storageTier: 'archive' }),
      aSource({ id: 53, slot: slotDaysAgo(3), policy: 'weekly' }),
      aSource({ id: 54, slot: slotDaysAgo(3), volume: 2 }),
      aSource({ id: 55, slot: slotDaysAgo(3), tags: { 'aws:dlm:managed': 'true' } }),
    ];

    const { decisions } = planPrune(alone([...good, ...others]));

    expect(decisions.filter((each) => each.kind !== 'keep')).toEqual([]);
  });

  it('has a floor for each volume and region by itself', () => {
    const inputs = pruneInputs(dailySources([0, 20]), dailyCopies([20]), { policy: aPolicy({ keepMin: 1 }) });

    const rules = new Map(planPrune(inputs).decisions.map((each) => [each.snapshotId, each.rule]));

    expect(rules.get(snapshotId(1001))).toBe('newest');
    expect(rules.get(snapshotId(2))).toBe('expired');
  });
});

describe('keeps its hands off', () => {
  const old = (tags: Record<string, string>, with_: Partial<Snapshot> = {}): readonly Snapshot[] => [
    ...dailySources(fresh),
    aSource({ id: 9, slot: slotDaysAgo(20), tags }, with_),
  ];

  it.each([
    ['held for ever', 'hold', { 'backup:hold': 'legal case' }, {}],
    ['held until tomorrow', 'hold', { 'backup:hold': '2026-11-23' }, {}],
    ['archived', 'archived', {}, { storageTier: 'archive' }],
    ['of AWS Backup', 'aws-managed', { 'aws:backup:source-resource': 'x' }, {}],
    ['of Data Lifecycle Manager', 'aws-managed', { 'aws:dlm:lifecycle-policy-id': 'x' }, {}],
    ['foreign', 'foreign', { 'smart-vault:vault': 'theirs' }, {}],
    ['malformed', 'malformed', { 'smart-vault:instance': '?' }, {}],
    ['of a policy that is not known', 'other-policy', { 'smart-vault:policy': 'weekly' }, {}],
    ['pending', 'pending', {}, { state: 'pending' }],
    ['in the Recycle Bin', 'pending', {}, { state: 'recoverable' }],
  ] as const)('of what is %s', (_, rule, tags, with_) => {
    expect(decide(alone(old(tags, with_)), 9)).toMatchObject({ kind: 'keep', rule });
  });

  it.each(['locked', 'inImages'] as const)('of what is %s', (which) => {
    const sources = old({});
    const inventory = anInventory(HOME, sources, { [which]: new Set([snapshotId(9)]) });

    expect(decide(alone(sources, { regions: [inventory] }), 9).kind).toBe('keep');
  });

  it('but not of what was held until yesterday', () => {
    expect(decide(alone(old({ 'backup:hold': '2026-11-21' })), 9).kind).toBe('condemn');
  });

  it('of a copy in the source region and of a source in a destination: nobody may guess what they are', () => {
    const astray = aCopy({ id: 9, slot: slotDaysAgo(20) }, { region: HOME });
    const stray = aSource({ id: 10, slot: slotDaysAgo(20) }, { region: AWAY });

    const { decisions } = planPrune(
      pruneInputs([...dailySources(fresh), astray], [...dailyCopies(fresh), stray]),
    );

    expect(decisions.filter((each) => each.rule === 'malformed').map((each) => each.snapshotId)).toEqual([
      snapshotId(9),
      snapshotId(10),
    ]);
  });
});

describe('duplicates', () => {
  it('keeps the one that was started first, and condemns the others although they are young', () => {
    const twin = (id: number, startedAt: number): Snapshot =>
      aSource({ id, slot: slotDaysAgo(0) }, { startedAt });
    const sources = [
      ...dailySources([1, 2, 3]),
      twin(20, NOW - 60_000),
      twin(21, NOW - 90_000),
      twin(22, NOW - 90_000),
    ];

    expect(decide(alone(sources), 21)).toMatchObject({ kind: 'keep', rule: 'newest' });
    expect(decide(alone(sources), 20)).toMatchObject({ kind: 'condemn', rule: 'duplicate' });
    expect(decide(alone(sources), 22)).toMatchObject({ kind: 'condemn', rule: 'duplicate' });
  });

  it('keeps a source duplicate as long as its point has no good copy', () => {
    const twin = aSource({ id: 20, slot: slotDaysAgo(0) }, { startedAt: NOW });

    expect(decide(pruneInputs([...dailySources(fresh), twin]), 20)).toMatchObject({
      kind: 'keep',
      rule: 'no-copy',
    });
    expect(decide(pruneInputs([...dailySources(fresh), twin], dailyCopies(fresh)), 20).rule).toBe(
      'duplicate',
    );
  });

  it('does not delete a duplicate while the volume has fewer points than the floor', () => {
    const condemnedAt = NOW - 25 * HOUR;
    const twin = aSource({ id: 20, slot: slotDaysAgo(0), condemnedAt }, { startedAt: NOW });

    expect(decide(alone([...dailySources([0, 1]), twin]), 20)).toMatchObject({ kind: 'keep', rule: 'floor' });
    expect(decide(alone([...dailySources([0, 1, 2]), twin]), 20)).toMatchObject({
      kind: 'delete',
      rule: 'duplicate',
    });
  });

  it('does not take a failed or pending twin for a reason to remove a good one', () => {
    const twin = (state: Snapshot['state']): Snapshot =>
      aSource({ id: 20, slot: slotDaysAgo(0) }, { state, startedAt: 0 });

    for (const state of ['error', 'pending'] as const) {
      expect(decide(alone([...dailySources(fresh), twin(state)]), 1)).toMatchObject({
        kind: 'keep',
        rule: 'newest',
      });
    }
  });
});

describe('failed snapshots', () => {
  const failed = (hours: number, condemnedAt?: number): Snapshot =>
    aSource(
      { id: 9, slot: slotDaysAgo(0), ...(condemnedAt === undefined ? {} : { condemnedAt }) },
      { state: 'error', startedAt: NOW - hours * HOUR },
    );

  const failedCopy = (hours: number) =>
    aCopy({ id: 1009, of: 9, slot: slotDaysAgo(0) }, { state: 'error', startedAt: NOW - hours * HOUR });
  const withCopy = (hours: number) =>
    pruneInputs(dailySources(fresh), [...dailyCopies(fresh), failedCopy(hours)]);

  it('are condemned after an hour, as they block their volume', () => {
    expect(decide(alone([...dailySources(fresh), failed(0.9)]), 9)).toMatchObject({
      kind: 'keep',
      rule: 'recent-failure',
    });
    expect(decide(alone([...dailySources(fresh), failed(1)]), 9)).toMatchObject({
      kind: 'condemn',
      rule: 'failed',
    });
  });

  it('stay for a day when they are copies, as they count as attempts', () => {
    expect(decide(withCopy(23.9), 1009)).toMatchObject({ kind: 'keep', rule: 'recent-failure' });
    expect(decide(withCopy(24), 1009)).toMatchObject({ kind: 'condemn', rule: 'failed' });
  });

  it('are deleted by the next run, without a grace period: they hold nothing', () => {
    expect(decide(alone([...dailySources(fresh), failed(7, NOW - 6 * HOUR)]), 9)).toMatchObject({
      kind: 'delete',
      rule: 'failed',
    });
  });
});

describe('replica first', () => {
  const sources = [...dailySources(fresh), ...dailySources([8, 15], { first: 8 })];
  const enough = dailyCopies(fresh);

  it('keeps an expired source that a destination has no good copy of', () => {
    const inputs = pruneInputs(sources, [
      ...enough,
      aCopy({ id: 1100, of: 8, slot: slotDaysAgo(8) }, { state: 'pending' }),
    ]);

    expect(decide(inputs, 8)).toMatchObject({
      kind: 'keep',
      rule: 'no-copy',
      reason: expect.stringContaining(AWAY),
    });
  });

  it('lets it go once every destination has one', () => {
    const copies = [...enough, aCopy({ id: 1100, of: 8, slot: slotDaysAgo(8) })];
    const there = (far: readonly Snapshot[]): PruneInputs =>
      pruneInputs(sources, copies, {
        policy: aPolicy({ destinations: [AWAY, FAR] }),
        regions: [anInventory(HOME, sources), anInventory(AWAY, copies), anInventory(FAR, far)],
      });

    expect(decide(pruneInputs(sources, copies), 8)).toMatchObject({ kind: 'condemn', rule: 'expired' });
    expect(decide(there([]), 8)).toMatchObject({ kind: 'keep', reason: expect.stringContaining(FAR) });
    expect(decide(there([aCopy({ id: 2001, of: 8, slot: slotDaysAgo(8), region: FAR })]), 8).kind).toBe(
      'condemn',
    );
  });

  it('gives up after twice the retention, and says so loudly', () => {
    expect(decide(pruneInputs(sources, enough), 9)).toMatchObject({
      kind: 'condemn',
      rule: 'expired-uncopied',
      reason: expect.stringContaining('NO GOOD COPY'),
    });
  });

  it('never gives up while it cannot look into the destination', () => {
    const blind = [anInventory(HOME, sources), anInventory(AWAY, [], { problem: 'page 2 failed' })];

    for (const regions of [blind, blind.slice(0, 1)]) {
      expect(decide(pruneInputs(sources, [], { regions }), 9)).toMatchObject({
        kind: 'keep',
        rule: 'no-copy',
      });
    }
  });

  it('does not pardon what was condemned while it cannot look: nobody knows that it is to be kept', () => {
    const condemnedAt = NOW - 25 * HOUR;
    const condemned = [...sources, aSource({ id: 10, slot: slotDaysAgo(9), condemnedAt })];
    const regions = [anInventory(HOME, condemned), anInventory(AWAY, [], { problem: 'page 2 failed' })];

    expect(decide(pruneInputs(condemned, [], { regions }), 10)).toMatchObject({
      kind: 'keep',
      rule: 'no-copy',
    });
    expect(decide(pruneInputs(condemned, enough), 10)).toMatchObject({ kind: 'pardon', rule: 'no-copy' });
  });
});

describe('a copy', () => {
  const slot: Slot = slotDaysAgo(8);
  const condemnedAt = NOW - 25 * HOUR;
  const copies = [...dailyCopies(fresh), aCopy({ id: 1100, of: 8, slot, condemnedAt })];
  const with_ = (...sources: readonly Snapshot[]): PruneInputs =>
    pruneInputs([...dailySources(fresh), ...sources], copies);

  it('goes when its source is gone', () => {
    expect(decide(with_(), 1100)).toMatchObject({ kind: 'delete', rule: 'expired' });
  });

  it('goes in the run in which its source goes, after it', () => {
    const { decisions } = planPrune(with_(aSource({ id: 8, slot, condemnedAt })));

    expect(decisions.filter((each) => each.kind === 'delete').map((each) => each.region)).toEqual([
      HOME,
      AWAY,
    ]);
  });

  it('waits for a source that goes later, without being pardoned', () => {
    expect(decide(with_(aSource({ id: 8, slot })), 1100)).toMatchObject({
      kind: 'keep',
      rule: 'source-first',
    });
  });

  it('is pardoned when its source is kept', () => {
    expect(decide(with_(aSource({ id: 8, slot, tags: { 'backup:hold': 'x' } })), 1100)).toMatchObject({
      kind: 'pardon',
      rule: 'source-first',
    });
  });

  it('stays while the source region cannot be listed, and no longer than twice the retention', () => {
    const old = aCopy({ id: 1101, of: 9, slot: slotDaysAgo(14), condemnedAt });
    const regions = [
      anInventory(HOME, [], { problem: 'the region is down' }),
      anInventory(AWAY, [...copies, old]),
    ];

    expect(decide(pruneInputs([], [], { regions }), 1100)).toMatchObject({
      kind: 'keep',
      rule: 'source-first',
    });
    expect(decide(pruneInputs([], [], { regions }), 1101)).toMatchObject({ kind: 'delete' });
  });
});

it('tells of each snapshot what it is, and why in words', () => {
  expect(decide(alone([...dailySources(fresh), ...dailySources([20], { first: 9 })]), 9)).toEqual({
    snapshotId: snapshotId(9),
    region: HOME,
    kind: 'condemn',
    rule: 'expired',
    reason: '20 days old, kept for 7 days',
    sizeGiB: 100,
    slot: slotDaysAgo(20),
    volumeId: volumeId(1),
  });
});
