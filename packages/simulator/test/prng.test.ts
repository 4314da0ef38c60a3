import { expect, test } from 'vitest';
import { hash32, Rng, unitOf } from '../src/index.ts';

const draws = (rng: Rng, count = 8): number[] => Array.from({ length: count }, () => rng.uint32());

/** How many of these numbers fall into each tenth of 0 to 1. */
function histogram(count: number, draw: (at: number) => number): number[] {
  const tenths = new Array<number>(10).fill(0);
  for (let at = 0; at < count; at += 1) {
    const tenth = Math.floor(draw(at) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  return tenths;
}

test('the same seed gives the same numbers, another seed others', () => {
  expect(draws(new Rng(7))).toEqual(draws(new Rng(7)));
  expect(draws(new Rng(7))).not.toEqual(draws(new Rng(8)));
});

test('a fork depends on seed and label, not on what was drawn before', () => {
  const fresh = new Rng(7).fork('ec2');
  const used = new Rng(7);
  draws(used, 100);
  expect(draws(used.fork('ec2'))).toEqual(draws(fresh));
  expect(draws(used.fork('ec2'))).not.toEqual(draws(used.fork('sqs')));
});

test('numbers are spread evenly', () => {
  const rng = new Rng(1);
  for (const count of histogram(100_000, () => rng.next()))
    expect(Math.abs(count - 10_000)).toBeLessThan(500);
});

test('labels that differ in one character give numbers that are spread evenly', () => {
  const counts = histogram(10_000, (at) => unitOf(5, `snap-${at}`));
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

test('int keeps to its bounds, both included', () => {
  const rng = new Rng(3);
  const seen = new Set(Array.from({ length: 200 }, () => rng.int(2, 4)));
  expect([...seen].sort()).toEqual([2, 3, 4]);
});

test('shuffle keeps every item, pick takes one of them, hex has the length asked for', () => {
  const rng = new Rng(4);
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const mixed = rng.shuffle(items);
  expect(mixed).not.toEqual(items);
  expect([...mixed].sort()).toEqual(items);
  expect(items).toContain(rng.pick(items));
  expect(() => rng.pick([])).toThrow('empty');
  expect(rng.hex(17)).toMatch(/^[0-9a-f]{17}$/);
});

test('the hash is a 32-bit number that depends on text and seed', () => {
  expect(hash32('a')).toBe(hash32('a'));
  expect(new Set([hash32('a'), hash32('b'), hash32('a', 1), hash32('')]).size).toBe(4);
  expect(hash32('x'.repeat(1000))).toBeLessThan(2 ** 32);
});
