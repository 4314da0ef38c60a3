import { Ec2Error, invalidValue } from './errors.ts';
import type { TagMap } from './types.ts';

/** Tags of a resource, system tags not counted. */
const TAGS_MAX = 50;

export type TagList = readonly { readonly key: string; readonly value: string }[];

/**
 * Tags of a request as a map.
 * @throws Ec2Error `InvalidParameterValue` for duplicate, reserved, empty or too long keys and too long values;
 *   `TagLimitExceeded` for more than 50
 */
export function checkTags(tags: TagList): TagMap {
  const map = new Map<string, string>();
  for (const { key, value } of tags) {
    if (key === '') throw invalidValue('Tag key cannot be null or empty');
    if (key.length > 128) throw invalidValue('Tag key exceeds the maximum length of 128 characters');
    if (value.length > 256) throw invalidValue('Tag value exceeds the maximum length of 256 characters');
    if (isSystemTag(key)) throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use");
    if (map.has(key)) throw invalidValue(`Duplicate tag key '${key}' specified.`);
    map.set(key, value);
  }
  checkTagCount(map);
  return map;
}

/** @throws Ec2Error `TagLimitExceeded` */
function checkTagCount(tags: TagMap): void {
  if (tags.size <= TAGS_MAX) return;
  let count = 0;
  for (const key of tags.keys()) if (!isSystemTag(key)) count += 1;
  if (count > TAGS_MAX) {
    throw new Ec2Error('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
}

/** True for keys that only AWS itself can set. */
export const isSystemTag = (key: string): boolean =>
  key.charCodeAt(3) === COLON && key.slice(0, 3).toLowerCase() === 'aws';
const COLON = 58;

/** `base` with `tags` over it. @throws Ec2Error `TagLimitExceeded` */
export function mergeTags(base: TagMap, tags: TagMap): TagMap {
  const merged = new Map([...base, ...tags]);
  checkTagCount(merged);
  return merged;
}

/** A map from a plain record, for tests and operators. System tags are allowed here. */
export const tagMap = (tags: Readonly<Record<string, string>> = {}): TagMap => new Map(Object.entries(tags));

/** One tag to take away; with a value, only when it has that value. */
export interface TagRemoval {
  readonly key: string;
  readonly value?: string;
}

/** Without these; without all of its own when none are given. System tags stay. */
export function withoutTags(tags: TagMap, removals: readonly TagRemoval[]): TagMap {
  const left = new Map(tags);
  if (removals.length === 0) for (const key of tags.keys()) if (!isSystemTag(key)) left.delete(key);
  for (const { key, value } of removals) {
    if (isSystemTag(key)) throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use");
    if (value === undefined || left.get(key) === value) left.delete(key);
  }
  return left;
}
