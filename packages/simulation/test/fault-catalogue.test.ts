import { describe, expect, it } from 'vitest';
import { FAULT_CATALOGUE, ROWS_ELSEWHERE } from '../src/fault-catalogue.ts';

describe('the fault catalogue', () => {
  it('has every row from F1 to F69, or says where it is covered instead', () => {
    const rows = new Set([
      ...Object.values(FAULT_CATALOGUE).map(({ row }) => row),
      ...Object.keys(ROWS_ELSEWHERE),
    ]);

    expect(Array.from({ length: 69 }, (_, n) => `F${n + 1}`).filter((row) => !rows.has(row))).toEqual([]);
  });
});
