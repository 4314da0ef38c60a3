import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lookup } from '../../src/ec2/field-index.ts';
import { Store } from '../../src/ec2/store.ts';
import { unitOf } from '../../src/index.ts';

interface Thing {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
}

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];
const VALUES = ['0', '1', '2', '3'];
const REPLICAS = 3;

const aThing = fc.record({
  id: fc.constantFrom(...IDS),
  state: fc.constantFrom(...VALUES),
  parts: fc.subarray(VALUES),
  tags: fc
    .dictionary(fc.constantFrom('x', 'y'), fc.constantFrom(...VALUES))
    .map((tags) => new Map(Object.entries(tags))),
});

const aLookup: fc.Arbitrary<Lookup<Thing>> = fc
  .tuple(fc.constantFrom('state', 'parts', 'tag:x', 'tag:y'), fc.subarray(VALUES, { minLength: 1 }))
  .map(([name, values]) => ({ name, values, keysOf: FIELDS[name] as Lookup<Thing>['keysOf'] }));

const FIELDS: Record<string, Lookup<Thing>['keysOf']> = {
  state: ({ state }) => state,
  parts: ({ parts }) => parts,
  'tag:x': ({ tags }) => tags.get('x'),
  'tag:y': ({ tags }) => tags.get('y'),
};

type Step =
  | { readonly do: 'put' | 'update' | 'retag'; readonly thing: Thing }
  | { readonly do: 'remove'; readonly id: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'look'; readonly lookups: readonly Lookup<Thing>[]; readonly limit: number };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('put', 'update', 'retag'), thing: aThing }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove'), id: fc.constantFrom(...IDS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.nat(70) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('look'),
      lookups: fc.array(aLookup, { minLength: 1, maxLength: 3 }),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
) as fc.Arbitrary<Step>;

const matchOf =
  (lookups: readonly Lookup<Thing>[]) =>
  (thing: Thing): boolean =>
    lookups.every(({ keysOf, values }) => values.some((value) => [keysOf(thing)].flat().includes(value)));

/** All pages of a selection. */
function pagesOf(store: Store<Thing>, selection: Parameters<Store<Thing>['select']>[0]): Thing[][] {
  const pages: Thing[][] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const page = store.select({ ...selection, after });
    pages.push([...page.items]);
    after = page.next;
  }
  return pages;
}

test.each([0, 50, 1000])('an indexed listing is what a scan finds, with a lag of %i ms', (maxMs) => {
  const steps = fc.array(aStep, { minLength: 20, maxLength: 120 });
  let compared = 0;
  fc.assert(
    fc.property(steps, fc.nat(), (all, seed) => {
      let now = 0;
      const share = (...label: unknown[]) => unitOf(seed, label.join('/'));
      const store = new Store<Thing>({ maxMs, now: () => now, share });
      for (const step of all) {
        if (step.do === 'wait') now += step.ms;
        else if (step.do === 'put') store.put(step.thing);
        else if (step.do === 'remove') {
          if (store.get(step.id) !== undefined) store.remove(step.id);
        } else if (step.do === 'look') {
          const match = matchOf(step.lookups);
          for (let replica = 0; replica < REPLICAS; replica += 1) {
            const scan = pagesOf(store, { replica, match, limit: step.limit });
            expect(pagesOf(store, { replica, match, limit: step.limit, lookups: step.lookups })).toEqual(
              scan,
            );
            const seen = IDS.map((id) => store.see(id, replica)).filter((thing) => thing && match(thing));
            expect(new Set(scan.flat())).toEqual(new Set(seen));
            compared += scan.flat().length;
          }
        } else {
          const before = store.get(step.thing.id);
          if (before === undefined) continue;
          if (step.do === 'update') store.update({ ...step.thing, tags: before.tags });
          else store.retag({ ...before, tags: step.thing.tags });
        }
      }
    }),
    { numRuns: 200, seed: 7 },
  );
  expect(compared).toBeGreaterThan(100);
});

test('what everybody has heard of is forgotten: a deleted entry leaves nothing to be found', () => {
  let now = 0;
  const store = new Store<Thing>({ maxMs: 10, now: () => now, share: () => 1 });
  const thing = { id: 'a', state: '1', parts: [], tags: new Map() };
  const looked: string[] = [];
  const look = () =>
    store.select({
      replica: 0,
      match: ({ state }) => looked.push(state) > 0,
      lookups: [{ name: 'state', keysOf: ({ state }) => state, values: ['1'] }],
    }).items;
  expect(look()).toEqual([]);
  store.put(thing);
  now = 10;
  expect(look()).toEqual([thing]);
  store.update({ ...thing, state: '2' });
  expect(look()).toEqual([thing]);
  now = 20;
  looked.length = 0;
  expect(look()).toEqual([]);
  expect(looked).toEqual([]);
});
