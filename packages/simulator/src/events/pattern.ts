import { AppError } from '@smart-vault/core';
import { compileLeaf, type Leaf } from './pattern-operators.ts';

/** Says whether an event matches; made once per rule by `compilePattern`. */
export type EventMatcher = (event: unknown) => boolean;

/**
 * Checks an EventBridge event pattern and makes a matcher of it.
 *
 * Fields are ANDed, the values of one field ORed; an array in the event matches when any element does; a field that
 * the pattern does not name does not matter. `$or` takes a list of alternatives. Source:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws AppError `CONFIG` that names the path and the operator which EventBridge would refuse, or which this model
 *   does not know
 */
export function compilePattern(pattern: unknown): EventMatcher {
  const node = compileNode(pattern, []);
  return (event) => node(event);
}

/** Whether an event matches a pattern; see `compilePattern`. @throws AppError `CONFIG` for a bad pattern */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  return compilePattern(pattern)(event);
}

function compileNode(pattern: unknown, path: readonly string[]): EventMatcher {
  if (!isRecord(pattern)) throw bad(path, 'is no JSON object');
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw bad(path, 'is empty; EventBridge wants at least one field');
  const checks = entries.map(([key, value]) => compileField(key, value, path));
  return (value) => objectsIn(value).some((object) => checks.every((check) => check(object)));
}

function compileField(key: string, value: unknown, path: readonly string[]): EventMatcher {
  const here = [...path, key];
  if (key === '$or') return compileOr(value, here, path);
  if (!Array.isArray(value)) {
    const inner = compileNode(value, here);
    return (object) => inner(fieldOf(object, key));
  }
  if (value.length === 0) throw bad(here, 'is an empty list; EventBridge wants at least one value');
  const leaves = value.map((item) => compileLeaf(item, (problem) => bad(here, problem)));
  return (object) => matchesLeaves(leaves, fieldOf(object, key));
}

function compileOr(value: unknown, here: readonly string[], path: readonly string[]): EventMatcher {
  if (!Array.isArray(value) || value.length < 2) throw bad(here, 'needs a list of at least two patterns');
  const alternatives = value.map((alternative) => compileNode(alternative, path));
  return (object) => alternatives.some((alternative) => alternative(object));
}

function matchesLeaves(leaves: readonly Leaf[], value: unknown): boolean {
  const present = leafValues(value);
  return leaves.some((leaf) =>
    leaf.kind === 'absent' ? present.length === 0 : present.some((item) => leaf.test(item)),
  );
}

/** The scalar values of a field: objects are no leaves, and neither is an empty list. */
function leafValues(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(leafValues);
  return isRecord(value) ? [] : [value];
}

/** What a nested pattern is tried on: a list of objects matches when one of them does, a missing one is empty. */
function objectsIn(value: unknown): readonly Record<string, unknown>[] {
  if (value === undefined) return [{}];
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isRecord(value) ? [value] : [];
}

function fieldOf(object: unknown, key: string): unknown {
  return isRecord(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(path: readonly string[], problem: string): AppError {
  const where = path.length === 0 ? 'the event pattern' : `event pattern: ${path.join('.')}`;
  return new AppError('CONFIG', `${where} ${problem}`);
}
