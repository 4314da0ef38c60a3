import type { Tags } from './model.ts';
import { TAG_LIMITS } from './tag-names.ts';

/**
 * Joins words with `separator` into as few strings as first-come order allows, each at most `lengthMax` long.
 * Words that are too long for any string are left out.
 */
export function packWords(words: readonly string[], separator: string, lengthMax: number): readonly string[] {
  const packed: string[] = [];
  for (const word of words) {
    if (word.length === 0 || word.length > lengthMax) continue;
    const last = packed.at(-1);
    if (last !== undefined && last.length + separator.length + word.length <= lengthMax) {
      packed[packed.length - 1] = last + separator + word;
    } else {
      packed.push(word);
    }
  }
  return packed;
}

/** Spreads chunks over the tags `key`, `key-2`, `key-3`, …; at most `countMax` of them. */
export function chunkTags(key: string, chunks: readonly string[], countMax: number): Tags {
  const kept = chunks.slice(0, Math.max(0, countMax));
  return Object.fromEntries(kept.map((chunk, index) => [index === 0 ? key : `${key}-${index + 1}`, chunk]));
}

/** The words of `key`, `key-2`, `key-3`, … in order; a missing number does not end the list. */
export function chunkedWords(tags: Tags, key: string): readonly string[] {
  const words: string[] = [];
  for (let number = 1; number <= TAG_LIMITS.perResource; number += 1) {
    const value = tags[number === 1 ? key : `${key}-${number}`];
    if (value !== undefined) words.push(...value.split(' ').filter((word) => word !== ''));
  }
  return words;
}

/**
 * Makes any text fit for a field of a tag value: letters, digits and `_ . / + -` stay, everything else becomes `@`
 * with four hex digits per UTF-16 unit. AWS allows letters, digits, space and `_ . : / = + - @` in every service;
 * space, `:` and `=` are what our own formats are made of.
 */
export function escapeField(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9_./+-]/g,
    (unit) => `@${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The inverse of `escapeField`. Text that it did not make comes back unchanged. */
export function unescapeField(text: string): string {
  return text.replaceAll(/@([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
