import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { start } from '../support/commands.ts';
import { scratchFolder } from '../support/fleets.ts';

const scratch = scratchFolder();
afterAll(() => scratch.remove());

interface Promised {
  readonly promise: string;
  readonly kept: boolean;
}
async function oneDayWith(...faults: string[]) {
  const json = scratch.path(`${faults.join('-')}.json`);
  const { status, out } = await start(
    '--days',
    '1',
    '--json',
    json,
    ...faults.flatMap((name) => ['--fault', name]),
  ).ended;
  return { status, out, summary: JSON.parse(readFileSync(json, 'utf8')) };
}
const broken = (promises: readonly Promised[]): readonly string[] =>
  promises.filter(({ kept }) => !kept).map(({ promise }) => promise);

test('denied copies: the run is PARTIAL, the digest says which volumes and why, all else is untouched', async () => {
  const { status, summary, out } = await oneDayWith('copy-denied');

  const [run] = summary.runs;
  const lost = run.volumes - run.copies;
  expect(lost).toBeGreaterThan(0);
  expect(run.snapshots).toBe(run.volumes);
  // The points that the sample account holds are copied in the same day, and may be denied too.
  const heldPoints = 5;
  const letters = summary.deadLetters['smart-vault-copies-eu-west-1-dlq'];
  expect(letters).toBeGreaterThanOrEqual(lost);
  expect(letters).toBeLessThanOrEqual(lost + heldPoints);
  expect(summary.messages.map(({ subject }: { subject: string }) => subject)).toEqual([
    expect.stringMatching(/^Smart Vault PARTIAL: /),
  ]);
  expect(out).toContain('UnauthorizedOperation');
  expect(broken(summary.promises)).toEqual(['every snapshot has exactly one good copy in eu-west-1']);
  expect(status).toBe(1);
});

test('lost events change nothing in the end', async () => {
  const { status, summary } = await oneDayWith('lost-events');

  expect(summary.events.dropped).toBeGreaterThan(0);
  expect(broken(summary.promises)).toEqual([]);
  expect(status).toBe(0);
});

test('functions that die at any point change nothing in the end', async () => {
  const { status, summary } = await oneDayWith('crash');

  const failed = Object.values(summary.functions as Record<string, { failed: number }>);
  expect(failed.reduce((sum, one) => sum + one.failed, 0)).toBeGreaterThan(0);
  expect(broken(summary.promises)).toEqual([]);
  expect(status).toBe(0);
});

test('throttling costs time, and no message its life', async () => {
  const { status, summary } = await oneDayWith('throttle');

  expect(summary.throttledCalls).toBeGreaterThan(0);
  expect(Object.values(summary.deadLetters).every((letters) => letters === 0)).toBe(true);
  expect(broken(summary.promises)).toEqual([]);
  expect(status).toBe(0);
});
