/** Something with a place of its own in an order. */
export interface Ordered {
  readonly seq: number;
}

const CHUNK_MAX = 1024;

/** Items in the order of their `seq`, each of them once: quick to add to, to take from, and to read from anywhere. */
export class OrderedList<T extends Ordered> {
  /** Never empty ones; a new item nearly always belongs to the end of the last one. */
  readonly #chunks: T[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Does nothing for an item that is there already. */
  add(item: T): void {
    const { chunk, at } = this.#placeOf(item.seq);
    const items = this.#chunks[chunk];
    if (items?.[at]?.seq === item.seq) return;
    this.#size += 1;
    if (items !== undefined) this.#insert(chunk, at, item);
    else if ((this.#chunks.at(-1)?.length ?? CHUNK_MAX) < CHUNK_MAX) this.#chunks.at(-1)?.push(item);
    else this.#chunks.push([item]);
  }

  /** Does nothing for an item that is not there. */
  remove(item: T): void {
    const { chunk, at } = this.#placeOf(item.seq);
    const items = this.#chunks[chunk];
    if (items?.[at]?.seq !== item.seq) return;
    this.#size -= 1;
    items.splice(at, 1);
    if (items.length === 0) this.#chunks.splice(chunk, 1);
  }

  /** Items behind this place. The list must not change meanwhile. */
  *after(seq: number): Generator<T> {
    let { chunk, at } = this.#placeOf(seq + 1);
    for (; chunk < this.#chunks.length; chunk += 1, at = 0) {
      const items = this.#chunks[chunk] as T[];
      for (; at < items.length; at += 1) yield items[at] as T;
    }
  }

  #insert(chunk: number, at: number, item: T): void {
    const items = this.#chunks[chunk] as T[];
    items.splice(at, 0, item);
    if (items.length > CHUNK_MAX) this.#chunks.splice(chunk + 1, 0, items.splice(CHUNK_MAX / 2));
  }

  /** Where an item is, or would have to go: before the first one that is not less. */
  #placeOf(seq: number): { chunk: number; at: number } {
    const chunk = firstWhere(this.#chunks.length, (n) => (this.#chunks[n]?.at(-1)?.seq ?? 0) >= seq);
    const items = this.#chunks[chunk];
    return {
      chunk,
      at: items === undefined ? 0 : firstWhere(items.length, (n) => (items[n]?.seq ?? 0) >= seq),
    };
  }
}

/** The first of these numbers from 0 for which it is true; the count when it is for none. Once true, always true. */
function firstWhere(count: number, isTrue: (at: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The items of all of these behind a place, in order and each of them once. */
export function* mergedAfter<T extends Ordered>(lists: readonly OrderedList<T>[], seq: number): Generator<T> {
  if (lists.length > FEW) {
    yield* gatheredAfter(lists, seq);
    return;
  }
  const heads = lists.map((list) => list.after(seq)).map((rest) => ({ rest, item: rest.next().value }));
  for (;;) {
    let first: T | undefined;
    for (const { item } of heads) if (item && (first === undefined || item.seq < first.seq)) first = item;
    if (first === undefined) return;
    yield first;
    for (const head of heads) if (head.item?.seq === first.seq) head.item = head.rest.next().value;
  }
}

/** Up to this many lists, which may be long, the next item is looked for in each; more lists are short ones. */
const FEW = 8;

function gatheredAfter<T extends Ordered>(lists: readonly OrderedList<T>[], seq: number): Iterable<T> {
  const found = new Map<number, T>();
  for (const list of lists) for (const item of list.after(seq)) found.set(item.seq, item);
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}
