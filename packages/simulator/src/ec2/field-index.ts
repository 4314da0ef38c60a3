import { type Ordered, OrderedList } from './ordered-list.ts';

/** The texts that one filter looks at. */
export type KeysOf<T> = (item: T) => string | readonly string[] | undefined;

/** What to look up: the items for which a field has one of these values. */
export interface Lookup<T> {
  /** Names the field: the same name must always come with the same `keysOf`. */
  readonly name: string;
  readonly keysOf: KeysOf<T>;
  readonly values: readonly string[];
}

interface Field<T, E extends Ordered> {
  readonly keysOf: KeysOf<T>;
  readonly lists: Map<string, OrderedList<E>>;
}

/**
 * Finds entries by a field of what they hold. A field is indexed from the first time someone asks for it: most
 * never are, and a small world should not pay for the large one. An entry may stand for several values at once,
 * of which readers may see either.
 */
export class FieldIndex<T, E extends Ordered> {
  readonly #fields = new Map<string, Field<T, E>>();

  /** The lists in which all that is looked for stands. @param all every entry with each value that it holds */
  find({ name, keysOf, values }: Lookup<T>, all: () => Iterable<readonly [E, T]>): OrderedList<E>[] {
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = { keysOf, lists: new Map() };
      this.#fields.set(name, field);
      for (const [entry, value] of all()) addKeys(field, entry, value);
    }
    const found: OrderedList<E>[] = [];
    for (const value of new Set(values)) {
      const list = field.lists.get(value);
      if (list !== undefined) found.push(list);
    }
    return found;
  }

  /** The entry holds this value now, beside those that it held. */
  add(entry: E, value: T): void {
    for (const field of this.#fields.values()) addKeys(field, entry, value);
  }

  /** The entry does not hold `value` any more. @param kept what it still holds */
  remove(entry: E, value: T, kept: T | undefined): void {
    for (const field of this.#fields.values()) removeKeys(field, entry, value, kept);
  }
}

function addKeys<T, E extends Ordered>({ keysOf, lists }: Field<T, E>, entry: E, value: T): void {
  for (const key of listOf(keysOf(value))) {
    let list = lists.get(key);
    if (list === undefined) {
      list = new OrderedList<E>();
      lists.set(key, list);
    }
    list.add(entry);
  }
}

function removeKeys<T, E extends Ordered>(
  { keysOf, lists }: Field<T, E>,
  entry: E,
  value: T,
  kept: T | undefined,
): void {
  const stays = kept === undefined ? [] : listOf(keysOf(kept));
  for (const key of listOf(keysOf(value))) {
    if (stays.includes(key)) continue;
    const list = lists.get(key);
    list?.remove(entry);
    if (list?.size === 0) lists.delete(key);
  }
}

const NONE: readonly string[] = [];
const listOf = (keys: string | readonly string[] | undefined): readonly string[] =>
  keys === undefined ? NONE : typeof keys === 'string' ? [keys] : keys;
