import { loadConfig } from '@smart-vault/lambda-kit';
import { expect, it, vi } from 'vitest';
import { snapshotterEnv } from '../src/index.ts';

const good = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '14',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  VOLUMES_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-volumes.fifo',
  VOLUMES_DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-volumes-dlq.fifo',
  SNAPSHOTTER_WAKEUPS_QUEUE_URL:
    'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-snapshotter-wakeups.fifo',
};

it('reads the environment that the stack gives it', () => {
  expect(loadConfig(snapshotterEnv, good)).toMatchObject({
    vault: 'smart-vault',
    sourceRegion: 'us-east-1',
    volumesQueueUrl: good.VOLUMES_QUEUE_URL,
    volumesDlqUrl: good.VOLUMES_DLQ_URL,
    snapshotterWakeupsQueueUrl: good.SNAPSHOTTER_WAKEUPS_QUEUE_URL,
    pendingSnapshotsMax: 100,
    maxReceiveCount: 5,
  });
});

it('does not come up without its environment, and says everything that is missing', async () => {
  const names = Object.keys(good);

  const loading = import('../src/handler.ts');

  await expect(loading).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(loading).rejects.toThrow(new RegExp(names.map((name) => `${name} is not set.*`).join('\\n')));
});

it('comes up with its environment, and acknowledges a wake-up that is not for it', async () => {
  vi.resetModules();
  for (const [name, value] of Object.entries(good)) vi.stubEnv(name, value);
  const written: string[] = [];
  const stdout = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((line) => written.push(String(line)) > 0);
  const body = JSON.stringify({ v: 1, kind: 'wake-up', region: 'eu-west-1', cause: 'tick', id: '1' });
  const event = { Records: [{ messageId: 'm', body, attributes: {}, messageAttributes: {} }] } as unknown;
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 300_000 } as unknown;

  const { handler } = await import('../src/handler.ts');
  const response = await handler(
    event as Parameters<typeof handler>[0],
    context as Parameters<typeof handler>[1],
  );
  stdout.mockRestore();
  vi.unstubAllEnvs();

  expect(response).toEqual({ batchItemFailures: [] });
  expect(written.map((line) => JSON.parse(line))).toMatchObject([
    {
      event: 'wake-up.failed',
      service: 'snapshotter',
      error: { code: 'CONTRACT', message: expect.stringContaining('the source region is us-east-1') },
    },
    { Service: 'Backup', RecordsFailed: 1 },
  ]);
});
