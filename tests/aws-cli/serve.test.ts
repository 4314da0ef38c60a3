import { spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** Every CLI on the PATH: old ones, such as Debian's, speak older protocols than new ones. */
const CLIS = (process.env['PATH'] ?? '')
  .split(':')
  .map((folder) => join(folder, 'aws'))
  .filter(isExecutable)
  .map((file) => realpathSync(file))
  .filter((file, place, all) => all.indexOf(file) === place);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function awsOf(cli: string, region: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    cli,
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
  return { status, stderr, json: stdout.trim() === '' ? undefined : JSON.parse(stdout) };
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

/** A dead-letter queue that nobody reads. */
const QUEUE = 'smart-vault-copies-eu-west-1-dlq';

test('there is a CLI', () => {
  expect(CLIS).not.toEqual([]);
});

describe.each(CLIS)('%s', (cli) => {
  const aws = (region: string, ...args: string[]) => awsOf(cli, region, ...args);

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

  test('sends, reads, refuses and deletes messages', () => {
    const { QueueUrl: url } = aws('us-east-1', 'sqs', 'get-queue-url', '--queue-name', QUEUE).json;
    const at = ['--queue-url', url];
    const entries = JSON.stringify([
      {
        Id: 'a',
        MessageBody: 'one <&>',
        MessageAttributes: { k: { DataType: 'String', StringValue: 'v"' } },
      },
    ]);
    const sent = aws('us-east-1', 'sqs', 'send-message-batch', ...at, '--entries', entries).json;
    const all = ['--attribute-names', 'All', '--message-attribute-names', 'All'];
    const received = aws('us-east-1', 'sqs', 'receive-message', ...at, ...all).json;
    const handle = ['--receipt-handle', received.Messages[0].ReceiptHandle];

    expect(sent.Successful).toEqual([expect.objectContaining({ Id: 'a' })]);
    expect(received.Messages).toEqual([
      expect.objectContaining({
        Body: 'one <&>',
        Attributes: expect.objectContaining({ ApproximateReceiveCount: '1' }),
        MessageAttributes: { k: { DataType: 'String', StringValue: 'v"' } },
      }),
    ]);
    expect(aws('us-east-1', 'sqs', 'delete-message', ...at, ...handle)).toMatchObject({ status: 0 });
    const depth = aws('us-east-1', 'sqs', 'get-queue-attributes', ...at, '--attribute-names', 'All').json;
    expect(depth.Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
    const missing = aws('us-east-1', 'sqs', 'get-queue-url', '--queue-name', 'nope');
    expect(missing.stderr).toMatch(/\((AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist)\)/);
  });

  test('reads the settings of a vault from the tags of a queue', () => {
    const [url] = aws('us-east-1', 'sqs', 'list-queues', '--queue-name-prefix', 'smart-vault-volumes.fifo')
      .json.QueueUrls;
    const { Tags } = aws('us-east-1', 'sqs', 'list-queue-tags', '--queue-url', url).json;

    expect(Tags).toMatchObject({ 'smart-vault:consistency': 'instance' });
  });
});
