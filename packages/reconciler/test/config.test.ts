import { loadConfig } from '@smart-vault/lambda-kit';
import { expect, it } from 'vitest';
import { reconcilerEnv, toReconcileConfig } from '../src/config.ts';

const QUEUES = 'https://sqs.us-east-1.amazonaws.com/000000000000';
const ENV = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1,eu-north-1',
  RETENTION_DAYS: '7',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  VOLUMES_QUEUE_URL: `${QUEUES}/smart-vault-volumes.fifo`,
  VOLUMES_DLQ_URL: `${QUEUES}/smart-vault-volumes-dlq.fifo`,
  COPIES_QUEUE_URLS: `${QUEUES}/smart-vault-copies-eu-west-1,${QUEUES}/smart-vault-copies-eu-north-1`,
  COPIES_DLQ_URLS: `${QUEUES}/smart-vault-copies-eu-west-1-dlq,${QUEUES}/smart-vault-copies-eu-north-1-dlq`,
  SNAPSHOTTER_WAKEUPS_QUEUE_URL: `${QUEUES}/smart-vault-snapshotter-wakeups.fifo`,
  COPIER_WAKEUPS_QUEUE_URL: `${QUEUES}/smart-vault-copier-wakeups.fifo`,
  SCHEDULE_EXPRESSION: 'cron(0 3 * * ? *)',
  SCHEDULE_TIMEZONE: 'Europe/Berlin',
};

it('reads the environment that the stack writes', () => {
  const config = toReconcileConfig(loadConfig(reconcilerEnv, ENV));

  expect(config.policy).toMatchObject({ retentionDays: 7, destinations: ['eu-west-1', 'eu-north-1'] });
  expect([config.schedule.expression, config.schedule.timezone]).toEqual([
    'cron(0 3 * * ? *)',
    'Europe/Berlin',
  ]);
});

it.each(['COPIES_QUEUE_URLS', 'COPIES_DLQ_URLS'] as const)(
  'refuses another number of %s than of destinations',
  (name) => {
    const wrong = { ...ENV, [name]: `${QUEUES}/smart-vault-copies-eu-west-1` };

    expect(() => loadConfig(reconcilerEnv, wrong)).toThrow(
      new RegExp(`${name} is .* one entry per region in DEST_REGION`),
    );
  },
);

it('names the queues that it is not told of', () => {
  const { VOLUMES_DLQ_URL: _volumes, COPIES_DLQ_URLS: _copies, ...without } = ENV;

  expect(() => loadConfig(reconcilerEnv, without)).toThrow(/VOLUMES_DLQ_URL[\s\S]*COPIES_DLQ_URLS/);
});

it('refuses a schedule that cannot be understood', () => {
  const env = loadConfig(reconcilerEnv, { ...ENV, SCHEDULE_EXPRESSION: 'cron(whenever)' });

  expect(() => toReconcileConfig(env)).toThrow(/whenever/);
});
