import type { Filter as SdkFilter, Tag, TagSpecification } from '@aws-sdk/client-ec2';
import type { DescribeInput } from '../describe.ts';
import { invalidValue, missing } from '../errors.ts';
import { withoutImpossible } from '../query/xml.ts';
import type { TagList, TagRemoval } from '../tags.ts';
import type { Filter, TagMap } from '../types.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a cheap look for what is rare
const SUSPECT = /[\u0000-\u001f\ud800-\udfff\ufffe\uffff]/;

/** A text as a client reads it that got it as XML: without characters that XML cannot hold, or blank lines only. */
export function asText(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const cleaned = withoutImpossible(text);
  return cleaned.includes('\n') && cleaned.trim() === '' ? '' : cleaned;
}

/** `{[name]: value}`, or nothing when there is no value. */
export function defined<Name extends string, T>(
  name: Name,
  value: T | undefined | null,
): { [K in Name]?: T } {
  return (value === undefined || value === null ? {} : { [name]: value }) as { [K in Name]?: T };
}

/** The tags of a resource; nothing at all when there are none, as in EC2's answers. */
export function tagsOf(tags: TagMap): Tag[] | undefined {
  if (tags.size === 0) return undefined;
  const list: Tag[] = [];
  for (const [key, value] of tags) list.push({ Key: asText(key), Value: asText(value) });
  return list;
}

/** The members that all Describe commands have. */
export interface SdkDescribeInput {
  readonly Filters?: readonly SdkFilter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
  readonly DryRun?: boolean | undefined;
}

/** What all Describe calls take. @throws Ec2Error for a filter without a name, or a page size that is no whole number */
export function describeInput(input: SdkDescribeInput, ids: readonly string[] | undefined): DescribeInput {
  const given: { -readonly [Member in keyof DescribeInput]: DescribeInput[Member] } = {
    ids: ids ?? [],
    filters: filtersOf(input.Filters ?? []),
    dryRun: input.DryRun ?? false,
  };
  const maxResults = wholeOf('MaxResults', input.MaxResults);
  if (maxResults !== undefined) given.maxResults = maxResults;
  const { NextToken } = input;
  if (NextToken !== undefined && NextToken !== null) given.nextToken = NextToken;
  return given;
}

/** Filters. @throws Ec2Error for one without a name */
export function filtersOf(given: readonly SdkFilter[]): Filter[] {
  const filters: Filter[] = [];
  for (const { Name, Values = [] } of given) {
    // An empty filter is not sent, and what comes after it is not read.
    if (Name === undefined && Values.length === 0) break;
    if (Name === undefined) throw missing('Filter.Name');
    filters.push({ name: Name, values: Values });
  }
  return filters;
}

/** @throws Ec2Error `InvalidParameterValue` for what is no whole number */
export function wholeOf(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value;
  throw invalidValue(`Value ( ${value} ) for parameter ${name} is invalid.`);
}

/** Tags; a value that was not given is empty. */
export const tagList = (tags: readonly Tag[] | undefined): TagList =>
  tagRemovals(tags).map(({ key, value = '' }) => ({ key, value }));

/** Tags, where no value means any. */
export function tagRemovals(tags: readonly Tag[] = []): TagRemoval[] {
  const list: TagRemoval[] = [];
  for (const { Key, Value } of tags) {
    if (Key === undefined && Value === undefined) break;
    list.push({ key: Key ?? '', ...defined('value', Value) });
  }
  return list;
}

/** The tags for a new resource. @throws Ec2Error `InvalidParameterValue` for tags of another type of resource */
export function newTags(
  specifications: readonly TagSpecification[] | undefined,
  types: readonly string[],
): TagList {
  return (specifications ?? []).flatMap(({ ResourceType, Tags }) => {
    if (ResourceType === undefined || !types.includes(ResourceType))
      throw invalidValue(`'${ResourceType ?? ''}' is not a valid taggable resource type for this operation.`);
    return tagList(Tags);
  });
}
