import { FILTER_VALUES_MAX } from './ec2-filters.ts';
import { chunksOf } from './paginate.ts';

/**
 * Finds things by id through a filter, 200 at a time. A filter leaves out ids that do not exist; one missing id in
 * EC2's own id parameter fails the whole call, and an empty one means "everything". No ids: no call.
 */
export async function findById<Id extends string, Item extends { readonly id: string }>(
  ids: readonly Id[],
  find: (some: readonly Id[]) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const found: Item[] = [];
  for (const some of chunksOf([...new Set(ids)], FILTER_VALUES_MAX)) found.push(...(await find(some)));
  return uniqueById(found);
}

/** Things that move between pages while we read are listed twice; the later sight of them counts. */
export function uniqueById<Item extends { readonly id: string }>(items: readonly Item[]): Item[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
