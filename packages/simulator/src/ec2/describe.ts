import { dryRunSucceeded, Ec2Error, invalidValue } from './errors.ts';
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
    return { items: [], nextToken: tokenOf(kind.operation, after) };
  }
  const candidates = candidatesOf(store, kind.idFilter, filters);
  const limit = pageSize(region, input);
  const page = store.select({
    replica,
    match,
    after,
    ...(limit === undefined ? {} : { limit }),
    ...(candidates === undefined ? {} : { ids: candidates }),
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

/** The fewest ids among which all matches are, when an index knows them. */
function candidatesOf<T extends Stored>(
  store: Store<T>,
  idFilter: string,
  filters: readonly Filter[],
): readonly string[] | undefined {
  let fewest: readonly string[] | undefined;
  for (const { name, values } of filters) {
    if (!values.every(isPlain)) continue;
    const ids =
      name === idFilter
        ? values
        : name.startsWith('tag:')
          ? store.idsTagged(name.slice(4), values)
          : undefined;
    if (ids !== undefined && (fewest === undefined || ids.length < fewest.length)) fewest = ids;
  }
  return fewest;
}

/** An opaque token: the call and the position behind which the next page begins. */
export function tokenOf(operation: string, position: number): string {
  return Buffer.from(`${operation}:${position}`).toString('base64url');
}

/** @throws Ec2Error `InvalidParameterValue` for a token that this call did not give */
export function positionOf(operation: string, token: string | undefined): number {
  if (token === undefined) return 0;
  const [name, position] = Buffer.from(token, 'base64url').toString().split(':');
  if (name === operation && position !== undefined && /^\d+$/.test(position)) return Number(position);
  throw invalidValue('Unable to parse pagination token');
}
