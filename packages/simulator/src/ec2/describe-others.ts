import { checkMaxResults, type DescribeInput, type DescribeOutput, positionOf, tokenOf } from './describe.ts';
import { dryRunSucceeded, Ec2Error } from './errors.ts';
import { compileFilters, type FilterFields } from './filter.ts';
import { checkId, notFound, SNAPSHOT_ID } from './ids.ts';
import type { RegionState } from './region.ts';
import { isRegionName, REGIONS, type RegionInfo } from './region-names.ts';
import type { Stored } from './store.ts';
import type { Filter, LockRecord, TagMap } from './types.ts';

const NO_TAGS: TagMap = new Map();

/** One tag of one resource. */
export interface TagDescription {
  readonly resourceId: string;
  readonly resourceType: 'instance' | 'volume' | 'snapshot' | 'image';
  readonly key: string;
  readonly value: string;
  readonly tags: TagMap;
}

const TAG_FIELDS: FilterFields<TagDescription> = {
  'resource-id': ({ resourceId }) => resourceId,
  'resource-type': ({ resourceType }) => resourceType,
  key: ({ key }) => key,
  value: ({ value }) => value,
};

/** DescribeTags: `tag:x` looks at this one tag, as do `key` and `value`. @throws Ec2Error */
export function describeTags(region: RegionState, input: DescribeInput): DescribeOutput<TagDescription> {
  return region.call('DescribeTags', '', () => {
    checkMaxResults(input.maxResults);
    const match = compileFilters((input.filters ?? []).map(asTagFilter), TAG_FIELDS);
    const after = positionOf('DescribeTags', input.nextToken);
    if (input.dryRun) throw dryRunSucceeded();
    const all = [...tagsIn(region)].filter(match);
    return pageOf('DescribeTags', all, after, input.maxResults);
  });
}

/** DescribeTags knows `tag-key` and `tag-value` under these names, too. */
const asTagFilter = ({ name, values }: Filter): Filter =>
  name === 'tag-key'
    ? { name: 'key', values }
    : name === 'tag-value'
      ? { name: 'value', values }
      : { name, values };

function* tagsIn(region: RegionState): Generator<TagDescription> {
  const replica = region.nextReplica();
  const kinds = [
    ['instance', region.instances],
    ['volume', region.volumes],
    ['snapshot', region.snapshots],
    ['image', region.images],
  ] as const;
  for (const [resourceType, store] of kinds) {
    const { items } = store.select({ replica, match: () => true }) as { readonly items: readonly Stored[] };
    for (const { id, tags } of items) {
      for (const [key, value] of tags) {
        yield { resourceId: id, resourceType, key, value, tags: new Map([[key, value]]) };
      }
    }
  }
}

/** Lists that are put together anew for every call: the token is an offset. */
function pageOf<T>(
  operation: string,
  all: readonly T[],
  after: number,
  maxResults = 1000,
): DescribeOutput<T> {
  const items = all.slice(after, after + maxResults);
  const end = after + items.length;
  return end < all.length ? { items, nextToken: tokenOf(operation, end) } : { items };
}

/** A lock as DescribeLockedSnapshots shows it; `expired` means that the snapshot can be deleted again. */
export interface LockDescription extends LockRecord {
  readonly state: 'governance' | 'compliance' | 'expired';
  readonly ownerId: string;
  readonly tags: TagMap;
}

const LOCK_FIELDS: FilterFields<LockDescription> = { 'lock-state': ({ state }) => state };

/** DescribeLockedSnapshots. @throws Ec2Error */
export function describeLockedSnapshots(
  region: RegionState,
  input: DescribeInput,
): DescribeOutput<LockDescription> {
  return region.call('DescribeLockedSnapshots', '', () => {
    const { ids = [], filters = [] } = input;
    if (ids.length > 0 && input.maxResults !== undefined) {
      const message = 'The parameter snapshotSet cannot be used with the parameter maxResults';
      throw new Ec2Error('InvalidParameterCombination', message);
    }
    checkMaxResults(input.maxResults);
    for (const id of ids) checkId(id, SNAPSHOT_ID);
    const match = compileFilters(filters, LOCK_FIELDS);
    const after = positionOf('DescribeLockedSnapshots', input.nextToken);
    if (input.dryRun) throw dryRunSucceeded();
    const lost = ids.filter((id) => region.snapshots.get(id) === undefined);
    if (lost.length > 0) throw notFound(lost, SNAPSHOT_ID);
    const wanted = new Set(ids);
    const all = [...region.locks.values()]
      .filter(({ snapshotId }) => wanted.size === 0 || wanted.has(snapshotId))
      .map((lock) => lockOf(lock, region))
      .filter(match);
    return pageOf('DescribeLockedSnapshots', all, after, input.maxResults);
  });
}

function lockOf(lock: LockRecord, region: RegionState): LockDescription {
  const state = lock.expiresAt > region.now() ? lock.mode : 'expired';
  return { ...lock, state, ownerId: region.account.accountId, tags: NO_TAGS };
}

type TaggedRegion = RegionInfo & { readonly tags: TagMap };

const REGION_FIELDS: FilterFields<TaggedRegion> = {
  'region-name': ({ name }) => name,
  'opt-in-status': ({ optInStatus }) => optInStatus,
  endpoint: ({ name }) => `ec2.${name}.amazonaws.com`,
};

/** Input of DescribeRegions. */
export interface DescribeRegionsInput {
  readonly names?: readonly string[];
  readonly all?: boolean;
  readonly filters?: readonly Filter[];
  readonly dryRun?: boolean;
}

/** DescribeRegions: those that the account can use, or all. @throws Ec2Error */
export function describeRegions(region: RegionState, input: DescribeRegionsInput): readonly RegionInfo[] {
  return region.call('DescribeRegions', '', () => {
    const { names = [], all = false, filters = [] } = input;
    const match = compileFilters(filters, REGION_FIELDS);
    const invalid = names.find((name) => !isRegionName(name));
    if (invalid !== undefined) {
      throw new Ec2Error('InvalidParameterValue', `Invalid region names provided: '${invalid}'`);
    }
    if (input.dryRun) throw dryRunSucceeded();
    return REGIONS.filter(
      (info) =>
        (all || info.optInStatus === 'opt-in-not-required') &&
        (names.length === 0 || names.includes(info.name)) &&
        match({ ...info, tags: NO_TAGS }),
    );
  });
}

/** A zone. */
export interface ZoneInfo {
  readonly name: string;
  readonly zoneId: string;
  readonly region: string;
  readonly tags: TagMap;
}

const ZONE_FIELDS: FilterFields<ZoneInfo> = {
  'zone-name': ({ name }) => name,
  'zone-id': ({ zoneId }) => zoneId,
  'region-name': ({ region }) => region,
  'zone-type': () => 'availability-zone',
  state: () => 'available',
  'opt-in-status': () => 'opt-in-not-required',
  'group-name': ({ region }) => `${region}-zg-1`,
};

/** Input of DescribeAvailabilityZones. */
export interface DescribeZonesInput {
  readonly names?: readonly string[];
  readonly zoneIds?: readonly string[];
  readonly filters?: readonly Filter[];
  readonly dryRun?: boolean;
}

/** DescribeAvailabilityZones: every region has three, and those that a loaded fleet names. @throws Ec2Error */
export function describeZones(region: RegionState, input: DescribeZonesInput): readonly ZoneInfo[] {
  return region.call('DescribeAvailabilityZones', '', () => {
    const { names = [], zoneIds = [], filters = [] } = input;
    const match = compileFilters(filters, ZONE_FIELDS);
    if (input.dryRun) throw dryRunSucceeded();
    const zones = region.network.zones().map((name) => zoneOf(region.name, name));
    const invalid = names.find((name) => !zones.some((zone) => zone.name === name));
    if (invalid !== undefined)
      throw new Ec2Error('InvalidParameterValue', `Invalid availability zone: [${invalid}]`);
    return zones.filter(
      (zone) =>
        (names.length === 0 || names.includes(zone.name)) &&
        (zoneIds.length === 0 || zoneIds.includes(zone.zoneId)) &&
        match(zone),
    );
  });
}

/** Zone ids are short: `use1-az1` for us-east-1. */
function zoneOf(region: string, name: string): ZoneInfo {
  const number = name.charCodeAt(name.length - 1) - 96;
  const [area = '', side = '', count = ''] = region.split('-');
  const sides = side.replace(/^(north|south)(east|west)$/, (_, ns: string, ew: string) => `${ns[0]}${ew[0]}`);
  const short = sides === side ? side.slice(0, 1) : sides;
  return { name, zoneId: `${area}${short}${count}-az${number}`, region, tags: NO_TAGS };
}
