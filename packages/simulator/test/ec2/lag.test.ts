import { expect, test } from 'vitest';
import { codeOf, HOME, HOUR, id, MINUTE, SECOND, testWorld } from './world.ts';

const LAG = { knobs: { readLagMaxMs: 5 * MINUTE, throttling: false } };
const create = { volumeId: id('vol', 1), tags: [{ key: 'a', value: '1' }] };

/** What several reads at one moment show. */
const looks = <T>(read: () => T, count = 30): T[] => Array.from({ length: count }, read);

test('a new snapshot is not there for every reader at once, but for all of them when the lag is over', () => {
  const { world, pass } = testWorld(LAG);
  pass(HOUR);
  const api = world.api(HOME);
  const { id: snapshotId } = api.createSnapshot(create);
  const see = () => codeOf(() => api.describeSnapshots({ ids: [snapshotId] }).items.length);
  expect(new Set(looks(see))).toEqual(new Set(['InvalidSnapshot.NotFound']));
  const seen = new Set<unknown>();
  for (let at = 0; at < 300; at += 1) {
    for (const result of looks(see, 3)) seen.add(result);
    pass(SECOND);
  }
  expect(seen).toEqual(new Set(['InvalidSnapshot.NotFound', 1]));
  expect(new Set(looks(see))).toEqual(new Set([1]));
});

test('replicas disagree on tags and on state, each in its own time, and agree in the end', () => {
  const { world, pass } = testWorld(LAG);
  pass(HOUR);
  const api = world.api(HOME);
  const { id: snapshotId } = api.createSnapshot(create);
  pass(HOUR);
  api.createTags({ resourceIds: [snapshotId], tags: [{ key: 'a', value: '2' }] });
  const value = () => api.describeSnapshots().items[0]?.tags.get('a');
  expect(new Set(looks(value))).toEqual(new Set(['1']));
  let disagreed = false;
  for (let at = 0; at < 300; at += 1) {
    disagreed ||= new Set(looks(value, 10)).size === 2;
    pass(SECOND);
  }
  expect(disagreed).toBe(true);
  expect(new Set(looks(value))).toEqual(new Set(['2']));
});

test('writers act on the truth, whatever readers see', () => {
  const { world, pass } = testWorld(LAG);
  pass(HOUR);
  const api = world.api(HOME);
  const { id: snapshotId } = api.createSnapshot(create);
  expect(codeOf(() => api.describeSnapshots({ ids: [snapshotId] }))).toBe('InvalidSnapshot.NotFound');
  api.createTags({ resourceIds: [snapshotId], tags: [{ key: 'b', value: '' }] });
  pass(HOUR);
  api.deleteSnapshot({ snapshotId });
  expect(codeOf(() => api.deleteSnapshot({ snapshotId }))).toBe('InvalidSnapshot.NotFound');
  expect(api.describeSnapshots().items).toHaveLength(1);
  pass(5 * MINUTE);
  expect(new Set(looks(() => api.describeSnapshots().items.length))).toEqual(new Set([0]));
});

test('pages may be short or empty and still all is seen', () => {
  const { world } = testWorld({ knobs: { pageSizeMax: 2, emptyPageShare: 0.3, throttling: false } });
  const ids = Array.from({ length: 25 }, (_, at) => id('snap', at + 1));
  for (const snapshotId of ids) world.operator.addSnapshot(HOME, { id: snapshotId });
  const seen: string[] = [];
  let empty = 0;
  let nextToken: string | undefined;
  do {
    const page = world
      .api(HOME)
      .describeSnapshots({ maxResults: 100, ...(nextToken === undefined ? {} : { nextToken }) });
    if (page.items.length === 0) empty += 1;
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map((snapshot) => snapshot.id));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(seen).toEqual(ids);
  expect(empty).toBeGreaterThan(0);
});
