/** A binary heap: the smallest rank first; of equal ranks the one that was put in first. */
export class Heap<T> {
  readonly #entries: { readonly rank: number; readonly seq: number; readonly item: T }[] = [];
  #seq = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** The first one and its rank, left in place. */
  peek(): { readonly rank: number; readonly item: T } | undefined {
    return this.#entries[0];
  }

  push(rank: number, item: T): void {
    const entry = { rank, seq: this.#seq++, item };
    const heap = this.#entries;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as typeof entry;
      if (!before(entry, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  /** Takes the first one out. */
  pop(): T | undefined {
    const heap = this.#entries;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (heap.length === 0) return top.item;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if (childAt + 1 < heap.length && before(heap[childAt + 1] as typeof last, heap[childAt] as typeof last))
        childAt += 1;
      const child = heap[childAt] as typeof last;
      if (!before(child, last)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return top.item;
  }

  clear(): void {
    this.#entries.length = 0;
  }
}

type Ranked = { readonly rank: number; readonly seq: number };
const before = (a: Ranked, b: Ranked): boolean => a.rank < b.rank || (a.rank === b.rank && a.seq < b.seq);
