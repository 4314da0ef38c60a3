import type { PruneInputs } from '@smart-vault/core';
import { expect, test } from 'vitest';
import { DAY, dailyCopies, dailySources, NOW, pruneInputs } from '../../core/test/builders.ts';
import { planDocument, readPlan, writePlan } from '../src/prune/plan-document.ts';
import { whatChanged } from '../src/prune/what-changed.ts';

const DAYS = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const CONDEMNED = { condemnedAt: NOW - 2 * DAY };
/** Copies are numbered from here on. */
const COPIES = 10_000_000;

/** So many volumes with a point a day for ten days, the oldest condemned, and their copies: 20 snapshots each. */
function aVault(volumes: number, reversed = false): PruneInputs {
  const all = Array.from({ length: volumes }, (_, index) => {
    const facts = { volume: index + 1, instance: index + 1 };
    const of = facts.volume * 100;
    return {
      sources: [
        ...dailySources(DAYS, { ...facts, first: of }),
        ...dailySources([9], { ...facts, ...CONDEMNED, first: of + 9 }),
      ],
      copies: [
        ...dailyCopies(DAYS, { ...facts, first: COPIES + of, of }),
        ...dailyCopies([9], { ...facts, ...CONDEMNED, first: COPIES + of + 9, of: of + 9 }),
      ],
    };
  });
  const ordered = <Item>(items: Item[]): Item[] => (reversed ? items.reverse() : items);
  return pruneInputs(
    ordered(all.flatMap(({ sources }) => sources)),
    ordered(all.flatMap(({ copies }) => copies)),
    { limits: { deletesPerRunMax: 10_000, deleteShareMax: 1 } },
  );
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
