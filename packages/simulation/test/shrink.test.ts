import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ddmin } from '../src/shrink.ts';

describe('ddmin', () => {
  it('finds the faults that a failure needs, and no others', async () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 40 });
    const failure = ids.chain((all) => fc.tuple(fc.constant(all), fc.subarray(all)));

    await fc.assert(
      fc.asyncProperty(failure, async ([all, needed]) => {
        const kept = await ddmin(all, async (left) => needed.every((id) => left.includes(id)));

        expect([...kept].sort()).toEqual([...needed].sort());
      }),
    );
  });

  it('says that no fault is needed when the failure is there without any', async () => {
    expect(await ddmin(['a', 'b'], async () => true)).toEqual([]);
  });
});
