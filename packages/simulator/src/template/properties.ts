import { isRecord, type TemplateProblem } from './template-types.ts';

/**
 * The resolved properties of a resource. Remembers which ones were read, so that a property which nobody heeds is
 * named instead of being passed over.
 */
export class Properties {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();
  readonly #path: string;
  readonly #problem: (text: string) => void;
  readonly #inner: Properties[] = [];

  /** @param path in front of every name in a problem, such as `Target.` */
  constructor(value: unknown, problem: (text: string) => void, path = '') {
    this.#record = isRecord(value) ? value : {};
    this.#problem = problem;
    this.#path = path;
    if (value !== undefined && !isRecord(value)) problem(`${path || 'Properties'} is no object`);
  }

  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  /** Whatever stands there. */
  any(name: string): unknown {
    return this.#get(name);
  }

  text(name: string): string | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.#wrong(name, 'a text');
  }

  requiredText(name: string): string {
    return this.text(name) ?? this.#missing(name, '');
  }

  number(name: string): number | undefined {
    const value = this.#get(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.#wrong(name, 'a number');
  }

  requiredNumber(name: string): number {
    return this.number(name) ?? this.#missing(name, 0);
  }

  boolean(name: string): boolean | undefined {
    const value = this.#get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return value === 'true' ? true : value === 'false' ? false : this.#wrong(name, 'true or false');
  }

  texts(name: string): readonly string[] {
    const value = this.#get(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map(String);
    return this.#wrong(name, 'a list') ?? [];
  }

  /** Nested properties; empty ones when there are none. */
  inner(name: string): Properties {
    const inner = new Properties(this.#get(name), this.#problem, `${this.#path}${name}.`);
    this.#inner.push(inner);
    return inner;
  }

  /** A list of nested properties. */
  items(name: string): readonly Properties[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value)) {
      this.#wrong(name, 'a list');
      return [];
    }
    const items = value.map(
      (item, at) => new Properties(item, this.#problem, `${this.#path}${name}[${at}].`),
    );
    this.#inner.push(...items);
    return items;
  }

  /** One of these texts. */
  choice<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    if (choices.includes(value as T)) return value as T;
    this.#wrong(name, `one of ${choices.join(', ')}, but ${value}`);
    return otherwise;
  }

  /** Says that these have no effect here, and that is well. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Names every property that nobody has read. */
  complainAboutRest(): void {
    const rest = Object.keys(this.#record).filter((name) => !this.#read.has(name));
    if (rest.length > 0)
      this.#problem(`has ${rest.map((name) => this.#path + name).join(', ')}: not modelled`);
    for (const inner of this.#inner) inner.complainAboutRest();
  }

  #get(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#record, name) ? (this.#record[name] ?? undefined) : undefined;
  }

  #wrong(name: string, wanted: string): undefined {
    this.#problem(`${this.#path}${name} is not ${wanted}`);
    return undefined;
  }

  #missing<T>(name: string, stand: T): T {
    this.#problem(`${this.#path}${name} is missing`);
    return stand;
  }
}

/** Makes the function by which the properties of one resource complain. */
export function complainer(
  problems: TemplateProblem[],
  owner: { stack: string; logicalId: string; type: string },
): (text: string) => void {
  return (text) => problems.push({ ...owner, text });
}
