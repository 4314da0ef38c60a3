/**
 * A cheap 32-bit hash of a text (FNV-1a with a final mix): the same on every machine. Not for secrets.
 * @param seed lets several hashes of one text differ
 */
export const hash32 = (text: string, seed = 0): number => mixed(folded((0x811c9dc5 ^ seed) >>> 0, text));

function folded(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

/** The decimal digits of a whole number from 0 on, the first one first. */
function foldedDigits(start: number, number: number): number {
  const hash = number < 10 ? start : foldedDigits(start, Math.floor(number / 10));
  return Math.imul(hash ^ (48 + (number % 10)), 0x01000193);
}

/** Two independent 32-bit hashes of a text in one pass, as 16 hexadecimal digits. */
export function hex16(text: string, seed = 0): string {
  let a = (0x811c9dc5 ^ seed) >>> 0;
  let b = (0x5bd1e995 ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) + 0x9e3779b9;
  }
  return hex8(mixed(a)) + hex8(mixed(b ^ (b >>> 15)));
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/** Every byte's two digits: a table is three times as fast as `toString(16)`, and every id is made of them. */
const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex8(word: number): string {
  const high = `${BYTES[word >>> 24]}${BYTES[(word >>> 16) & 255]}`;
  return `${high}${BYTES[(word >>> 8) & 255]}${BYTES[word & 255]}`;
}

/**
 * Random numbers that are a function of their seed alone (sfc32).
 *
 * Give every part its own stream with `fork(label)`: a fork depends on the seed and the label, never on how many
 * numbers were drawn, so that one more draw in one part leaves all the others as they were.
 */
export class Rng {
  readonly seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed any number; its lower 32 bits count */
  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#a = this.seed ^ 0x9e3779b9;
    this.#b = Math.imul(this.seed, 0x85ebca6b) ^ 0x243f6a88;
    this.#c = Math.imul(this.seed, 0xc2b2ae35) ^ 0xb7e15162;
    for (let round = 0; round < 12; round += 1) this.uint32();
  }

  /** 0 to 4,294,967,295. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 included to 1 excluded, in steps of 2^-32. */
  next(): number {
    return this.uint32() / 0x100000000;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** A number from `min` (included) to `max` (excluded). */
  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of these. @throws when there are none */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error('Rng: pick() from an empty list');
    return items[this.int(0, items.length - 1)] as T;
  }

  /** A copy in random order. */
  shuffle<T>(items: readonly T[]): T[] {
    const mixed = [...items];
    for (let at = mixed.length - 1; at > 0; at -= 1) {
      const other = this.int(0, at);
      [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
    }
    return mixed;
  }

  /** This many lower-case hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += hex8(this.uint32());
    return text.slice(0, digits);
  }

  /** A stream of its own for one part of a simulation: depends on this one's seed and the label only. */
  fork(label: string): Rng {
    return new Rng(hash32(label, this.seed));
  }
}

/**
 * A number from 0 (included) to 1 (excluded) that belongs to a label: the same draw however many others were made
 * before it. Faults use it, so that leaving one out does not move the others.
 */
export function unitOf(seed: number, label: string): number {
  return hash32(label, seed) / 0x100000000;
}

/**
 * The number that belongs to a label of several parts: `unitOf` of all of them in a row, for those who draw so often
 * that making that text would be felt. Numbers must be whole and not negative.
 */
export function unitOfParts(seed: number, ...parts: readonly (string | number)[]): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const part of parts) hash = typeof part === 'string' ? folded(hash, part) : foldedDigits(hash, part);
  return mixed(hash) / 0x100000000;
}
