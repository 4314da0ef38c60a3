import { AppError } from '@smart-vault/core';
import type { Json, JsonObject } from './types.ts';

/** A place in a JSON document, with what is there. Reading something else than what is there throws. */
export interface Place {
  /** Such as `volumes.json: Volumes[3].Size`. */
  readonly path: string;
  readonly value: Json | undefined;
}

/** What is wrong at a place. */
export function wrong(place: Place, reason: string): AppError {
  return new AppError('INVALID', `${place.path}: ${reason}`, { details: { path: place.path, reason } });
}

/**
 * The document, parsed.
 * @param name what it is called in errors
 * @throws AppError `INVALID` with line and column
 */
export function parseJson(name: string, text: string): Place {
  try {
    return { path: name, value: JSON.parse(text) as Json };
  } catch {
    const { line, column, reason } = syntaxError(text);
    const path = `${name}: line ${line}, column ${column}`;
    throw new AppError('INVALID', `${path}: not JSON: ${reason}`, {
      details: { path, line, column, reason },
    });
  }
}

/** A member of an object. */
export function member(place: Place, key: string): Place {
  const object = objectOf(place);
  return { path: `${place.path}${place.path.endsWith(':') ? ' ' : '.'}${key}`, value: own(object, key) };
}

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** The object at a place. */
export function objectOf(place: Place): JsonObject {
  const { value } = place;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrong(place, `expected an object, found ${kindOf(value)}`);
}

/** The items of a list; none when there is no list. */
export function itemsOf(place: Place): Place[] {
  if (place.value === undefined || place.value === null) return [];
  if (!Array.isArray(place.value)) throw wrong(place, `expected a list, found ${kindOf(place.value)}`);
  return place.value.map((value: Json, at: number) => ({ path: `${place.path}[${at}]`, value }));
}

/** The text at a place, or the other one when nothing is there. */
export function textOf<D extends string | undefined>(place: Place, otherwise: D): string | D {
  if (place.value === undefined || place.value === null) return otherwise;
  if (typeof place.value === 'string') return place.value;
  throw wrong(place, `expected a text, found ${kindOf(place.value)}`);
}

/** The text at a place, which must be there. */
export function requiredText(place: Place): string {
  const text = textOf(place, undefined);
  if (text === undefined || text === '') throw wrong(place, 'is required');
  return text;
}

/** The whole number at a place, at least `min`, or the other one when nothing is there. */
export function wholeOf(place: Place, min: number, otherwise: number): number {
  const { value } = place;
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min) return value;
  const found = typeof value === 'number' ? String(value) : kindOf(value);
  throw wrong(place, `expected a whole number of at least ${min}, found ${found}`);
}

/** True or false at a place, or the other one when nothing is there. */
export function flagOf(place: Place, otherwise: boolean): boolean {
  if (place.value === undefined || place.value === null) return otherwise;
  if (typeof place.value === 'boolean') return place.value;
  throw wrong(place, `expected true or false, found ${kindOf(place.value)}`);
}

/** What a value is, in words. */
export function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON texts may not hold them as they are
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where a text stops being JSON: the engine's own message does not always say. */
function syntaxError(text: string): SyntaxProblem {
  const at = firstBadOffset(text);
  const before = text.slice(0, at).split('\n');
  const reason =
    at >= text.length
      ? 'it ends too early'
      : text[at] === '"'
        ? 'a text that is not closed, or not expected'
        : `unexpected ${JSON.stringify(text[at])}`;
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, reason };
}

/** A scanner with a stack of open brackets: deep nesting must not overflow. */
function firstBadOffset(text: string): number {
  const open: ('{' | '[')[] = [];
  let at = skip(SPACE, text, 0);
  let expect: 'value' | 'key' | 'first-key' | 'first-value' | 'comma' | 'end' = 'value';
  for (;;) {
    at = skip(SPACE, text, at);
    const char = text[at];
    if (char === undefined) return at;
    if (expect === 'end') return at;
    const closes = (char === '}' && open.at(-1) === '{') || (char === ']' && open.at(-1) === '[');
    if (closes && (expect === 'comma' || expect === 'first-key' || expect === 'first-value')) {
      open.pop();
      at += 1;
      expect = open.length === 0 ? 'end' : 'comma';
    } else if (expect === 'comma') {
      if (char !== ',') return at;
      at += 1;
      expect = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expect === 'key' || expect === 'first-key') {
      if (char !== '"') return at;
      const colon = skip(SPACE, text, skip(SCALAR, text, at));
      if (text[colon] !== ':') return colon === at ? at : colon;
      at = colon + 1;
      expect = 'value';
    } else if (char === '{' || char === '[') {
      open.push(char);
      at += 1;
      expect = char === '{' ? 'first-key' : 'first-value';
    } else {
      const next = skip(SCALAR, text, at);
      if (next === at) return at;
      at = next;
      expect = open.length === 0 ? 'end' : 'comma';
    }
  }
}

/** The offset behind a match at this offset; the offset itself when it does not match. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
