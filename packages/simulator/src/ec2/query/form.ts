import { invalidValue, missing } from '../errors.ts';
import type { TagList, TagRemoval } from '../tags.ts';
import type { Filter } from '../types.ts';

/** The parameters of one request of the query protocol: lists are `Name.1`, `Name.2` and so on. */
export class Form {
  readonly #values: ReadonlyMap<string, string>;

  constructor(parameters: URLSearchParams) {
    this.#values = new Map(parameters);
  }

  /** A text; `undefined` when it was not sent. */
  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** @throws Ec2Error `InvalidParameterValue` */
  whole(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (/^-?\d{1,9}$/.test(text)) return Number(text);
    throw invalidValue(`Value ( ${text} ) for parameter ${name} is invalid.`);
  }

  /** @throws Ec2Error `InvalidParameterValue` */
  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalidValue(`Value (${text}) for parameter ${name} is invalid. Boolean expected.`);
  }

  /** A list of texts. */
  list(name: string): string[] {
    const items: string[] = [];
    for (let at = 1; ; at += 1) {
      const item = this.text(`${name}.${at}`);
      if (item === undefined) return items;
      items.push(item);
    }
  }

  /** `Filter.n.Name` and `Filter.n.Value.m`. @throws Ec2Error `MissingParameter` */
  filters(): Filter[] {
    const filters: Filter[] = [];
    for (let at = 1; this.#has(`Filter.${at}`); at += 1) {
      const name = this.text(`Filter.${at}.Name`);
      if (name === undefined) throw missing('Filter.Name');
      filters.push({ name, values: this.list(`Filter.${at}.Value`) });
    }
    return filters;
  }

  /** `<prefix>.n.Key` and `.Value`; a value that was not sent is empty. */
  tags(prefix: string): TagList {
    return this.tagRemovals(prefix).map(({ key, value = '' }) => ({ key, value }));
  }

  /** `<prefix>.n.Key` and `.Value`, where no value means any. */
  tagRemovals(prefix: string): TagRemoval[] {
    const tags: TagRemoval[] = [];
    for (let at = 1; this.#has(`${prefix}.${at}`); at += 1) {
      const value = this.text(`${prefix}.${at}.Value`);
      const key = this.text(`${prefix}.${at}.Key`) ?? '';
      tags.push(value === undefined ? { key } : { key, value });
    }
    return tags;
  }

  /**
   * The tags of `TagSpecification.n`, which must be for snapshots.
   * @throws Ec2Error `InvalidParameterValue` for another resource type
   */
  snapshotTags(): TagList {
    const tags: { key: string; value: string }[] = [];
    for (let at = 1; this.#has(`TagSpecification.${at}`); at += 1) {
      const type = this.text(`TagSpecification.${at}.ResourceType`);
      if (type !== 'snapshot') {
        throw invalidValue(`'${type ?? ''}' is not a valid taggable resource type for this operation.`);
      }
      tags.push(...this.tags(`TagSpecification.${at}.Tag`));
    }
    return tags;
  }

  /** True when a parameter begins with this. */
  hasPrefix(prefix: string): boolean {
    for (const name of this.#values.keys()) if (name.startsWith(prefix)) return true;
    return false;
  }

  /** What the names of the parameters begin with, up to the first dot. */
  firstNames(): ReadonlySet<string> {
    return new Set([...this.#values.keys()].map((name) => name.split('.', 1)[0] ?? name));
  }

  #has(prefix: string): boolean {
    for (const member of ['Name', 'Key', 'ResourceType', 'Value', 'Value.1', 'Tag.1.Key']) {
      if (this.#values.has(`${prefix}.${member}`)) return true;
    }
    return false;
  }
}
