import type { PruneInputs, Region, Snapshot, SnapshotId } from '@smart-vault/core';
import { expect, test } from 'vitest';
import { planDocument, readPlan, writePlan } from '../src/prune/plan-document.ts';
import { whatChanged } from '../src/prune/what-changed.ts';

const HOME = 'us-east-1' as Region;
const AWAY = 'eu-west-1' as Region;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22, 7);
const id = (n: number): string => n.toString(16).padStart(17, '0');

/** A point of a volume, or its copy. */
function aPoint(volume: number, daysAgo: number, isCopy: boolean): Snapshot {
  const slotMs = Math.floor(NOW / DAY) * DAY + 3 * 3_600_000 - daysAgo * DAY;
  const n = volume * 100 + daysAgo;
  return {
    id: `snap-${id(n + (isCopy ? 10_000_000 : 0))}` as SnapshotId,
    region: isCopy ? AWAY : HOME,
    state: 'completed',
    volumeId: isCopy ? 'vol-ffffffff' : `vol-${id(volume)}`,
    sizeGiB: 100,
    startedAt: slotMs + 60_000,
    completedAt: slotMs + 3_600_000,
    description: '',
    encrypted: true,
    storageTier: 'standard',
    tags: {
      'smart-vault:vault': 'smart-vault',
      'smart-vault:policy': 'default',
      'smart-vault:slot': `${new Date(slotMs).toISOString().slice(0, 19)}Z`,
      'smart-vault:instance': `i-${id(volume)}`,
      ...(daysAgo > 8 && {
        'smart-vault:condemned-at': `${new Date(NOW - 2 * DAY).toISOString().slice(0, 19)}Z`,
      }),
      ...(isCopy && {
        'smart-vault:volume': `vol-${id(volume)}`,
        CopiedFrom: HOME,
        OriginalSnapshotId: `snap-${id(n)}`,
      }),
    },
  };
}

/** So many volumes with a point a day for ten days, and their copies: 20 snapshots each. */
function aVault(volumes: number, reversed = false): PruneInputs {
  const points = (isCopy: boolean): Snapshot[] => {
    const all = Array.from({ length: volumes * 10 }, (_, n) => aPoint(Math.floor(n / 10), n % 10, isCopy));
    return reversed ? all.reverse() : all;
  };
  const inventory = (region: Region, snapshots: readonly Snapshot[]) => ({
    region,
    snapshots,
    inImages: new Set<SnapshotId>(),
    locked: new Set<SnapshotId>(),
  });
  return {
    now: NOW,
    vault: 'smart-vault',
    source: HOME,
    policy: {
      name: 'default',
      tagKey: 'backup',
      tagValue: 'true',
      consistency: 'instance',
      retentionDays: 7,
      keepMin: 3,
      graceHours: 24,
      destinations: [AWAY],
    },
    limits: { deletesPerRunMax: 10_000, deleteShareMax: 1 },
    regions: [inventory(HOME, points(false)), inventory(AWAY, points(true))],
  };
}

test('10,000 snapshots: the plan is the same bytes when run twice, whatever the order they are listed in', () => {
  const first = writePlan(planDocument(aVault(500)));
  const again = writePlan(planDocument(aVault(500, true)));

  expect(again === first).toBe(true);
  const plan = readPlan(first, 'plan.json');
  expect(plan.decisions).toHaveLength(10_000);
  expect(plan.decisions.filter(({ kind }) => kind === 'delete')).toHaveLength(1_000);
  expect(plan.decisions.filter(({ kind }) => kind === 'condemn')).toHaveLength(2_000);
}, 30_000);

test('another policy than the plan was made with is a difference, and so is another vault', () => {
  const inputs = aVault(2);
  const plan = planDocument(inputs);
  const changed = (with_: Partial<PruneInputs>) =>
    whatChanged(plan, { ...inputs, ...with_ }, inputs.regions, NOW);

  expect(changed({})).toEqual([]);
  expect(changed({ policy: { ...inputs.policy, retentionDays: 30 } })[0]).toMatch(
    /^policy: planned with .*"retentionDays":7/,
  );
  expect(changed({ limits: { deletesPerRunMax: 1, deleteShareMax: 1 } })[0]).toMatch(/^limits: /);
  expect(changed({ vault: 'other' })[0]).toBe('vault: planned with "smart-vault", now "other"');
});

test('time alone changes nothing of a plan until one of its actions no longer holds', () => {
  const inputs = aVault(2);
  const plan = planDocument(inputs);
  const later = (ms: number) => whatChanged(plan, inputs, inputs.regions, NOW + ms);

  expect(later(6 * 3_600_000)).toEqual([]);
  // A condemnation that is a week over its grace says nothing any more.
  expect(later(8 * DAY).join('\n')).toContain('planned delete (expired), now pardon (stale-condemnation');
});

test('a region that cannot be read, now or when the plan was made, is a difference', () => {
  const inputs = aVault(2);
  const [home, away] = inputs.regions;
  const broken = [home, { ...away, snapshots: [], problem: 'THROTTLED: no' }] as PruneInputs['regions'];

  expect(whatChanged(planDocument(inputs), inputs, broken, NOW)).toEqual(['eu-west-1: THROTTLED: no']);
  expect(whatChanged(planDocument({ ...inputs, regions: broken }), inputs, inputs.regions, NOW)).toEqual([
    'eu-west-1 could not be read when the plan was made',
  ]);
});
