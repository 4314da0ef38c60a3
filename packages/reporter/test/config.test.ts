import { loadConfig } from '@smart-vault/lambda-kit';
import { expect, it } from 'vitest';
import { reporterEnv, toReportConfig } from '../src/config.ts';

const QUEUES = 'https://sqs.us-east-1.amazonaws.com/000000000000';
const ENV = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '7',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  REPORTS_QUEUE_URL: `${QUEUES}/smart-vault-reports`,
  VOLUMES_DLQ_URL: `${QUEUES}/smart-vault-volumes-dlq.fifo`,
  COPIES_DLQ_URLS: `${QUEUES}/smart-vault-copies-eu-west-1-dlq`,
};

it('reads the environment that the stack writes, with its defaults', () => {
  const config = toReportConfig(loadConfig(reporterEnv, ENV));

  expect(config).toMatchObject({ vault: 'smart-vault', rpoHours: 26, runDeadlineHours: 6 });
  expect(config.policy).toMatchObject({
    name: 'default',
    consistency: 'instance',
    destinations: ['eu-west-1'],
  });
});

it('names every variable that is missing or wrong at once', () => {
  const wrong = { ...ENV, VOLUMES_DLQ_URL: 'no-url', RPO_HOURS: 'soon' };

  expect(() => loadConfig(reporterEnv, wrong)).toThrow(
    /VOLUMES_DLQ_URL is "no-url"[\s\S]*RPO_HOURS is "soon"/,
  );
});
