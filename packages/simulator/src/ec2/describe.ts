import { dryRunSucceeded, Ec2Error, invalidValue } from './errors.ts';
import type { KeysOf, Lookup } from './field-index.ts';
import { compileFilters, type FilterFields, isPlain } from './filter.ts';
import { checkId, type IdKind, notFound } from './ids.ts';
import type { RegionState } from './region.ts';
import type { Page, Store, Stored } from './store.ts';
import type { Filter } from './types.ts';

/** What all Describe calls take. */
export interface DescribeInput {
  readonly ids?: readonly string[];
  readonly filters?: readonly Filter[];
  /** 5 to 1000; absent: everything at once. */
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly dryRun?: boolean;
}

/** One page. */
export interface DescribeOutput<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** How one kind of resource is described. */
export interface DescribeKind<T extends Stored> {
  readonly operation: string;
  readonly id: IdKind;
  /** The filter that names ids: values without wildcards are looked up instead of searched for. */
  readonly idFilter: string;
  readonly fields: FilterFields<T>;
  /** Filters that leave few of many: values without wildcards are looked up in an index. */
  readonly indexed: ReadonlySet<string>;
  store(region: RegionState): Store<T>;
}

const PAGE_MIN = 5;
const PAGE_MAX = 1000;
const IDS_MAX = 1000;

/**
 * A Describe call: by ids (all must be there), by filters (what is there), in pages.
 * @param visible what the caller may see at all, and what the call's own switches leave out
 * @throws Ec2Error
 */
export function describe<T extends Stored>(
  region: RegionState,
  kind: DescribeKind<T>,
  input: DescribeInput,
  visible: (item: T) => boolean = () => true,
): DescribeOutput<T> {
  const { ids = [], filters = [], maxResults, nextToken } = input;
  const unbounded = ids.length + filters.length === 0 && maxResults === undefined && nextToken === undefined;
  return region.call(kind.operation, '', () => look(region, kind, input, visible), unbounded);
}

function look<T extends Stored>(
  region: RegionState,
  kind: DescribeKind<T>,
  input: DescribeInput,
  visible: (item: T) => boolean,
): DescribeOutput<T> {
  const { ids = [], filters = [] } = input;
  checkIds(ids, input.maxResults, kind.id);
  checkMaxResults(input.maxResults);
  const matches = compileFilters(filters, kind.fields);
  const match = filters.length === 0 ? visible : (item: T) => visible(item) && matches(item);
  const after = positionOf(kind.operation, input.nextToken);
  if (input.dryRun) throw dryRunSucceeded();
  const store = kind.store(region);
  const replica = region.nextReplica();
  if (ids.length > 0) return { items: byId(store, kind.id, ids, replica, visible).filter(match) };
  if (input.maxResults !== undefined && region.nextPageIsEmpty()) {
    return { items: [], nextToken: tokenOf(kind.operation, after, region.nextNonce()) };
  }
  const { ids: among, lookups } = candidatesOf(kind, filters);
  const limit = pageSize(region, input);
  const page = store.select({
    replica,
    match,
    after,
    ...(limit === undefined ? {} : { limit }),
    ids: among,
    lookups,
  });
  return outputOf(kind.operation, page);
}

function outputOf<T>(operation: string, { items, next }: Page<T>): DescribeOutput<T> {
  return next === undefined ? { items } : { items, nextToken: tokenOf(operation, next) };
}

/** Without MaxResults a listing is not cut, unless it goes on from a token. */
function pageSize(region: RegionState, { maxResults, nextToken }: DescribeInput): number | undefined {
  if (maxResults === undefined && nextToken === undefined) return undefined;
  return Math.min(maxResults ?? PAGE_MAX, region.account.knobs.pageSizeMax);
}

/** @throws Ec2Error when ids and a page size come together, or ids are malformed or too many */
function checkIds(ids: readonly string[], maxResults: number | undefined, kind: IdKind): void {
  if (ids.length > 0 && maxResults !== undefined) {
    const message = `The parameter ${kind.set} cannot be used with the parameter maxResults`;
    throw new Ec2Error('InvalidParameterCombination', message);
  }
  if (ids.length > IDS_MAX)
    throw invalidValue(`No more than ${IDS_MAX} ids can be specified in a single call.`);
  for (const id of ids) checkId(id, kind);
}

/** @throws Ec2Error `InvalidParameterValue` with AWS's text */
export function checkMaxResults(maxResults: number | undefined): void {
  if (maxResults === undefined) return;
  const value = `Value ( ${maxResults} ) for parameter maxResults is invalid.`;
  if (!(maxResults >= PAGE_MIN)) throw invalidValue(`${value} Expecting a value greater than ${PAGE_MIN}.`);
  if (maxResults > PAGE_MAX) {
    throw invalidValue(`${value} Expecting a value smaller than or equal to ${PAGE_MAX}.`);
  }
}

/** Those of these ids; all must be visible. @throws Ec2Error that names the missing ones */
function byId<T extends Stored>(
  store: Store<T>,
  kind: IdKind,
  ids: readonly string[],
  replica: number,
  visible: (item: T) => boolean,
): T[] {
  const found: T[] = [];
  const lost: string[] = [];
  for (const id of new Set(ids)) {
    const item = store.see(id, replica);
    if (item !== undefined && visible(item)) found.push(item);
    else lost.push(id);
  }
  if (lost.length > 0) throw notFound(lost, kind);
  return found;
}

/** Where all matches are among: in the shortest list of ids that a filter names, and behind each of the lookups. */
function candidatesOf<T extends Stored>(
  { idFilter, fields, indexed }: DescribeKind<T>,
  filters: readonly Filter[],
): { readonly ids: readonly string[] | undefined; readonly lookups: readonly Lookup<T>[] } {
  let fewest: readonly string[] | undefined;
  const lookups: Lookup<T>[] = [];
  for (const { name, values } of filters) {
    if (!values.every(isPlain)) continue;
    const keysOf = name.startsWith('tag:') ? tagOf<T>(name.slice(4)) : fields[name];
    if (name === idFilter && (fewest === undefined || values.length < fewest.length)) fewest = values;
    else if (keysOf !== undefined && (indexed.has(name) || name.startsWith('tag:')))
      lookups.push({ name, keysOf, values });
  }
  return { ids: fewest, lookups };
}

const tagOf =
  <T extends Stored>(key: string): KeysOf<T> =>
  ({ tags }) =>
    tags.get(key);

/**
 * An opaque token: the call and the position behind which the next page begins.
 * @param nonce makes the token of an empty page another one than that which it was asked for with
 */
export function tokenOf(operation: string, position: number, nonce?: number): string {
  const text = nonce === undefined ? `${operation}:${position}` : `${operation}:${position}:${nonce}`;
  return Buffer.from(text).toString('base64url');
}

/** @throws Ec2Error `InvalidParameterValue` for a token that this call did not give */
export function positionOf(operation: string, token: string | undefined): number {
  if (token === undefined) return 0;
  const [name, position] = Buffer.from(token, 'base64url').toString().split(':');
  if (name === operation && position !== undefined && /^\d+$/.test(position)) return Number(position);
  throw invalidValue('Unable to parse pagination token');
}
