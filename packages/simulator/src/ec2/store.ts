import { FieldIndex, type Lookup } from './field-index.ts';
import { mergedAfter, OrderedList } from './ordered-list.ts';
import type { TagMap } from './types.ts';

/** What a store holds: an immutable value; every change puts a new one in its place. */
export interface Stored {
  readonly id: string;
  readonly tags: TagMap;
}

/** How late readers see changes. */
export interface ReadLag {
  /** Milliseconds; 0 means at once, and costs nothing. */
  readonly maxMs: number;
  now(): number;
  /** 0 to 1: which part of `maxMs` this change takes on its way to this replica. */
  share(id: string, change: number, replica: number): number;
}

type Part = 'all' | 'facts' | 'tags';
interface Version<T> {
  readonly at: number;
  readonly number: number;
  readonly part: Part;
  /** The whole value after the change; `undefined` when it was deleted. */
  readonly value: T | undefined;
}
interface Entry<T> {
  readonly seq: number;
  readonly id: string;
  truth: T | undefined;
  changes: number;
  /** Changes that some replica may not have seen yet, oldest first, with the last one that all have seen. */
  recent: Version<T>[] | undefined;
}

/** One page of what a reader sees. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins, when there is more. */
  readonly next?: number;
}

/** What to look for. */
export interface Selection<T> {
  readonly replica: number;
  readonly match: (item: T) => boolean;
  /** All matches are among these ids. */
  readonly ids?: readonly string[] | undefined;
  /** All matches are found by each of these, too: they are not looked for elsewhere. */
  readonly lookups?: readonly Lookup<T>[];
  /** Position of the last item of the page before. */
  readonly after?: number;
  readonly limit?: number;
}

/**
 * Resources of one kind in one region, in the order in which they were made. Writers work on the truth; readers
 * see what their replica has heard of: existence, facts and tags each with a lag of their own, so that two reads
 * may disagree and go backwards.
 */
export class Store<T extends Stored> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #inOrder = new OrderedList<Entry<T>>();
  readonly #index = new FieldIndex<T, Entry<T>>();
  readonly #lag: ReadLag;
  /** Changes that some replica may not have seen yet, oldest first. */
  #unsettled: { readonly entry: Entry<T>; readonly at: number }[] = [];
  /** How many of them, at the front, all replicas have seen meanwhile. */
  #settled = 0;
  #seq = 0;
  #size = 0;

  constructor(lag: ReadLag) {
    this.#lag = lag;
  }

  /** How many there are in truth. */
  get size(): number {
    return this.#size;
  }

  /** The truth. */
  get(id: string): T | undefined {
    return this.#entries.get(id)?.truth;
  }

  /** All, in truth. */
  *values(): Generator<T> {
    for (const { truth } of this.#entries.values()) if (truth !== undefined) yield truth;
  }

  /** Adds one, or replaces one of the same id as a whole. */
  put(value: T): T {
    // An entry of the same id that was deleted long ago is dropped now, not after it was filled again.
    this.#settle();
    const entry = this.#entries.get(value.id) ?? this.#newEntry(value.id);
    if (entry.truth === undefined) this.#size += 1;
    this.#change(entry, 'all', value);
    return value;
  }

  /** Changes facts of one that is there. */
  update(value: T): T {
    this.#change(this.#entry(value.id), 'facts', value);
    return value;
  }

  /** Changes the tags of one that is there. */
  retag(value: T): T {
    this.#change(this.#entry(value.id), 'tags', value);
    return value;
  }

  /** Deletes one that is there. */
  remove(id: string): void {
    const entry = this.#entry(id);
    this.#size -= 1;
    this.#change(entry, 'all', undefined);
    if (this.#lag.maxMs === 0) this.#drop(entry);
  }

  /** What a replica shows of one. */
  see(id: string, replica: number): T | undefined {
    this.#settle();
    const entry = this.#entries.get(id);
    return entry && this.#seen(entry, replica);
  }

  /** One page of what a replica shows. */
  select(selection: Selection<T>): Page<T> {
    const { replica, match, after = 0, limit = Number.POSITIVE_INFINITY } = selection;
    this.#settle();
    const items: T[] = [];
    let last = after;
    for (const entry of this.#candidates(selection, after)) {
      const seen = this.#seen(entry, replica);
      if (seen === undefined || !match(seen)) continue;
      if (items.length === limit) return { items, next: last };
      items.push(seen);
      last = entry.seq;
    }
    return { items };
  }

  /** The fewest entries that one can be sure to find all matches among. */
  #candidates({ ids, lookups = [] }: Selection<T>, after: number): Iterable<Entry<T>> {
    let fewest = ids?.length ?? this.#entries.size;
    let lists: readonly OrderedList<Entry<T>>[] | undefined;
    for (const lookup of lookups) {
      const found = this.#index.find(lookup, () => this.#held());
      const count = found.reduce((sum, { size }) => sum + size, 0);
      if (count > fewest) continue;
      fewest = count;
      lists = found;
    }
    if (lists !== undefined) return mergedAfter(lists, after);
    return ids === undefined ? this.#inOrder.after(after) : this.#byId(ids, after);
  }

  /** Every entry with each value that some reader may see of it. */
  *#held(): Generator<readonly [Entry<T>, T]> {
    for (const entry of this.#entries.values()) {
      for (const { value } of entry.recent ?? []) if (value !== undefined) yield [entry, value];
      if (entry.truth !== undefined) yield [entry, entry.truth];
    }
  }

  #newEntry(id: string): Entry<T> {
    this.#seq += 1;
    const entry: Entry<T> = { seq: this.#seq, id, truth: undefined, changes: 0, recent: undefined };
    this.#entries.set(id, entry);
    this.#inOrder.add(entry);
    return entry;
  }

  #drop(entry: Entry<T>): void {
    this.#entries.delete(entry.id);
    this.#inOrder.remove(entry);
  }

  #byId(ids: readonly string[], after: number): Entry<T>[] {
    const found: Entry<T>[] = [];
    for (const id of new Set(ids)) {
      const entry = this.#entries.get(id);
      if (entry !== undefined && entry.seq > after) found.push(entry);
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  #entry(id: string): Entry<T> {
    const entry = this.#entries.get(id);
    if (entry?.truth === undefined) throw new Error(`simulator: ${id} is not there`);
    return entry;
  }

  #change(entry: Entry<T>, part: Part, value: T | undefined): void {
    const before = entry.truth;
    if (this.#lag.maxMs > 0) this.#remember(entry, part, value);
    else if (before !== undefined) this.#index.remove(entry, before, value);
    if (value !== undefined) this.#index.add(entry, value);
    entry.truth = value;
  }

  #remember(entry: Entry<T>, part: Part, value: T | undefined): void {
    this.#settle();
    const now = this.#lag.now();
    const known = entry.changes > 0 || entry.truth !== undefined;
    entry.recent ??= known
      ? [{ at: Number.NEGATIVE_INFINITY, number: entry.changes, part: 'all', value: entry.truth }]
      : [];
    entry.changes += 1;
    entry.recent.push({ at: now, number: entry.changes, part, value });
    this.#unsettled.push({ entry, at: now });
  }

  /** Forgets what all replicas have heard of by now. */
  #settle(): void {
    const queue = this.#unsettled;
    if (queue.length === 0) return;
    const heard = this.#lag.now() - this.#lag.maxMs;
    for (let head = queue[this.#settled]; head !== undefined && head.at <= heard; ) {
      // A later change of the same entry settles this one, too.
      if ((head.entry.recent?.at(-1)?.at ?? head.at) === head.at) this.#forget(head.entry);
      this.#settled += 1;
      head = queue[this.#settled];
    }
    if (this.#settled * 2 < queue.length) return;
    this.#unsettled = queue.slice(this.#settled);
    this.#settled = 0;
  }

  /** Forgets all but the truth of one. */
  #forget(entry: Entry<T>): void {
    const versions = entry.recent ?? [];
    entry.recent = undefined;
    for (const { value } of versions) {
      if (value !== undefined && value !== entry.truth) this.#index.remove(entry, value, entry.truth);
    }
    if (entry.truth === undefined && this.#entries.get(entry.id) === entry) this.#drop(entry);
  }

  #seen(entry: Entry<T>, replica: number): T | undefined {
    if (entry.recent === undefined) return entry.truth;
    const now = this.#lag.now();
    const facts = this.#newestSeen(entry, 'facts', replica, now);
    const tags = this.#newestSeen(entry, 'tags', replica, now);
    return facts === tags || facts === undefined || tags === undefined
      ? facts
      : { ...facts, tags: tags.tags };
  }

  /** The value of the newest change of this part that has reached the replica. */
  #newestSeen(entry: Entry<T>, part: 'facts' | 'tags', replica: number, now: number): T | undefined {
    const recent = entry.recent ?? [];
    for (let at = recent.length - 1; at >= 0; at -= 1) {
      const version = recent[at] as Version<T>;
      if (version.part !== 'all' && version.part !== part) continue;
      const lag = this.#lag.maxMs * this.#lag.share(entry.id, version.number, replica);
      if (version.at + lag <= now) return version.value;
    }
    return undefined;
  }
}
