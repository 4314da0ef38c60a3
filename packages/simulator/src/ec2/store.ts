import { TagIndex } from './tag-index.ts';
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
  /** Only these ids. */
  readonly ids?: Iterable<string>;
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
  readonly #lag: ReadLag;
  readonly #index = new TagIndex<T>();
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
    if (this.#lag.maxMs === 0) this.#entries.delete(id);
  }

  /** What a replica shows of one. */
  see(id: string, replica: number): T | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#seen(entry, replica);
  }

  /** One page of what a replica shows. */
  select(selection: Selection<T>): Page<T> {
    const { replica, match, ids, after = 0, limit = Number.POSITIVE_INFINITY } = selection;
    const items: T[] = [];
    let last = after;
    for (const entry of ids === undefined ? this.#entries.values() : this.#byId(ids)) {
      if (entry.seq <= after) continue;
      const seen = this.#seen(entry, replica);
      if (seen === undefined || !match(seen)) continue;
      if (items.length === limit) return { items, next: last };
      items.push(seen);
      last = entry.seq;
    }
    return { items };
  }

  /** Ids that carry this tag with one of these values; `undefined` when only a scan can tell. */
  idsTagged(key: string, values: readonly string[]): readonly string[] | undefined {
    // With a lag, a reader may still see a tag that in truth is gone: an index of the truth would miss it.
    return this.#lag.maxMs === 0 ? this.#index.find(key, values, () => this.values()) : undefined;
  }

  #newEntry(id: string): Entry<T> {
    this.#seq += 1;
    const entry: Entry<T> = { seq: this.#seq, id, truth: undefined, changes: 0, recent: undefined };
    this.#entries.set(id, entry);
    return entry;
  }

  #byId(ids: Iterable<string>): Entry<T>[] {
    const found: Entry<T>[] = [];
    for (const id of new Set(ids)) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) found.push(entry);
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  #entry(id: string): Entry<T> {
    const entry = this.#entries.get(id);
    if (entry?.truth === undefined) throw new Error(`simulator: ${id} is not there`);
    return entry;
  }

  #change(entry: Entry<T>, part: Part, value: T | undefined): void {
    if (this.#lag.maxMs > 0) this.#remember(entry, part, value);
    this.#index.change(entry.truth, value);
    entry.truth = value;
  }

  #remember(entry: Entry<T>, part: Part, value: T | undefined): void {
    const now = this.#lag.now();
    const known = entry.changes > 0 || entry.truth !== undefined;
    entry.recent ??= known
      ? [{ at: Number.NEGATIVE_INFINITY, number: entry.changes, part: 'all', value: entry.truth }]
      : [];
    entry.changes += 1;
    entry.recent.push({ at: now, number: entry.changes, part, value });
  }

  #seen(entry: Entry<T>, replica: number): T | undefined {
    const newest = entry.recent?.at(-1);
    if (newest === undefined) return entry.truth;
    const now = this.#lag.now();
    if (newest.at + this.#lag.maxMs <= now) {
      entry.recent = undefined;
      if (entry.truth === undefined) this.#entries.delete(entry.id);
      return entry.truth;
    }
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
