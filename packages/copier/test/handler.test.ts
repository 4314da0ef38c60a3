import { type ConfigProblem, type Environment, loadConfig } from '@smart-vault/lambda-kit';
import { describe, expect, it, vi } from 'vitest';
import { copierEnv, toCopierConfig } from '../src/index.ts';

const queue = (name: string) => `https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-${name}`;

const good = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1,eu-central-1',
  RETENTION_DAYS: '14',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  COPIES_QUEUE_URLS: `${queue('copies-eu-west-1')},${queue('copies-eu-central-1')}`,
  COPIES_DLQ_URLS: `${queue('copies-eu-west-1-dlq')},${queue('copies-eu-central-1-dlq')}`,
  COPIER_WAKEUPS_QUEUE_URL: queue('copier-wakeups.fifo'),
};

function problemsOf(env: Environment): readonly string[] {
  try {
    loadConfig(copierEnv, env);
    return [];
  } catch (error) {
    return (error as { details: { problems: ConfigProblem[] } }).details.problems.map(({ name }) => name);
  }
}

describe('environment', () => {
  it('is read as the stack gives it', () => {
    expect(loadConfig(copierEnv, good)).toMatchObject({
      destinations: ['eu-west-1', 'eu-central-1'],
      copiesQueueUrls: [queue('copies-eu-west-1'), queue('copies-eu-central-1')],
      copiesDlqUrls: [queue('copies-eu-west-1-dlq'), queue('copies-eu-central-1-dlq')],
      copierWakeupsQueueUrl: queue('copier-wakeups.fifo'),
      copiesInFlightMax: 20,
      maxReceiveCount: 5,
    });
  });

  it('has keys by place, and an empty place is the default key', () => {
    const key = 'arn:aws:kms:eu-central-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab';

    const { kmsKeyIds = [] } = toCopierConfig(
      loadConfig(copierEnv, { ...good, DEST_KMS_KEY_IDS: `,${key}` }),
    );

    expect([...kmsKeyIds]).toEqual([
      ['eu-west-1', ''],
      ['eu-central-1', key],
    ]);
    expect(problemsOf({ ...good, DEST_KMS_KEY_IDS: key })).toEqual(['DEST_KMS_KEY_IDS']);
    expect(problemsOf({ ...good, DEST_KMS_KEY_IDS: 'my key,' })).toEqual(['DEST_KMS_KEY_IDS']);
  });

  it('has as many queues as destinations', () => {
    const one = {
      COPIES_QUEUE_URLS: queue('copies-eu-west-1'),
      COPIES_DLQ_URLS: queue('copies-eu-west-1-dlq'),
    };

    expect(problemsOf({ ...good, ...one })).toEqual(['COPIES_QUEUE_URLS', 'COPIES_DLQ_URLS']);
  });
});

it('does not come up without its environment, and says everything that is missing', async () => {
  const loading = import('../src/handler.ts');

  await expect(loading).rejects.toMatchObject({ code: 'CONFIG' });
  await expect(loading).rejects.toThrow(
    new RegExp(
      Object.keys(good)
        .map((name) => `${name} is not set.*`)
        .join('\\n'),
    ),
  );
});

it('comes up with its environment, and acknowledges a wake-up that is not for it', async () => {
  vi.resetModules();
  for (const [name, value] of Object.entries(good)) vi.stubEnv(name, value);
  const written: string[] = [];
  const stdout = vi
    .spyOn(process.stdout, 'write')
    .mockImplementation((line) => written.push(String(line)) > 0);
  const body = JSON.stringify({ v: 1, kind: 'wake-up', region: 'ap-south-1', cause: 'tick', id: '1' });
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
      service: 'copier',
      error: { code: 'CONTRACT', message: expect.stringContaining('which is no destination of this vault') },
    },
    { Service: 'Backup', RecordsFailed: 1 },
  ]);
});
