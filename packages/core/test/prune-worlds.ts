import fc from 'fast-check';
import type { PruneInputs, Region, RegionInventory, Snapshot, SnapshotId } from '../src/index.ts';
import {
  AWAY,
  aCopy,
  anInventory,
  aPolicy,
  aSource,
  DAY,
  FAR,
  HOME,
  HOUR,
  NOW,
  slotDaysAgo,
  snapshotId,
  VAULT,
} from './builders.ts';

/**
 * Random vaults: a few volumes, many days, every state, and everything that must protect a snapshot, so that rules
 * meet each other. Days are few enough that duplicates, floors and expiries all happen often.
 */

const facts = fc.record({
  volume: fc.integer({ min: 1, max: 3 }),
  daysAgo: fc.oneof(
    { arbitrary: fc.integer({ min: 0, max: 25 }), weight: 12 },
    { arbitrary: fc.integer({ min: -3, max: -1 }), weight: 1 },
  ),
  of: fc.integer({ min: 0, max: 40 }),
  startedAfterMs: fc.integer({ min: 0, max: 6 * HOUR }),
  state: fc.oneof(
    { arbitrary: fc.constant('completed' as const), weight: 12 },
    { arbitrary: fc.constantFrom('pending', 'error', 'recoverable' as const), weight: 2 },
  ),
  condemnedHoursAgo: fc.option(fc.constantFrom(-30, -1, 0, 1, 23, 24, 25, 48, 150, 192, 193, 400), {
    freq: 2,
    nil: undefined,
  }),
  odd: fc.oneof(
    { arbitrary: fc.constant({}), weight: 12 },
    {
      arbitrary: fc.constantFrom<Record<string, string>>(
        { 'backup:hold': 'x' },
        { 'backup:hold': '2026-11-23' },
        { 'backup:hold': '2026-11-01' },
        { 'aws:backup:source-resource': 'x' },
        { 'aws:dlm:managed': 'true' },
        { 'smart-vault:vault': 'other' },
        { 'smart-vault:policy': 'weekly' },
        { 'smart-vault:slot': 'soon' },
        { 'smart-vault:condemned-at': 'x' },
      ),
      weight: 3,
    },
  ),
  storageTier: fc.oneof(
    { arbitrary: fc.constant('standard' as const), weight: 12 },
    { arbitrary: fc.constant('archive' as const), weight: 1 },
  ),
  cameBack: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  isLocked: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
  isInImage: fc.integer({ min: 0, max: 14 }).map((n) => n === 0),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function build(region: Region, list: readonly Facts[], firstId: number): RegionInventory {
  const locked = new Set<SnapshotId>();
  const inImages = new Set<SnapshotId>();
  const snapshots = list.map((each, index): Snapshot => {
    const slot = slotDaysAgo(each.daysAgo);
    const condemned =
      each.condemnedHoursAgo === undefined
        ? {}
        : {
            condemnedAt: NOW - each.condemnedHoursAgo * HOUR,
            ...(each.cameBack ? { deletedAt: NOW - (each.condemnedHoursAgo * HOUR) / 2 } : {}),
          };
    const named = { id: firstId + index, volume: each.volume, slot, tags: each.odd, ...condemned };
    // EC2's clock never runs ahead of ours here: a snapshot with a future slot was started now.
    const startedAt = Math.min(Date.parse(slot) + each.startedAfterMs, NOW);
    const with_ = { state: each.state, storageTier: each.storageTier, startedAt, completedAt: startedAt };
    const snapshot =
      region === HOME ? aSource(named, with_) : aCopy({ ...named, of: each.of, region }, with_);
    if (each.isLocked) locked.add(snapshot.id);
    if (each.isInImage) inImages.add(snapshot.id);
    return snapshot;
  });
  return anInventory(region, snapshots, { locked, inImages });
}

export const UNLIMITED = { deletesPerRunMax: 1_000_000, deleteShareMax: 1 } as const;

/** A vault with up to two destinations. `problems` makes some inventories incomplete. */
export const aWorld = (
  options: { limits?: PruneInputs['limits']; problems?: boolean } = {},
): fc.Arbitrary<PruneInputs> =>
  fc
    .record({
      home: fc.array(facts, { maxLength: 40, size: 'max' }),
      away: fc.array(facts, { maxLength: 40, size: 'max' }),
      far: fc.array(facts, { maxLength: 15, size: 'max' }),
      destinations: fc.constantFrom<Region[]>([], [AWAY], [AWAY, FAR]),
      retentionDays: fc.integer({ min: 1, max: 15 }),
      keepMin: fc.integer({ min: 1, max: 4 }),
      graceHours: fc.constantFrom(0, 1, 24),
      limits: fc.record({
        deletesPerRunMax: fc.constantFrom(0, 5, 200),
        deleteShareMax: fc.constantFrom(0, 0.2, 1),
      }),
      broken: fc.constantFrom<(Region | undefined)[]>([], [], [HOME], [AWAY], [HOME, AWAY]),
    })
    .map(({ home, away, far, limits, broken, ...policy }) => ({
      now: NOW,
      vault: VAULT,
      policy: aPolicy(policy),
      source: HOME,
      limits: options.limits ?? limits,
      regions: [build(HOME, home, 1), build(AWAY, away, 1_001), build(FAR, far, 2_001)].map((inventory) =>
        options.problems && broken.includes(inventory.region)
          ? { ...inventory, problem: 'page 2 failed' }
          : inventory,
      ),
    }));

/** Everything an attacker who may create and tag can add: any tags, but start times are EC2's, that is now. */
export const someJunk: fc.Arbitrary<readonly Facts[]> = fc.array(facts, {
  minLength: 1,
  maxLength: 15,
  size: 'max',
});
export const withJunk = (inputs: PruneInputs, region: Region, junk: readonly Facts[]): PruneInputs => ({
  ...inputs,
  regions: inputs.regions.map((inventory) => {
    if (inventory.region !== region) return inventory;
    const added = build(region, junk, 9_000);
    const snapshots = added.snapshots.map((each) => ({ ...each, startedAt: NOW + 1, completedAt: NOW + 1 }));
    return { ...inventory, snapshots: [...inventory.snapshots, ...snapshots] };
  }),
});

/** What a plan does to the world, its cap aside: tags come and go, deleted snapshots are gone. */
export function applied(
  inputs: PruneInputs,
  decisions: readonly { snapshotId: string; kind: string }[],
): PruneInputs {
  const kinds = new Map(decisions.map((each) => [each.snapshotId, each.kind]));
  const condemnedAt = new Date(inputs.now).toISOString();
  return {
    ...inputs,
    regions: inputs.regions.map((inventory) => ({
      ...inventory,
      snapshots: inventory.snapshots
        .filter((each) => kinds.get(each.id) !== 'delete')
        .map((each) => {
          const { 'smart-vault:condemned-at': old, ...tags } = each.tags;
          if (kinds.get(each.id) === 'condemn')
            return { ...each, tags: { ...tags, 'smart-vault:condemned-at': condemnedAt } };
          return kinds.get(each.id) === 'pardon' ? { ...each, tags } : each;
        }),
    })),
  };
}

const _idOf = (number: number): SnapshotId => snapshotId(number);
export const daysLater = (inputs: PruneInputs, days: number): PruneInputs => ({
  ...inputs,
  now: inputs.now + days * DAY,
});
