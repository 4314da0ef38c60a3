import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FunctionResource, readTemplates } from '@smart-vault/simulator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spawnText } from '../support/commands.ts';
import { describeInstances, scratchFolder } from '../support/fleets.ts';
import { ACCOUNT, startPlainEndpoints } from '../support/plain-endpoints.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const scratch = scratchFolder();
let aws: Awaited<ReturnType<typeof startPlainEndpoints>>;

beforeAll(async () => {
  const assembly = scratch.path('cdk.out');
  const synth = spawnSync(
    process.execPath,
    ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', assembly],
    {
      cwd: REPOSITORY,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH']}` },
      encoding: 'utf8',
    },
  );
  expect(synth.status, synth.stderr).toBe(0);
  aws = await startPlainEndpoints((endpoint) =>
    readTemplates(assembly, {
      accountId: ACCOUNT,
      queueUrl: ({ name }) => `${endpoint}/${ACCOUNT}/${name}`,
    }),
  );
  aws.loadInstances(describeInstances({ instances: 1, volumesEach: 2 }), 'us-east-1');
});
afterAll(async () => {
  await aws.stop();
  scratch.remove();
});

const INVOKE = `
const { handler } = require(process.argv[1]);
const context = { awsRequestId: 'r-1', functionName: 'f', getRemainingTimeInMillis: () => 120000 };
handler(JSON.parse(process.argv[2]), context).then(
  (result) => process.stdout.write('\\nRESULT ' + JSON.stringify(result ?? null)),
  (error) => { console.error(error); process.exitCode = 1; },
);`;

/** Runs one bundle in a process of its own, with the environment that its template gives it and nothing else. */
async function invoke(name: string, event: unknown): Promise<unknown> {
  const found = aws.models
    .flatMap(({ functions }) => functions)
    .find((one) => one.name === `smart-vault-${name}`);
  const { code, environment, handler } = found as FunctionResource;
  if (code.kind !== 'asset') throw new Error(`${name} has no asset`);
  const file = `${code.path}/${handler.split('.')[0]}.cjs`;
  const { status, out, err } = await spawnText(['-e', INVOKE, file, JSON.stringify(event)], {
    ...environment,
    ...aws.environment,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  expect(status, `${out}\n${err}`).toBe(0);
  return JSON.parse(out.slice(out.lastIndexOf('RESULT ') + 7));
}

const record = (queue: string, body: string) => ({
  messageId: 'm-1',
  receiptHandle: 'r-1',
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: String(Date.now()),
    SenderId: 'x',
    ApproximateFirstReceiveTimestamp: String(Date.now()),
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:us-east-1:${ACCOUNT}:${queue}`,
  awsRegion: 'us-east-1',
});
const wakeUp = (queue: string, region: string) => ({
  Records: [record(queue, JSON.stringify({ v: 1, kind: 'wake-up', region, cause: 'tick', id: 't-1' }))],
});
const snapshotsIn = (region: string) => [...aws.world.region(region).snapshots.values()];

test('each bundle works on its own against plain endpoints, from the tag to the report', async () => {
  const slot = `${new Date(Date.now() - 60_000).toISOString().slice(0, 19)}Z`;

  await invoke('scheduler', { v: 1, kind: 'scheduled-run', policy: 'default', slot });
  expect(aws.bodiesIn('smart-vault-volumes.fifo')).toHaveLength(1);

  await invoke('snapshotter', wakeUp('smart-vault-snapshotter-wakeups.fifo', 'us-east-1'));
  expect(snapshotsIn('us-east-1').map(({ state }) => state)).toEqual(['pending', 'pending']);
  expect(aws.bodiesIn('smart-vault-volumes.fifo')).toEqual([]);

  aws.advance(60);
  for (const event of aws.events.splice(0))
    await aws.send('smart-vault-copies-eu-west-1', JSON.stringify(event));
  await invoke('copier', wakeUp('smart-vault-copier-wakeups.fifo', 'eu-west-1'));
  expect(snapshotsIn('eu-west-1').map(({ state }) => state)).toEqual(['pending', 'pending']);

  aws.advance(60);
  expect(snapshotsIn('eu-west-1').map(({ state }) => state)).toEqual(['completed', 'completed']);
  const [run = ''] = aws.bodiesIn('smart-vault-reports');
  expect(await invoke('reporter', { Records: [record('smart-vault-reports', run)] })).toEqual({
    batchItemFailures: [],
  });
  expect(aws.published()).toEqual([expect.stringContaining('2 of 2 volumes')]);
  expect(snapshotsCreated()).toBe(2);

  await invoke('reconciler', { v: 1, kind: 'scheduled-job', job: 'reconcile', at: slot });
  await invoke('pruner', { v: 1, kind: 'scheduled-job', job: 'prune', at: slot });
  expect(snapshotsIn('us-east-1')).toHaveLength(2);
  expect(snapshotsIn('eu-west-1')).toHaveLength(2);
  expect(aws.bodiesIn('smart-vault-copies-eu-west-1')).toEqual([]);
});

function snapshotsCreated(): number {
  const id = { namespace: 'SmartVault', name: 'SnapshotsCreated', dimensions: { Service: 'Backup' } };
  const day = 24 * 3_600_000;
  return aws.cloudWatch.metrics.between(id, Date.now() - day, Date.now() + day)?.sum ?? 0;
}
