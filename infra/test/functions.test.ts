import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTION_NAMES, type FunctionName } from '../lib/index.ts';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

const KEY = 'mrk-0123456789abcdef0123456789abcdef';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({
    destinationRegions: ['eu-west-1', 'eu-central-1'],
    kmsKeyIds: { 'eu-central-1': KEY },
  });
});

const functionNamed = (name: FunctionName) => named(vault.source.functions, `smart-vault-${name}`);
const url = (name: string): string => `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/smart-vault-${name}`;

test('six functions, each on Node.js 24 and arm64 with its own role and log group', () => {
  const { functions, logGroups } = vault.source;

  expect(functions.map(({ name }) => name).sort()).toEqual(
    FUNCTION_NAMES.map((name) => `smart-vault-${name}`).sort(),
  );
  expect(new Set(functions.map(({ roleArn }) => roleArn)).size).toBe(6);
  for (const one of functions) {
    expect([one.runtime, one.architecture, one.handler, one.memoryMb]).toEqual([
      'nodejs24.x',
      'arm64',
      'index.handler',
      512,
    ]);
    expect(one.logGroup).toBe(`/aws/lambda/${one.name}`);
    expect(named(logGroups, one.logGroup ?? '').retentionDays).toBe(90);
    // Small accounts cannot spare it, and a throttled mapping burns receives.
    expect(one.reservedConcurrency).toBeUndefined();
  }
});

test('timeouts', () => {
  const timeouts = FUNCTION_NAMES.map((name) => [name, functionNamed(name).timeoutSeconds]);

  expect(Object.fromEntries(timeouts)).toEqual({
    scheduler: 300,
    snapshotter: 300,
    copier: 300,
    reconciler: 900,
    pruner: 900,
    reporter: 300,
  });
});

describe('environment', () => {
  const shared = {
    SOURCE_REGION: 'us-east-1',
    DEST_REGION: 'eu-west-1,eu-central-1',
    RETENTION_DAYS: '7',
    SNS_TOPIC_ARN: `arn:aws:sns:us-east-1:${ACCOUNT}:smart-vault-notifications`,
    VAULT_NAME: 'smart-vault',
    POLICY_NAME: 'default',
  };
  const own: Readonly<Record<FunctionName, Readonly<Record<string, string>>>> = {
    scheduler: {
      VOLUMES_QUEUE_URL: url('volumes.fifo'),
      SNAPSHOTTER_WAKEUPS_QUEUE_URL: url('snapshotter-wakeups.fifo'),
      REPORTS_QUEUE_URL: url('reports'),
      CONSISTENCY: 'instance',
    },
    snapshotter: {
      VOLUMES_QUEUE_URL: url('volumes.fifo'),
      VOLUMES_DLQ_URL: url('volumes-dlq.fifo'),
      SNAPSHOTTER_WAKEUPS_QUEUE_URL: url('snapshotter-wakeups.fifo'),
      PENDING_SNAPSHOTS_MAX: '100',
      MAX_RECEIVE_COUNT: '5',
    },
    copier: {
      COPIES_QUEUE_URLS: `${url('copies-eu-west-1')},${url('copies-eu-central-1')}`,
      COPIES_DLQ_URLS: `${url('copies-eu-west-1-dlq')},${url('copies-eu-central-1-dlq')}`,
      COPIER_WAKEUPS_QUEUE_URL: url('copier-wakeups.fifo'),
      COPIES_IN_FLIGHT_MAX: '20',
      MAX_RECEIVE_COUNT: '5',
      DEST_KMS_KEY_IDS: `,${KEY}`,
    },
    reconciler: {
      VOLUMES_QUEUE_URL: url('volumes.fifo'),
      VOLUMES_DLQ_URL: url('volumes-dlq.fifo'),
      COPIES_QUEUE_URLS: `${url('copies-eu-west-1')},${url('copies-eu-central-1')}`,
      COPIES_DLQ_URLS: `${url('copies-eu-west-1-dlq')},${url('copies-eu-central-1-dlq')}`,
      SNAPSHOTTER_WAKEUPS_QUEUE_URL: url('snapshotter-wakeups.fifo'),
      COPIER_WAKEUPS_QUEUE_URL: url('copier-wakeups.fifo'),
      CONSISTENCY: 'instance',
      SCHEDULE_EXPRESSION: 'cron(0 3 * * ? *)',
      SCHEDULE_TIMEZONE: 'UTC',
    },
    pruner: {
      GRACE_HOURS: '24',
      KEEP_MIN: '3',
      DELETES_PER_RUN_MAX: '200',
      DELETE_SHARE_MAX: '0.2',
      PRUNER_MODE: 'live',
    },
    reporter: {
      REPORTS_QUEUE_URL: url('reports'),
      VOLUMES_DLQ_URL: url('volumes-dlq.fifo'),
      COPIES_DLQ_URLS: `${url('copies-eu-west-1-dlq')},${url('copies-eu-central-1-dlq')}`,
      RPO_HOURS: '26',
      RUN_DEADLINE_HOURS: '6',
      CONSISTENCY: 'instance',
    },
  };

  test.each(FUNCTION_NAMES)('%s has all that it needs and nothing else', (name) => {
    expect(functionNamed(name).environment).toEqual({ ...shared, ...own[name] });
  });

  test('without keys the copier is told nothing about keys', () => {
    const { environment } = named(synthesize().source.functions, 'smart-vault-copier');

    expect(environment).not.toHaveProperty('DEST_KMS_KEY_IDS');
  });
});

test('the mappings: wake-ups in batches, runs one by one, all with partial batch responses', () => {
  const mappings = vault.source.eventSourceMappings.map((mapping) => [
    mapping.functionName,
    mapping.eventSourceArn.split(':').at(-1),
    mapping.batchSize,
    mapping.reportBatchItemFailures && mapping.enabled,
  ]);

  expect(mappings.sort()).toEqual([
    ['smart-vault-copier', 'smart-vault-copier-wakeups.fifo', 10, true],
    ['smart-vault-reporter', 'smart-vault-reports', 1, true],
    ['smart-vault-snapshotter', 'smart-vault-snapshotter-wakeups.fifo', 10, true],
  ]);
});

test('what a schedule invokes is tried three times, then buried', () => {
  for (const name of ['scheduler', 'reconciler', 'pruner'] as const) {
    expect(functionNamed(name).asyncInvoke).toMatchObject({
      maximumRetryAttempts: 2,
      deadLetterArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-jobs-dlq`,
    });
  }
});
