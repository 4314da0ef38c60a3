import { AppError } from '@smart-vault/core';

/** One page of a listing. An empty page with a token is not the end. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/** More pages than any listing of ours needs: 100,000 snapshots, a region's quota, are 100 pages. */
const PAGES_MAX = 2_000;

/**
 * All items of a paged listing, or an error: never some of them.
 *
 * @param what names the listing in errors
 * @throws AppError `CONTRACT` when a token comes a second time (it would go round for ever), or after `pagesMax` pages.
 */
export async function collectPages<Item>(
  what: string,
  fetchPage: (token: string | undefined) => Promise<Page<Item>>,
  pagesMax: number = PAGES_MAX,
): Promise<Item[]> {
  const items: Item[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  for (let page = 1; page <= pagesMax; page += 1) {
    const { items: more, nextToken } = await fetchPage(token);
    for (const item of more) items.push(item);
    if (nextToken === undefined || nextToken === '') return items;
    if (tokens.has(nextToken))
      throw new AppError('CONTRACT', `${what}: page ${page} repeats a token; the list is not complete`);
    tokens.add(nextToken);
    token = nextToken;
  }
  throw new AppError('CONTRACT', `${what}: more than ${pagesMax} pages; the list is not complete`);
}

/** Cuts a list into pieces of at most `size`. */
export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
