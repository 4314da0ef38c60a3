import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningCommand, start } from '../support/commands.ts';

let cloud: RunningCommand;
let endpoint = '';
beforeAll(async () => {
  cloud = start('--days', '1', '--serve');
  [, endpoint = ''] = await cloud.printed(/The local cloud is up at (http:\S+?)\. /);
});
afterAll(async () => {
  cloud.child.kill('SIGINT');
  await cloud.ended;
});

function aws(region: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    'aws',
    [...args, '--endpoint-url', endpoint, '--output', 'json'],
    {
      env: {
        ...process.env,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      },
      encoding: 'utf8',
    },
  );
  return { status, stderr, json: stdout === '' ? undefined : JSON.parse(stdout) };
}
const OURS = [
  'ec2',
  'describe-snapshots',
  '--owner-ids',
  'self',
  '--filters',
  'Name=tag:smart-vault:vault,Values=smart-vault',
  // The sample account holds older ones.
  'Name=tag:smart-vault:slot,Values=2026-11-02T03:00:00Z',
];
const RUN = /run 2026-11-02 03:00 starts: (\d+) volumes/;
const volumesOfTheRun = (): number => Number(cloud.text().match(RUN)?.[1]);

test('lists the snapshots of a vault in both regions', () => {
  expect(volumesOfTheRun()).toBeGreaterThan(0);
  expect(aws('us-east-1', ...OURS).json.Snapshots).toHaveLength(volumesOfTheRun());
  expect(aws('eu-west-1', ...OURS).json.Snapshots).toHaveLength(volumesOfTheRun());
});

test('pages through them', () => {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const more = token === undefined ? [] : ['--starting-token', token];
    const page = aws('us-east-1', ...OURS, '--page-size', '7', '--max-items', '20', ...more).json;
    expect(page.Snapshots.length).toBeLessThanOrEqual(20);
    for (const { SnapshotId } of page.Snapshots) seen.add(SnapshotId);
    token = page.NextToken;
  } while (token !== undefined);

  expect(seen.size).toBe(volumesOfTheRun());
});

test('filters by wildcard, by state, and by tag key', () => {
  const wild = aws('us-east-1', ...OURS, 'Name=description,Values=Backup-i-*-2026-11-0?').json.Snapshots;
  const pending = aws('us-east-1', ...OURS, 'Name=status,Values=pending').json.Snapshots;
  const copies = aws('eu-west-1', ...OURS, 'Name=tag-key,Values=OriginalSnapshotId').json.Snapshots;

  expect(wild).toHaveLength(volumesOfTheRun());
  expect(pending).toEqual([]);
  expect(copies).toHaveLength(volumesOfTheRun());
});

test("gets AWS's own errors for ids that are not there or are none", () => {
  const describe = ['ec2', 'describe-snapshots', '--snapshot-ids'];
  const gone = aws('us-east-1', ...describe, 'snap-0fedcba9876543210');
  const malformed = aws('us-east-1', ...describe, 'snap-zzz');

  expect(gone.stderr).toContain(
    "An error occurred (InvalidSnapshot.NotFound) when calling the DescribeSnapshots operation: The snapshot 'snap-0fedcba9876543210' does not exist.",
  );
  expect(gone.status).not.toBe(0);
  expect(malformed.stderr).toContain('(InvalidSnapshotID.Malformed)');
});

test('sees the queues, the alarms and the instances', () => {
  const queues = aws('us-east-1', 'sqs', 'list-queues').json.QueueUrls;
  const alarms = aws('us-east-1', 'cloudwatch', 'describe-alarms').json.MetricAlarms;
  const tagged = aws(
    'us-east-1',
    'ec2',
    'describe-instances',
    '--filters',
    'Name=tag:backup,Values=true',
  ).json;

  expect(queues).toContainEqual(expect.stringMatching(/\/smart-vault-copies-eu-west-1-dlq$/));
  expect(alarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName)).toContain(
    'smart-vault-NoSnapshotsCreated',
  );
  expect(tagged.Reservations.length).toBeGreaterThan(0);
});
