import { loadConfig } from '@smart-vault/lambda-kit';
import { expect, it } from 'vitest';
import { schedulerEnv } from '../src/config.ts';

const ENV = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '7',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  VOLUMES_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-volumes.fifo',
  SNAPSHOTTER_WAKEUPS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-wakeups.fifo',
  REPORTS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-reports',
};

it('reads the environment that the stack writes', () => {
  expect(loadConfig(schedulerEnv, ENV)).toMatchObject({
    sourceRegion: 'us-east-1',
    volumesQueueUrl: ENV.VOLUMES_QUEUE_URL,
    snapshotterWakeupsQueueUrl: ENV.SNAPSHOTTER_WAKEUPS_QUEUE_URL,
    reportsQueueUrl: ENV.REPORTS_QUEUE_URL,
    consistency: 'instance',
  });
});

it('names every variable that is missing or wrong at once', () => {
  const wrong = { ...ENV, REPORTS_QUEUE_URL: undefined, CONSISTENCY: 'disk' };

  expect(() => loadConfig(schedulerEnv, wrong)).toThrow(
    /REPORTS_QUEUE_URL is not set[\s\S]*CONSISTENCY is "disk"/,
  );
});
