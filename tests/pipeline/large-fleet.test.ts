import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { start } from '../support/commands.ts';
import { describeInstances, scratchFolder } from '../support/fleets.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

test('1,000 volumes stay within the quotas, and each has one good snapshot and one good copy', async () => {
  const fleet = scratch.write('fleet.json', describeInstances({ instances: 250, volumesEach: 4 }));
  const json = scratch.path('summary.json');

  const { status, out } = await start('--fleet', fleet, '--days', '1', '--json', json).ended;

  const { runs, highWater, deadLetters, promises } = JSON.parse(readFileSync(json, 'utf8'));
  expect(out).toContain('one good copy in eu-west-1 (1000 of 1000)');
  expect(runs).toEqual([expect.objectContaining({ volumes: 1_000, snapshots: 1_000, copies: 1_000 })]);
  expect(highWater).toEqual(
    [
      { what: 'copies in flight to eu-west-1', most: 20, quota: 20 },
      { what: 'pending snapshots in us-east-1', most: 100, quota: 100 },
    ].sort((a, b) => (a.what < b.what ? 1 : -1)),
  );
  expect(Object.values(deadLetters).every((letters) => letters === 0)).toBe(true);
  expect(promises.filter(({ kept }: { kept: boolean }) => !kept)).toEqual([]);
  expect(status).toBe(0);
});
