import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningCommand, start, vault } from '../support/commands.ts';

let cloud: RunningCommand;
let endpoint = '';
let env: Record<string, string> = {};
let ec2: (region: string) => EC2Client;

beforeAll(async () => {
  cloud = start('--days', '1', '--fault', 'copy-denied', '--serve', '--speed', '2000');
  [, endpoint = ''] = await cloud.printed(/The local cloud is up at (http:\S+?)\. /);
  env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  ec2 = (region) => new EC2Client({ region, endpoint, credentials });
});
afterAll(async () => {
  cloud.child.kill('SIGINT');
  await cloud.ended;
});

/** Ids of the completed sources, and for each the number of its good copies. */
async function copiesBySource(): Promise<ReadonlyMap<string, number>> {
  const ours = [{ Name: 'tag:smart-vault:vault', Values: ['smart-vault'] }];
  const describe = async (region: string) =>
    (await ec2(region).send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: ours }))).Snapshots ??
    [];
  const copies = await describe('eu-west-1');
  return new Map(
    (await describe('us-east-1')).map(({ SnapshotId = '' }) => [
      SnapshotId,
      copies.filter(
        ({ State, Tags = [] }) =>
          State === 'completed' &&
          Tags.some(({ Key, Value }) => Key === 'OriginalSnapshotId' && Value === SnapshotId),
      ).length,
    ]),
  );
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 600; look += 1) if (await holds()) return;
  throw new Error(`did not come true: ${what}\n${cloud.text().slice(-2_000)}`);
}

interface Listing {
  readonly queue: string;
  readonly letters: number;
  readonly shown: readonly {
    code: string;
    failureClass: string;
    cause: string;
    attempts: number;
    subject: string;
  }[];
}
const copiesDlq = async (): Promise<Listing> => {
  const { out } = await vault(env, 'dlq', 'list', '--json', '--max', '500').ended;
  const found = (JSON.parse(out) as Listing[]).find(
    ({ queue }) => queue === 'smart-vault-copies-eu-west-1-dlq',
  );
  if (found === undefined) throw new Error(`no copies DLQ in ${out}`);
  return found;
};

test('copies that are denied die after five attempts and can be brought back, once each', async () => {
  const before = await copiesBySource();
  const missing = [...before].filter(([, copies]) => copies === 0).map(([id]) => id);
  const { letters, shown } = await copiesDlq();

  expect(missing.length).toBeGreaterThan(0);
  expect(new Set(shown.map(({ subject }) => subject))).toEqual(new Set(missing));
  expect(letters).toBe(shown.length);
  for (const letter of shown) {
    expect(letter).toMatchObject({ code: 'DENIED', failureClass: 'configuration', attempts: 5 });
    expect(letter.cause).toContain('UnauthorizedOperation');
  }
  expect(cloud.text()).toMatch(/Smart Vault PARTIAL: \d+ of \d+ volumes/);

  // The cause is lifted, the letters go back: every copy then exists exactly once and the queue is empty.
  await fetch(`${endpoint}/_local/faults/lift`, { method: 'POST' });
  const redrive = await vault(env, 'dlq', 'redrive').ended;
  expect(redrive.status).toBe(0);
  expect(redrive.out).toContain(`${letters} letter`);
  await until('each source has one good copy', async () =>
    [...(await copiesBySource()).values()].every((copies) => copies === 1),
  );
  expect((await copiesDlq()).letters).toBe(0);

  // Redriving again changes nothing.
  const after = await copiesBySource();
  const again = await vault(env, 'dlq', 'redrive').ended;
  expect(again.out.trim()).toBe('No dead letters: nothing to redrive.');
  expect(again.status).toBe(0);
  expect(await copiesBySource()).toEqual(after);
});
