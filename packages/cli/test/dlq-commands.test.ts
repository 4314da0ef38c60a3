import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand, useLocalCredentials } from './a-command.ts';
import { startVault } from './vault-on-fauxqs.ts';

const NOW = Date.parse('2026-11-22T06:00:00Z');

let vault: Awaited<ReturnType<typeof startVault>>;
beforeEach(async () => {
  useLocalCredentials();
  vault = await startVault();
});
afterEach(() => vault.stop());

async function run(...args: string[]) {
  const where = ['--vault', 'v', '--region', vault.region, '--endpoint-url', vault.endpoint];
  return runCommand([...args, ...where], { now: NOW });
}

test('list names the queue, the class, the cause, the attempts and the time of a letter', async () => {
  await vault.addLetter('v-copies-eu-west-1-dlq', {
    body: 'copy',
    cause: 'CopySnapshot: not authorized',
    attempts: 5,
  });

  const { out } = await run('dlq', 'list');

  expect(out).toContain('v-copies-eu-west-1-dlq  1        v-copies-eu-west-1');
  expect(out).toMatch(
    /configuration\s+DENIED\s+5\s+2026-11-22 03:00 \(\d+[hd] ago\)\s+snap-0123456789abcdef0\s+CopySnapshot: not authorized/,
  );
  expect(out).toContain('1 dead letter. Mend the cause');
});

test('list takes nothing out and leaves every letter visible', async () => {
  for (const body of ['a', 'b', 'c']) await vault.addLetter('v-copies-eu-west-1-dlq', { body });

  await run('dlq', 'list');

  expect(await vault.visibleIn('v-copies-eu-west-1-dlq')).toBe(3);
});

test('list says so when there is nothing, with every dead-letter queue named', async () => {
  const { out } = await run('dlq', 'list');

  expect(out).toContain('v-volumes-dlq.fifo');
  expect(out).toContain('v-jobs-dlq');
  expect(out).toContain('No dead letters.');
});

test('list --json is data: a letter without a recorded cause is said to be one', async () => {
  await vault.addLetter('v-volumes-dlq.fifo', { body: '{"volumeIds":["vol-22222222"]}' });

  const listings = JSON.parse((await run('dlq', 'list', '--json')).out);

  const [listing] = listings.filter(({ queue }: { queue: string }) => queue === 'v-volumes-dlq.fifo');
  expect(listing).toMatchObject({ source: 'v-volumes.fifo', letters: 1 });
  expect(listing.shown[0]).toMatchObject({ subject: 'vol-22222222', failureClass: 'unknown', code: '-' });
});

test('redrive moves every letter back to its own source, with progress, and wakes the pumps', async () => {
  for (const body of ['copy 1', 'copy 2'])
    await vault.addLetter('v-copies-eu-west-1-dlq', { body, cause: 'denied' });
  await vault.addLetter('v-volumes-dlq.fifo', { body: 'unit 1' });

  const { out, progress } = await run('dlq', 'redrive', '--no-wait');

  expect(vault.bodiesIn('v-copies-eu-west-1')).toEqual(['copy 1', 'copy 2']);
  expect(vault.bodiesIn('v-volumes.fifo')).toEqual(['unit 1']);
  expect(vault.bodiesIn('v-copies-eu-west-1-dlq')).toEqual([]);
  expect(vault.bodiesIn('v-volumes-dlq.fifo')).toEqual([]);
  expect(progress).toContain('v-copies-eu-west-1-dlq: 2 of 2 letters moved');
  expect(out).toContain('v-volumes-dlq.fifo: 1 letter moved back to v-volumes.fifo, one by one');
  const [copierWakeUp] = vault.bodiesIn('v-copier-wakeups.fifo');
  expect(JSON.parse(copierWakeUp ?? '')).toMatchObject({
    kind: 'wake-up',
    region: 'eu-west-1',
    cause: 'redrive',
  });
  const [snapshotterWakeUp] = vault.bodiesIn('v-snapshotter-wakeups.fifo');
  expect(JSON.parse(snapshotterWakeUp ?? '')).toMatchObject({ region: 'us-east-1' });
});

test('redriving again changes nothing', async () => {
  await vault.addLetter('v-copies-eu-west-1-dlq', { body: 'copy 1' });
  await run('dlq', 'redrive');

  const { out } = await run('dlq', 'redrive');

  expect(out).toBe('No dead letters: nothing to redrive.');
  expect(vault.bodiesIn('v-copies-eu-west-1')).toEqual(['copy 1']);
});

test('redrive --dry-run says what would move, and moves nothing', async () => {
  await vault.addLetter('v-copies-eu-west-1-dlq', { body: 'copy 1' });

  const { out } = await run('dlq', 'redrive', '--dry-run');

  expect(out).toBe('v-copies-eu-west-1-dlq: 1 letter would go back to v-copies-eu-west-1');
  expect(vault.bodiesIn('v-copies-eu-west-1')).toEqual([]);
  expect(vault.bodiesIn('v-copier-wakeups.fifo')).toEqual([]);
});

test('letters that no queue had held stay where they are, and the reason is given', async () => {
  await vault.addLetter('v-jobs-dlq', { body: 'a failed invocation' });

  const outcomes = JSON.parse((await run('dlq', 'redrive', '--json')).out);

  expect(outcomes).toEqual([
    {
      queue: 'v-jobs-dlq',
      to: null,
      letters: 1,
      moved: 0,
      left: 1,
      note: expect.stringContaining('no queue to move them back'),
    },
  ]);
  expect(vault.bodiesIn('v-jobs-dlq')).toEqual(['a failed invocation']);
});

test('a vault that is not there is named, with those that are and what to do', async () => {
  const where = ['--region', vault.region, '--endpoint-url', vault.endpoint];
  const { status, err } = await runCommand(['dlq', 'list', '--vault', 'nope', ...where], { now: NOW });

  expect(status).toBe(2);
  expect(err).toContain(
    'no queue of a vault named "nope" in us-east-1; vaults there: v; give its name with --vault and its source region with --region',
  );
});
