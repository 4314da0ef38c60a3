import type { Tags } from './model.ts';
import { compare } from './order.ts';
import { isReservedKey, TAG, TAG_LIMITS } from './tag-names.ts';
import { chunkedWords, chunkTags, escapeField, packWords, unescapeField } from './tag-text.ts';

/** What the snapshots tell of the tags of their instance. */
export interface InstanceTags {
  readonly tags: Tags;
  /** Tags that the instance had and that found no room. 0 when all are there, or when the snapshot tells nothing. */
  readonly leftOut: number;
  /** False for snapshots that were made before tags of instances were recorded. */
  readonly known: boolean;
}

/** About a thousand characters; the rest of the room is for the volumes' own tags. */
const INSTANCE_TAGS_MAX = 4;
const COUNT = /^\+(\d+)$/;

/**
 * The instance's own tags as `smart-vault:instance-tags`, `-2`, …: first `+` and how many found no room, then
 * `<key>=<value>` each, `Name` before the others, which come in the order of their keys. Tags of AWS (`aws:`) and of
 * ours are not the user's, and are left out without being counted.
 *
 * @param tagsMax how many tags may be used at most
 */
export function encodeInstanceTags(tags: Tags, tagsMax: number): Tags {
  const keys = Object.keys(tags).filter((key) => !isReservedKey(key));
  const room = Math.min(INSTANCE_TAGS_MAX, tagsMax);
  if (room <= 0) return {};
  const words = keys
    .sort((a, b) => Number(b === 'Name') - Number(a === 'Name') || compare(a, b))
    .map((key) => `${escapeField(key)}=${escapeField(tags[key] ?? '')}`);
  const chunksOf = (leftOut: number, some: readonly string[]): readonly string[] =>
    packWords([`+${leftOut}`, ...some], ' ', TAG_LIMITS.valueLength);
  const kept: string[] = [];
  for (const word of words) {
    if (word.length > TAG_LIMITS.valueLength) continue;
    if (chunksOf(words.length, [...kept, word]).length <= room) kept.push(word);
  }
  return chunkTags(TAG.instanceTags, chunksOf(words.length - kept.length, kept), room);
}

/** Reads what `encodeInstanceTags` wrote; words that cannot be read are left out. Never throws. */
export function decodeInstanceTags(tags: Tags): InstanceTags {
  const words = chunkedWords(tags, TAG.instanceTags);
  const entries = words.flatMap((word): readonly (readonly [string, string])[] => {
    const cut = word.indexOf('=');
    return cut <= 0 ? [] : [[unescapeField(word.slice(0, cut)), unescapeField(word.slice(cut + 1))]];
  });
  const count = words.map((word) => COUNT.exec(word)?.[1]).find((digits) => digits !== undefined);
  return { tags: Object.fromEntries(entries), leftOut: Number(count ?? 0), known: count !== undefined };
}
