import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf, collectPages, type Page } from '../src/paginate.ts';

/** A server that gives these pages, one token after another. */
function server(pages: readonly (readonly number[])[]) {
  const asked: (string | undefined)[] = [];
  const fetchPage = async (token: string | undefined): Promise<Page<number>> => {
    asked.push(token);
    const index = token === undefined ? 0 : Number(token.slice(1));
    return { items: pages[index] ?? [], nextToken: index + 1 < pages.length ? `t${index + 1}` : undefined };
  };
  return { asked, fetchPage };
}

const somePages = fc.array(fc.array(fc.integer(), { maxLength: 5 }), { minLength: 1, maxLength: 20 });

describe('collectPages', () => {
  test('gives every item of every page, in order, empty pages or not', () =>
    fc.assert(
      fc.asyncProperty(somePages, async (pages) => {
        const { asked, fetchPage } = server(pages);

        expect(await collectPages('list', fetchPage)).toEqual(pages.flat());
        expect(asked).toHaveLength(pages.length);
      }),
    ));

  test('gives nothing when any page fails', () =>
    fc.assert(
      fc.asyncProperty(somePages, fc.nat(), async (pages, at) => {
        const { asked, fetchPage } = server(pages);
        const failing = async (token: string | undefined) => {
          if (asked.length === at % pages.length) throw new Error('page lost');
          return fetchPage(token);
        };

        await expect(collectPages('list', failing)).rejects.toThrow('page lost');
      }),
    ));

  test('refuses a token that it has had before, wherever it comes again', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.nat(), async (length, back) => {
        const again = back % length;
        let page = 0;
        const fetchPage = async () => {
          page += 1;
          return { items: [page], nextToken: `t${page <= length ? page : again + 1}` };
        };

        await expect(collectPages('list', fetchPage)).rejects.toMatchObject({ code: 'CONTRACT' });
        expect(page).toBe(length + 1);
      }),
    ));

  test('stops after as many pages as it may read', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (pagesMax) => {
        let page = 0;
        const endless = async () => {
          page += 1;
          return { items: [page], nextToken: `t${page}` };
        };

        await expect(collectPages('list', endless, pagesMax)).rejects.toMatchObject({ code: 'CONTRACT' });
        expect(page).toBe(pagesMax);
      }),
    ));

  test('takes an empty token for the end', async () => {
    const once = async () => ({ items: [1], nextToken: '' });

    expect(await collectPages('list', once)).toEqual([1]);
  });
});

test('chunksOf cuts without losing or making anything', () =>
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), (list, size) => {
      const chunks = chunksOf(list, size);

      expect(chunks.flat()).toEqual(list);
      expect(chunks.every((chunk) => chunk.length >= 1 && chunk.length <= size)).toBe(true);
    }),
  ));
