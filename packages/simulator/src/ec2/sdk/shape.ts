import type { Json, JsonObject } from '../types.ts';
import { asText } from './values.ts';

/** What a member of the SDK's output is: a scalar, a structure (an object of shapes), or a list of either. */
type Shape = 'text' | 'number' | 'flag' | 'time' | ListOf | Structure;
export interface Structure {
  readonly [member: string]: Shape;
}
type ListOf = readonly [Shape];

/**
 * JSON as a fleet file had it, as the SDK would give it back: members that the SDK knows, with their types.
 * Values of another kind than the SDK expects are left out.
 */
export function shaped(raw: JsonObject, structure: Structure): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key in structure) {
    const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
    if (value === undefined || value === null) continue;
    const member = memberOf(key, value, structure[key] as Shape);
    if (member !== undefined) result[key] = member;
  }
  return result;
}

function memberOf(key: string, value: Json, shape: Shape): unknown {
  if (typeof shape === 'string') return typeof value === 'object' ? undefined : scalarOf(key, value, shape);
  if (isList(shape)) return Array.isArray(value) ? value.map((item) => itemOf(item, shape[0])) : undefined;
  return isObject(value) ? shaped(value, shape) : undefined;
}

function itemOf(item: Json, shape: Shape): unknown {
  if (typeof shape === 'string') return item === null || typeof item === 'object' ? '' : String(item);
  return isObject(item) && !isList(shape) ? shaped(item, shape) : {};
}

/** A text under a name that ends in `Time` is written as EC2 writes times, or not at all when it is none. */
function scalarOf(key: string, value: string | number | boolean, shape: string): unknown {
  if (typeof value === 'string' && key.endsWith('Time')) {
    const date = timeOf(value);
    return shape === 'time' ? date : date?.toISOString();
  }
  if (shape === 'text') return asText(String(value));
  if (shape === 'number') return Number(value);
  return shape === 'flag' ? String(value) === 'true' : undefined;
}

/** A point in time; nothing for what is none. */
export function timeOf(text: string | undefined): Date | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

const isList = (shape: Shape): shape is ListOf => Array.isArray(shape);
const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
