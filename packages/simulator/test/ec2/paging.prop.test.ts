import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Filter } from '../../src/ec2/index.ts';
import { HOME, id, testWorld } from './world.ts';

interface Listing {
  readonly filters: readonly Filter[];
  readonly maxResults: number;
  /** Called between two pages. */
  readonly between?: (page: number) => void;
}

/** All ids that a listing in pages shows. */
function pagesOf(
  { world }: ReturnType<typeof testWorld>,
  { filters, maxResults, between }: Listing,
): string[][] {
  const pages: string[][] = [];
  let nextToken: string | undefined;
  do {
    const token = nextToken === undefined ? {} : { nextToken };
    const page = world.api(HOME).describeSnapshots({ filters, maxResults, ...token });
    pages.push(page.items.map((snapshot) => snapshot.id));
    nextToken = page.nextToken;
    between?.(pages.length);
  } while (nextToken !== undefined);
  return pages;
}

const colours = fc.array(fc.constantFrom('red', 'green', 'blue'), { maxLength: 40 });
const noThrottle = { knobs: { throttling: false } };

function painted(colour: readonly string[]) {
  const it = testWorld(noThrottle);
  for (const [at, value] of colour.entries()) {
    it.world.operator.addSnapshot(HOME, { id: id('snap', at + 1), tags: { colour: value } });
  }
  return it;
}

const wantedOf = (colour: readonly string[], wanted: readonly string[]) =>
  colour.flatMap((value, at) => (wanted.includes(value) ? [id('snap', at + 1)] : []));

test('pages together hold exactly what one listing holds, in full pages', () => {
  const wanted = fc.subarray(['red', 'green', 'blue', 'gr*'], { minLength: 1 });
  fc.assert(
    fc.property(colours, wanted, fc.integer({ min: 5, max: 20 }), (colour, values, maxResults) => {
      const it = painted(colour);
      const filters = [{ name: 'tag:colour', values }];
      const plain = values.includes('gr*') ? [...values, 'green'] : values;
      const pages = pagesOf(it, { filters, maxResults });
      expect(pages.flat()).toEqual(wantedOf(colour, plain));
      expect(
        it.world
          .api(HOME)
          .describeSnapshots({ filters })
          .items.map((snapshot) => snapshot.id),
      ).toEqual(pages.flat());
      for (const page of pages.slice(0, -1)) expect(page).toHaveLength(maxResults);
    }),
  );
});

test('what stays is seen exactly once, though others are deleted and added between pages', () => {
  fc.assert(
    fc.property(
      colours,
      fc.integer({ min: 5, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (colour, maxResults, victim) => {
        const it = painted(colour);
        const lost = id('snap', victim);
        const between = (page: number) => {
          const { snapshots } = it.world.region(HOME);
          if (page === 1 && snapshots.get(lost) !== undefined) it.world.operator.deleteSnapshot(HOME, lost);
          if (page < 4) it.world.operator.addSnapshot(HOME, { id: id('snap', 1000 + page) });
        };
        const seen = pagesOf(it, { filters: [], maxResults, between }).flat();
        const stays = colour.map((_, at) => id('snap', at + 1)).filter((snapshotId) => snapshotId !== lost);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.filter((snapshotId) => stays.includes(snapshotId))).toEqual(stays);
      },
    ),
  );
});

test('the tag index follows every change', () => {
  const change = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom('red', 'green', undefined));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const it = painted([]);
      const api = it.world.api(HOME);
      const truth = new Map<string, string>();
      api.describeSnapshots({ filters: [{ name: 'tag:colour', values: ['red'] }] });
      for (const [number, colour] of changes) {
        const snapshotId = id('snap', number);
        const there = it.world.region(HOME).snapshots.get(snapshotId) !== undefined;
        if (colour === undefined) {
          if (there) api.deleteSnapshot({ snapshotId });
          truth.delete(snapshotId);
        } else {
          if (there) api.createTags({ resourceIds: [snapshotId], tags: [{ key: 'colour', value: colour }] });
          else it.world.operator.addSnapshot(HOME, { id: snapshotId, tags: { colour } });
          truth.set(snapshotId, colour);
        }
        for (const wanted of ['red', 'green']) {
          const { items } = api.describeSnapshots({ filters: [{ name: 'tag:colour', values: [wanted] }] });
          const expected = [...truth].filter(([, value]) => value === wanted).map(([key]) => key);
          expect(items.map((snapshot) => snapshot.id).sort()).toEqual(expected.sort());
        }
      }
    }),
  );
});
