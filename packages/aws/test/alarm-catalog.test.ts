import { expect, test } from 'vitest';
import { createAlarmCatalog } from '../src/alarm-catalog.ts';
import { createQueueAdmin } from '../src/queue-admin.ts';
import { createSqsClient } from '../src/sqs-client.ts';
import { json, scriptedAws } from './support/scripted-aws.ts';

const AT = Date.parse('2026-11-22T06:00:00Z');

test('alarms of every page, in our words', async () => {
  const aws = scriptedAws(
    json({
      MetricAlarms: [
        {
          AlarmName: 'v-PruneRefused',
          AlarmDescription: 'It refused.',
          StateValue: 'ALARM',
          StateReason: 'Threshold crossed',
          StateTransitionedTimestamp: AT / 1_000,
          Threshold: 1,
          AlarmActions: ['arn:aws:sns:us-east-1:111122223333:v-notifications'],
          ActionsEnabled: false,
        },
      ],
      NextToken: 'more',
    }),
    json({ MetricAlarms: [{ AlarmName: 'v-RecordsFailed', StateValue: 'OK' }] }),
  );

  const alarms = await createAlarmCatalog(aws.connection()).listAlarms('v-');

  expect(alarms).toEqual([
    {
      name: 'v-PruneRefused',
      description: 'It refused.',
      state: 'ALARM',
      reason: 'Threshold crossed',
      since: AT,
      threshold: 1,
      actions: ['arn:aws:sns:us-east-1:111122223333:v-notifications'],
      actionsEnabled: false,
    },
    { name: 'v-RecordsFailed', description: '', state: 'OK', reason: '', actions: [], actionsEnabled: true },
  ]);
  expect(aws.requests[1]?.json).toEqual({
    AlarmNamePrefix: 'v-',
    AlarmTypes: ['MetricAlarm'],
    MaxRecords: 100,
    NextToken: 'more',
  });
});

test('the age of the oldest message is the newest number, and unknown when there is none', async () => {
  const aws = scriptedAws(
    json({
      Datapoints: [
        { Timestamp: AT / 1_000 - 600, Maximum: 60 },
        { Timestamp: AT / 1_000 - 300, Maximum: 360 },
      ],
    }),
    json({ Datapoints: [] }),
  );
  const catalog = createAlarmCatalog(aws.connection());

  expect(await catalog.oldestMessageSeconds('v-copies-eu-west-1', AT)).toBe(360);
  expect(await catalog.oldestMessageSeconds('v-copies-eu-west-1', AT)).toBeUndefined();
});

test('the sum of a metric over all hours; a service that tells nothing tells 0', async () => {
  const aws = scriptedAws(json({ Datapoints: [{ Sum: 3 }, { Sum: 4 }] }), json({ Datapoints: [] }));
  const catalog = createAlarmCatalog(aws.connection());

  expect(await catalog.sumOf({ kind: 'rule-invocations', ruleName: 'v-forward' }, AT - 7_200_000, AT)).toBe(
    7,
  );
  expect(await catalog.sumOf({ kind: 'function-invocations', functionName: 'v-copier' }, AT - 1, AT)).toBe(0);
});

test('tags of a queue; a queue without any has none', async () => {
  const aws = scriptedAws(json({ Tags: { 'smart-vault:policy': 'default' } }), json({}));
  const admin = createQueueAdmin(aws.connection());

  expect(await admin.listTags('https://sqs.us-east-1.amazonaws.com/1/v-volumes.fifo')).toEqual({
    'smart-vault:policy': 'default',
  });
  expect(await admin.listTags('https://sqs.us-east-1.amazonaws.com/1/v-volumes.fifo')).toEqual({});
});

test('a client without onServerTime is left as it is', () => {
  const aws = scriptedAws();
  const names = createSqsClient(aws.connection()).middlewareStack.identify();

  expect(names.some((name) => name.startsWith('serverTime'))).toBe(false);
});
