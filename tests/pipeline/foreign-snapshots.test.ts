import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { start } from '../support/commands.ts';
import { describeInstances, scratchFolder } from '../support/fleets.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

test("after 30 days of pruning every snapshot of somebody else's is still there", async () => {
  const fleet = scratch.write('fleet.json', describeInstances({ instances: 3, volumesEach: 2 }));
  const json = scratch.path('summary.json');

  const { status } = await start('--fleet', fleet, '--days', '30', '--retention-days', '3', '--json', json)
    .ended;

  const { runs, promises } = JSON.parse(readFileSync(json, 'utf8'));
  const pruned = runs.reduce((sum: number, run: { pruned: number }) => sum + run.pruned, 0);
  expect(pruned).toBeGreaterThanOrEqual(20 * 6 * 2);
  expect(promises).toContainEqual({
    promise: "no snapshot of anyone else's was touched",
    kept: true,
    details: ['16 are still there'],
  });
  expect(promises.filter(({ kept }: { kept: boolean }) => !kept)).toEqual([]);
  expect(status).toBe(0);
});
