import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergedAfter, OrderedList } from '../../src/ec2/ordered-list.ts';

const listOf = (seqs: readonly number[]) => {
  const list = new OrderedList<{ seq: number }>();
  for (const seq of seqs) list.add({ seq });
  return list;
};
const sorted = (seqs: Iterable<number>) => [...new Set(seqs)].sort((a, b) => a - b);

test('it holds what a sorted set holds, through thousands of additions and removals', () => {
  const many = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 4000, maxLength: 5000 });
  fc.assert(
    fc.property(many, many, fc.nat(6000), (added, removed, after) => {
      const list = listOf(added);
      const gone = new Set(removed);
      for (const seq of removed) list.remove({ seq });
      const left = sorted(added.filter((seq) => !gone.has(seq)));
      expect(list.size).toBe(left.length);
      expect([...list.after(after)].map(({ seq }) => seq)).toEqual(left.filter((seq) => seq > after));
    }),
    { numRuns: 30, seed: 7 },
  );
});

test('merged lists give each item once and in order, whether they are few or many', () => {
  const lists = fc.array(fc.array(fc.integer({ min: 1, max: 50 })), { maxLength: 12 });
  fc.assert(
    fc.property(lists, fc.nat(50), (all, after) => {
      const merged = [...mergedAfter(all.map(listOf), after)].map(({ seq }) => seq);
      expect(merged).toEqual(sorted(all.flat()).filter((seq) => seq > after));
    }),
    { numRuns: 200, seed: 7 },
  );
});
