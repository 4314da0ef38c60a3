import { Ec2Error, invalidValue, missing } from './errors.ts';
import type { Filter, TagMap } from './types.ts';

/** The text, or texts, that a filter looks at; nothing never matches. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => string | readonly string[] | undefined>>;

interface Tagged {
  readonly tags: TagMap;
}

/** Values of all filters of one call; widely cited, not documented. */
const VALUES_MAX = 200;

/**
 * One predicate out of all filters of a call. Values know `*` (any text), `?` (one character) and a backslash
 * before either of them or before itself; they are case-sensitive.
 * @throws Ec2Error `InvalidParameterValue` for a filter that the call does not have, `FilterLimitExceeded`
 */
export function compileFilters<T extends Tagged>(
  filters: readonly Filter[],
  fields: FilterFields<T>,
): (item: T) => boolean {
  let count = 0;
  const tests = filters.map((filter) => {
    count += filter.values.length;
    return compileFilter(filter, fields);
  });
  if (count > VALUES_MAX) {
    const message = `The maximum number of filter values specified on a single call is ${VALUES_MAX}`;
    throw new Ec2Error('FilterLimitExceeded', message);
  }
  return (item) => {
    for (const test of tests) if (!test(item)) return false;
    return true;
  };
}

function compileFilter<T extends Tagged>(
  { name, values }: Filter,
  fields: FilterFields<T>,
): (item: T) => boolean {
  const matches = textMatcher(values);
  const test = tagFilter<T>(name, matches) ?? fieldFilter(name, fields, matches);
  if (test === undefined) throw invalidValue(`The filter '${name}' is invalid`);
  if (values.length === 0) throw missing('Filter.Value');
  return test;
}

function tagFilter<T extends Tagged>(name: string, matches: (text: string) => boolean) {
  if (name.startsWith('tag:')) {
    const key = name.slice(4);
    return ({ tags }: T) => {
      const value = tags.get(key);
      return value !== undefined && matches(value);
    };
  }
  if (name === 'tag-key') return ({ tags }: T) => some(tags.keys(), matches);
  if (name === 'tag-value') return ({ tags }: T) => some(tags.values(), matches);
  return undefined;
}

function fieldFilter<T>(name: string, fields: FilterFields<T>, matches: (text: string) => boolean) {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) return undefined;
  return (item: T) => {
    const found = field(item);
    if (found === undefined) return false;
    return typeof found === 'string' ? matches(found) : some(found, matches);
  };
}

function some(texts: Iterable<string>, matches: (text: string) => boolean): boolean {
  for (const text of texts) if (matches(text)) return true;
  return false;
}

/** True for texts that one of these values means. */
export function textMatcher(values: readonly string[]): (text: string) => boolean {
  const exact = new Set(values.filter(isPlain));
  const patterns = values.filter((value) => !isPlain(value)).map(wildcard);
  if (patterns.length === 0) return (text) => exact.has(text);
  return (text) => exact.has(text) || patterns.some((pattern) => matchesPattern(pattern, text));
}

/** True for a value that means just itself. */
export const isPlain = (value: string): boolean => !/[*?\\]/.test(value);

const ANY = Symbol('any text');
const ONE = Symbol('one character');
type Pattern = readonly (string | typeof ANY | typeof ONE)[];

function wildcard(value: string): Pattern {
  const pattern: (string | typeof ANY | typeof ONE)[] = [];
  const characters = [...value];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] as string;
    const next = characters[at + 1];
    if (character === '\\' && next !== undefined && '*?\\'.includes(next)) {
      pattern.push(next);
      at += 1;
    } else {
      pattern.push(character === '*' ? ANY : character === '?' ? ONE : character);
    }
  }
  return pattern;
}

/** Greedy with one step back: linear in practice, where a regular expression of many `*` could explode. */
function matchesPattern(pattern: Pattern, text: string): boolean {
  const characters = [...text];
  let [at, from] = [0, 0];
  let [star, resume] = [-1, 0];
  while (at < characters.length) {
    const part = pattern[from];
    if (part === ONE || (part !== undefined && part !== ANY && part === characters[at])) {
      at += 1;
      from += 1;
    } else if (part === ANY) {
      star = from;
      resume = at;
      from += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      from = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[from] === ANY) from += 1;
  return from === pattern.length;
}
