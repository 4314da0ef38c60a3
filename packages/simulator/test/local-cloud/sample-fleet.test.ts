import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sampleFleetFiles } from '../../fleets/sample-fleet.ts';

test.each(Object.entries(sampleFleetFiles()))(
  '%s is what `pnpm --filter @smart-vault/simulator sample-fleet` writes',
  (name, built) => {
    expect(readFileSync(new URL(`../../fleets/${name}`, import.meta.url), 'utf8')).toBe(built);
  },
);
