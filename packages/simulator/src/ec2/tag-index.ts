import type { TagMap } from './types.ts';

interface Tagged {
  readonly id: string;
  readonly tags: TagMap;
}

/**
 * Finds resources by tag. A key is indexed from the first time someone asks for it: most never are, and a small
 * world should not pay for the large one.
 */
export class TagIndex<T extends Tagged> {
  readonly #keys = new Map<string, Map<string, Set<string>>>();

  /** Ids with one of these values, without duplicates, in no order of meaning. */
  find(key: string, values: readonly string[], all: () => Iterable<T>): string[] {
    let index = this.#keys.get(key);
    if (index === undefined) {
      index = new Map();
      this.#keys.set(key, index);
      for (const item of all()) add(index, item.tags.get(key), item.id);
    }
    const ids: string[] = [];
    for (const value of new Set(values)) for (const id of index.get(value) ?? []) ids.push(id);
    return ids;
  }

  /** Keeps up with a change. */
  change(before: T | undefined, after: T | undefined): void {
    if (this.#keys.size === 0) return;
    if (before !== undefined && after !== undefined && before.tags === after.tags) return;
    for (const [key, index] of this.#keys) {
      if (before !== undefined) remove(index, before.tags.get(key), before.id);
      if (after !== undefined) add(index, after.tags.get(key), after.id);
    }
  }
}

function add(index: Map<string, Set<string>>, value: string | undefined, id: string): void {
  if (value === undefined) return;
  const ids = index.get(value);
  if (ids === undefined) index.set(value, new Set([id]));
  else ids.add(id);
}

function remove(index: Map<string, Set<string>>, value: string | undefined, id: string): void {
  if (value === undefined) return;
  const ids = index.get(value);
  ids?.delete(id);
  if (ids?.size === 0) index.delete(value);
}
