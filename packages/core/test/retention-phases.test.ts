import { describe, expect, it } from 'vitest';
import { type PruneDecision, planPrune, type Snapshot } from '../src/index.ts';
import {
  AWAY,
  anInventory,
  aPolicy,
  aSource,
  DAY,
  dailyCopies,
  dailySources,
  HOME,
  HOUR,
  NOW,
  pruneInputs,
  slotDaysAgo,
  snapshotId,
} from './builders.ts';

/** The decision about one expired snapshot that was condemned so long ago. */
function decide(
  condemnedMsAgo: number | undefined,
  graceHours = 24,
  change: Partial<Snapshot> = {},
): PruneDecision | undefined {
  const condemned = condemnedMsAgo === undefined ? {} : { condemnedAt: NOW - condemnedMsAgo };
  const sources = [
    ...dailySources([0, 1, 2]),
    { ...aSource({ id: 9, slot: slotDaysAgo(8), ...condemned }), ...change },
  ];
  const policy = aPolicy({ destinations: [], graceHours });
  const inputs = pruneInputs(sources, [], { policy, regions: [anInventory(HOME, sources)] });
  return planPrune(inputs).decisions.find((each) => each.snapshotId === snapshotId(9));
}

describe('the two phases', () => {
  it.each([
    ['is condemned first', undefined, 24, 'condemn', 'expired'],
    ['is condemned first, with a grace of 0 too', undefined, 0, 'condemn', 'expired'],
    ['waits out the grace', 24 * HOUR - 1, 24, 'keep', 'grace'],
    ['is deleted when the grace is over', 24 * HOUR, 24, 'delete', 'expired'],
    ['is deleted by the next plan with a grace of 0', 0, 0, 'delete', 'expired'],
    ['is deleted days later when the pruner did not run', 8 * DAY, 24, 'delete', 'expired'],
    ['is pardoned when its condemnation is a relic', 8 * DAY + 1, 24, 'pardon', 'stale-condemnation'],
    ['is pardoned when its condemnation is from the future', -2 * HOUR, 24, 'pardon', 'stale-condemnation'],
    ['waits when another clock was a little ahead', -HOUR / 2, 24, 'keep', 'grace'],
  ] as const)('an expired snapshot %s', (_, condemnedMsAgo, graceHours, kind, rule) => {
    expect(decide(condemnedMsAgo, graceHours)).toMatchObject({ kind, rule });
  });
});

describe('what comes back from the Recycle Bin', () => {
  const tagged = (value: string) =>
    decide(undefined, 24, {
      tags: { ...aSource({ slot: slotDaysAgo(8) }).tags, 'smart-vault:condemned-at': value },
    });
  const at = (ms: number) => new Date(ms).toISOString();

  it('is pardoned, however lately it was deleted', () => {
    const back = tagged(`${at(NOW - 2 * DAY)}, deleted ${at(NOW - 2 * HOUR)}`);

    expect(back).toMatchObject({ kind: 'pardon', rule: 'came-back' });
    expect(back?.reason).toContain(`the vault deleted it at ${at(NOW - 2 * HOUR)}, and it is here`);
  });

  it('stays as it is for an hour: another run may be about to delete it', () => {
    expect(tagged(`${at(NOW - 2 * DAY)}, deleted ${at(NOW - HOUR)}`)).toMatchObject({
      kind: 'keep',
      rule: 'came-back',
    });
  });

  it.each([
    ['when it was deleted cannot be read', `${at(NOW - 2 * DAY)}, deleted yesterday`],
    ['since when it is condemned cannot be read', `yesterday, deleted ${at(NOW - HOUR)}`],
    ['it says more than that', `${at(NOW - 2 * DAY)}, deleted ${at(NOW - HOUR)}, deleted ${at(NOW)}`],
  ])('is left alone where %s', (_, value) => {
    expect(tagged(value)).toMatchObject({ kind: 'keep', rule: 'malformed' });
  });
});

describe('a pardon', () => {
  it('comes when the snapshot is to stay after all, for instance as retention was raised', () => {
    const sources = dailySources([0, 1, 2, 3]).map((each) => ({
      ...each,
      tags: { ...each.tags, 'smart-vault:condemned-at': '2026-11-20T00:00:00Z' },
    }));

    const { decisions } = planPrune(pruneInputs(sources));

    expect(decisions.map((each) => [each.kind, each.rule])).toEqual([
      ['pardon', 'retention'],
      ['pardon', 'retention'],
      ['pardon', 'retention'],
      ['pardon', 'newest'],
    ]);
  });

  it('comes when an operator puts a hold on it', () => {
    const tags = {
      ...aSource({ slot: slotDaysAgo(8), condemnedAt: NOW - DAY }).tags,
      'backup:hold': 'audit',
    };

    expect(decide(DAY, 24, { tags })).toMatchObject({ kind: 'pardon', rule: 'hold' });
  });

  it.each([
    ['AWS Backup looks after', { 'aws:backup:x': 'y' }],
    ['another policy made', { 'smart-vault:policy': 'weekly' }],
    ['is malformed', { 'smart-vault:slot': 'x' }],
    ['is foreign', { 'smart-vault:vault': 'x' }],
  ])('does not come for what %s: that is not ours to touch', (_, change) => {
    const tags = { ...aSource({ slot: slotDaysAgo(8), condemnedAt: NOW - DAY }).tags, ...change };

    expect(decide(DAY, 24, { tags })).toMatchObject({ kind: 'keep' });
  });
});

describe('a vault of many volumes', () => {
  const days = [0, 1, 2, 3, 8, 9];
  const volumes = Array.from({ length: 130 }, (_, index) => index + 1);
  const condemnedAt = NOW - DAY;
  const sourcesOf = (volume: number): Snapshot[] =>
    dailySources(days, { volume, first: volume * 10, condemnedAt });
  const copiesOf = (volume: number): Snapshot[] =>
    dailyCopies(days, { volume, first: 100_000 + volume * 10, of: volume * 10, condemnedAt });
  const sources = volumes.flatMap(sourcesOf);
  const copies = volumes.flatMap(copiesOf);

  it('is decided as if each volume had a vault of its own', () => {
    const alone = volumes.flatMap(
      (volume) => planPrune(pruneInputs(sourcesOf(volume), copiesOf(volume))).decisions,
    );
    const together = planPrune(pruneInputs(sources, copies));

    expect(together.refusals).toEqual([]);
    expect(together.decisions.filter((each) => each.kind === 'delete')).toHaveLength(2 * 2 * volumes.length);
    expect(byId(together.decisions)).toEqual(byId(alone));
  });

  it('keeps every copy whose source stays because the plan of its region is refused', () => {
    // Twelve duplicates are more than ageing explains, in the source region only.
    const duplicates = volumes
      .slice(0, 12)
      .map((volume) => aSource({ volume, id: 500_000 + volume, slot: slotDaysAgo(1) }));
    const limits = { deletesPerRunMax: 0, deleteShareMax: 0 };

    const { decisions, refusals } = planPrune(pruneInputs([...sources, ...duplicates], copies, { limits }));

    expect(refusals.map(({ region }) => region)).toEqual([HOME]);
    expect(decisions.filter((each) => each.kind === 'delete')).toEqual([]);
    expect(decisions.filter((each) => each.region === AWAY && each.rule === 'source-first')).toHaveLength(
      2 * volumes.length,
    );
  });
});

const byId = (decisions: readonly PruneDecision[]) =>
  decisions.toSorted((a, b) => (a.snapshotId < b.snapshotId ? -1 : 1));
