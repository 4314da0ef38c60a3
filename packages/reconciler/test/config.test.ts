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
  COPIES_QUEUE_URLS: `${QUEUES}/smart-vault-copies-eu-west-1,${QUEUES}/smart-vault-copies-eu-north-1`,
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

it('refuses another number of copy queues than of destinations', () => {
  const wrong = { ...ENV, COPIES_QUEUE_URLS: `${QUEUES}/smart-vault-copies-eu-west-1` };

  expect(() => loadConfig(reconcilerEnv, wrong)).toThrow(
    /COPIES_QUEUE_URLS is .* as many queues as DEST_REGION/,
  );
});

it('refuses a schedule that cannot be understood', () => {
  const env = loadConfig(reconcilerEnv, { ...ENV, SCHEDULE_EXPRESSION: 'cron(whenever)' });

  expect(() => toReconcileConfig(env)).toThrow(/whenever/);
});
