import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESTINATION, HOUR, SOURCE, seedPoint, snapshotId, volumeId } from './seeded-vault.ts';
import { startSmallVault } from './small-vault.ts';

// One vault of 12 daily points and their copies; of the five that are too old, two have been condemned for long enough.
const DOOMED = [11, 12];
const EXPIRED = [8, 9, 10];

let at: Awaited<ReturnType<typeof startSmallVault>>;
let directory: string;
beforeAll(async () => {
  at = await startSmallVault(Date.UTC(2026, 10, 2));
  directory = mkdtempSync(join(tmpdir(), 'smart-vault-prune-'));
  const condemnedAt = `${new Date(at.cloud.clock.now() - 30 * HOUR).toISOString().slice(0, 19)}Z`;
  for (let day = 1; day <= 12; day += 1) {
    seedPoint(at.cloud, day, day, DOOMED.includes(day) ? { 'smart-vault:condemned-at': condemnedAt } : {});
  }
});
afterAll(async () => {
  await at?.close();
  rmSync(directory, { recursive: true, force: true });
});

const file = (name: string): string => join(directory, name);
const planTo = async (name: string) => {
  const planned = await at.vault(`prune plan --out ${file(name)}`);
  expect(planned.status).toBe(0);
  return planned;
};
const tagged = (region: string, id: string, changes: Record<string, string | undefined>) =>
  at.cloud.world.operator.setTags(region, id, changes);
const snapshotsIn = (region: string) => at.cloud.world.region(region).snapshots;
const everything = (): string =>
  JSON.stringify(
    [SOURCE, DESTINATION].map((region) =>
      [...snapshotsIn(region).values()].map(({ id, tags }) => [id, [...tags]]).sort(),
    ),
  );

test('prune plan: deletions first, then condemnations, each with its rule; the kept by rule', async () => {
  const { status, out } = await at.vault('prune plan');

  expect(status).toBe(0);
  expect(out).toContain(
    '24 snapshots in us-east-1, eu-west-1; 4 to delete, 6 to condemn, 0 to pardon, 14 kept',
  );
  expect(out.indexOf('DELETE, for good: 4')).toBeLessThan(out.indexOf('CONDEMN'));
  expect(out).toMatch(
    new RegExp(
      `2026-10-21 03:00 +${volumeId(1)} +us-east-1 +${snapshotId(12)} +8 +expired +11 days old, kept for 7 days`,
    ),
  );
  expect(out).toMatch(/newest +us-east-1 +1 /);
  expect(out).toMatch(/retention +eu-west-1 +6 /);
  expect(out).not.toContain(snapshotId(2));
  expect((await at.vault('prune plan --all')).out).toContain(snapshotId(2));
});

test('prune plan --json is the plan file, and both are the same bytes when planned twice', async () => {
  const first = await at.vault(`prune plan --at 2026-11-02T01:00 --out ${file('one')} --json`);
  const again = await at.vault(`prune plan --at 2026-11-02T01:00 --out ${file('two')} --json`);

  expect(again.out).toBe(first.out);
  expect(readFileSync(file('two'), 'utf8')).toBe(readFileSync(file('one'), 'utf8'));
  expect(JSON.parse(first.out)).toEqual(JSON.parse(readFileSync(file('one'), 'utf8')));
  const later = await at.vault(`prune plan --at 2026-11-03T01:00 --json`);
  expect(JSON.parse(later.out).hash).not.toBe(JSON.parse(first.out).hash);
});

test('a region that cannot be listed is refused, and nothing is planned there', async () => {
  const fault = at.cloud.world.faults.deny('DescribeImages', ({ region }) => region === DESTINATION);

  const { status, out } = await at.vault('prune plan');

  at.cloud.world.faults.lift(fault);
  expect(status).toBe(1);
  expect(out).toMatch(/REFUSED in eu-west-1, nothing is done there: the inventory is not complete.*DENIED/);
});

test.each<[string, () => void, () => void, string]>([
  [
    'a hold on a doomed snapshot',
    () => tagged(SOURCE, snapshotId(12), { 'backup:hold': 'forever' }),
    () => tagged(SOURCE, snapshotId(12), { 'backup:hold': undefined }),
    `${snapshotId(12)} in us-east-1 has other tags`,
  ],
  [
    'another tag on one that is kept',
    () => tagged(DESTINATION, snapshotId(1_002), { note: 'x' }),
    () => tagged(DESTINATION, snapshotId(1_002), { note: undefined }),
    `${snapshotId(1_002)} in eu-west-1 has other tags`,
  ],
  [
    'a lock',
    () => at.cloud.world.operator.lockSnapshot(SOURCE, snapshotId(11), 5),
    () => at.cloud.world.operator.unlockSnapshot(SOURCE, snapshotId(11)),
    `${snapshotId(11)} in us-east-1 has other tags, or another lock`,
  ],
  [
    'a snapshot that is no longer of the vault',
    () => tagged(DESTINATION, snapshotId(1_012), { 'smart-vault:vault': undefined }),
    () => tagged(DESTINATION, snapshotId(1_012), { 'smart-vault:vault': 'smart-vault' }),
    `${snapshotId(1_012)} in eu-west-1 is gone`,
  ],
])('prune apply refuses a stale plan: %s', async (_what, change, undo, says) => {
  await planTo('stale');
  change();
  const before = everything();

  const { status, err } = await at.vault(`prune apply --plan ${file('stale')} --yes`);
  const after = everything();
  undo();

  expect(status).toBe(1);
  expect(err).toContain(says);
  expect(err).toContain('Nothing was done');
  expect(after).toBe(before);
});

test('prune apply refuses when what has come since changes a decision', async () => {
  await planTo('newer');
  // A snapshot from the future: a clock is wrong, and then the pruner does nothing at all.
  const source = snapshotsIn(SOURCE).get(snapshotId(12));
  at.cloud.world.operator.addSnapshot(SOURCE, {
    id: snapshotId(99),
    volumeId: volumeId(1),
    startedAt: at.cloud.clock.now() + 2 * HOUR,
    tags: Object.fromEntries(source?.tags ?? []),
  });
  const { status, err } = await at.vault(`prune apply --plan ${file('newer')} --yes --json`);
  at.cloud.world.operator.deleteSnapshot(SOURCE, snapshotId(99));

  expect(err).toContain('Nothing was done');
  expect(status).toBe(1);
});

test('a plan that was edited, is for another time, or is none at all is refused', async () => {
  await planTo('edited');
  const text = readFileSync(file('edited'), 'utf8');
  writeFileSync(file('edited'), text.replace('"kind": "condemn"', '"kind": "delete"'));
  const edited = await at.vault(`prune apply --plan ${file('edited')} --yes`);
  expect(edited.status).toBe(2);
  expect(edited.err).toContain('was changed since it was written');

  writeFileSync(file('edited'), '{"format":"other"}');
  expect((await at.vault(`prune apply --plan ${file('edited')}`)).err).toContain(
    'is no plan of this version',
  );
  expect((await at.vault(`prune apply --plan ${file('none')}`)).err).toContain('cannot be read');

  await at.vault(`prune plan --at 2027-01-01 --out ${file('future')}`);
  const future = await at.vault(`prune apply --plan ${file('future')} --yes`);
  expect(future).toMatchObject({ status: 1 });
  expect(future.err).toContain('still to come');
});

test('--dry-run asks EC2 for each, tells its refusals, and changes nothing', async () => {
  await planTo('dry');
  const before = everything();

  const allowed = await at.vault(`prune apply --plan ${file('dry')} --dry-run`);
  const fault = at.cloud.world.faults.deny('DeleteSnapshot', ({ subject }) => subject === snapshotId(12));
  const denied = await at.vault(`prune apply --plan ${file('dry')} --dry-run`);
  at.cloud.world.faults.lift(fault);

  expect(allowed).toMatchObject({ status: 0 });
  expect(allowed.out).toContain('EC2 would do 10 of 10.');
  expect(denied).toMatchObject({ status: 1 });
  expect(denied.out).toMatch(
    new RegExp(`delete ${snapshotId(12)} in us-east-1: refused: .*UnauthorizedOperation`),
  );
  expect(everything()).toBe(before);
});

test('prune apply shows what it deletes, asks, and does nothing without a yes', async () => {
  await planTo('asked');
  const before = everything();

  const declined = await at.vault(`prune apply --plan ${file('asked')}`, { answer: false });

  expect(declined).toMatchObject({ status: 1, questions: ['Delete 4 snapshots for good, condemn 6?'] });
  expect(declined.out).toContain(snapshotId(1_012));
  expect((await at.vault(`prune apply --plan ${file('asked')}`)).err).toContain('add --yes');
  expect(everything()).toBe(before);
});

test('prune apply carries out exactly the plan, also when a harmless snapshot came since; and once', async () => {
  await planTo('good');
  seedPoint(at.cloud, 50, 0.25);

  const done = await at.vault(`prune apply --plan ${file('good')} --yes`);

  expect(done).toMatchObject({ status: 0 });
  expect(done.out).toContain('6 condemned, 4 deleted.');
  const left = (region: string) => [...snapshotsIn(region).values()];
  expect(left(SOURCE).map(({ id }) => id)).not.toEqual(expect.arrayContaining([snapshotId(12)]));
  expect(left(SOURCE)).toHaveLength(11);
  expect(left(DESTINATION)).toHaveLength(11);
  const condemned = left(SOURCE).filter(({ tags }) => tags.has('smart-vault:condemned-at'));
  expect(condemned.map(({ id }) => id).sort()).toEqual(EXPIRED.map(snapshotId));

  const again = await at.vault(`prune apply --plan ${file('good')} --yes`);
  expect(again.status).toBe(1);
  expect(again.err).toContain(`${snapshotId(12)} in us-east-1 is gone`);
});
