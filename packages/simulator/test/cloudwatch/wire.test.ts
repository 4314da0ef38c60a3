import { gzipSync } from 'node:zlib';
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, describe, expect, it } from 'vitest';
import { type CloudWatch, handleCloudWatchRequest } from '../../src/index.ts';
import { aCloudWatch, anAlarm, METRIC, START } from './builders.ts';
import { aClient, closeClients } from './client.ts';

afterEach(closeClients);

const datum = (overrides: object = {}) => ({
  MetricName: 'SnapshotsCreated',
  Value: 98,
  Unit: 'Count' as const,
  Timestamp: new Date(START),
  Dimensions: [{ Name: 'Service', Value: 'Backup' }],
  ...overrides,
});
const put = (...MetricData: ReturnType<typeof datum>[]) =>
  new PutMetricDataCommand({ Namespace: 'SmartVault', MetricData });

describe('the SDK client', () => {
  it('puts metrics and reads them back', async () => {
    const { cloudwatch } = aCloudWatch();
    const client = await aClient(cloudwatch);

    await client.send(put(datum(), datum({ Value: 2, Timestamp: new Date(START + 120_000) })));
    const metrics = await client.send(new ListMetricsCommand({ Namespace: 'SmartVault' }));
    const statistics = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'SmartVault',
        MetricName: 'SnapshotsCreated',
        Dimensions: [{ Name: 'Service', Value: 'Backup' }],
        StartTime: new Date(START - 3_600_000),
        EndTime: new Date(START + 3_600_000),
        Period: 300,
        Statistics: ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'],
      }),
    );

    expect(metrics.Metrics).toEqual([
      {
        Namespace: 'SmartVault',
        MetricName: 'SnapshotsCreated',
        Dimensions: [{ Name: 'Service', Value: 'Backup' }],
      },
    ]);
    expect(statistics.Datapoints).toEqual([
      {
        Timestamp: new Date(START),
        Sum: 100,
        Average: 50,
        Minimum: 2,
        Maximum: 98,
        SampleCount: 2,
        Unit: 'Count',
      },
    ]);
  });

  it('puts a body so large that it compresses it', async () => {
    const { cloudwatch } = aCloudWatch();
    const client = await aClient(cloudwatch);

    await client.send(put(...Array.from({ length: 300 }, (_, n) => datum({ MetricName: `Metric${n}` }))));

    expect(cloudwatch.metrics.list()).toHaveLength(300);
  });

  it('puts values with counts, and statistic sets', async () => {
    const { cloudwatch } = aCloudWatch();
    const client = await aClient(cloudwatch);

    await client.send(
      put(
        datum({ Value: undefined, Values: [1, 5], Counts: [2, 1] }),
        datum({ Value: undefined, StatisticValues: { SampleCount: 2, Sum: 30, Minimum: 10, Maximum: 20 } }),
      ),
    );

    expect(cloudwatch.metrics.between(METRIC, START, START + 60_000)).toEqual({
      count: 5,
      sum: 37,
      minimum: 1,
      maximum: 20,
    });
  });

  it('lists more than a page of metrics', async () => {
    const { cloudwatch } = aCloudWatch();
    for (let n = 0; n < 501; n += 1) cloudwatch.put('SmartVault', `Metric${n}`, {}, 1, START);
    const client = await aClient(cloudwatch);

    const first = await client.send(new ListMetricsCommand({}));
    const second = await client.send(new ListMetricsCommand({ NextToken: first.NextToken }));

    expect([first.Metrics?.length, second.Metrics?.length, second.NextToken]).toEqual([500, 1, undefined]);
  });

  it('describes alarms by state, name and prefix', async () => {
    const { clock, cloudwatch } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ name: 'vault-failures' }));
    cloudwatch.addAlarm(anAlarm({ name: 'other', metric: { ...METRIC, name: 'Else' } }));
    cloudwatch.put(METRIC.namespace, METRIC.name, METRIC.dimensions, 1, START);
    clock.advanceTo(START + 60_000);
    const client = await aClient(cloudwatch);
    const names = async (input: object) =>
      (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);

    expect(await names({})).toEqual(['other', 'vault-failures']);
    expect(await names({ StateValue: 'ALARM' })).toEqual(['vault-failures']);
    expect(await names({ AlarmNames: ['other', 'missing'] })).toEqual(['other']);
    expect(await names({ AlarmNamePrefix: 'vault-' })).toEqual(['vault-failures']);
    const [alarm] =
      (await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }))).MetricAlarms ?? [];
    expect(alarm).toMatchObject({
      StateValue: 'ALARM',
      StateUpdatedTimestamp: new Date(START + 60_000),
      Statistic: 'Sum',
      Period: 300,
      Threshold: 1,
    });
  });

  it('switches actions of alarms off and on, and deletes alarms', async () => {
    const { clock, cloudwatch } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ name: 'one' }));
    cloudwatch.addAlarm(anAlarm({ name: 'two' }));
    const client = await aClient(cloudwatch);
    const alarms = async () =>
      (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map((each) => [
        each.AlarmName,
        each.ActionsEnabled,
      ]);

    await client.send(new DisableAlarmActionsCommand({ AlarmNames: ['one', 'missing'] }));
    expect(await alarms()).toEqual([
      ['one', false],
      ['two', true],
    ]);
    await client.send(new EnableAlarmActionsCommand({ AlarmNames: ['one'] }));
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['two'] }));
    expect(await alarms()).toEqual([['one', true]]);
    // One that is gone is not evaluated any more.
    cloudwatch.put(METRIC.namespace, METRIC.name, METRIC.dimensions, 1, START);
    clock.advanceTo(START + 60_000);
    expect(cloudwatch.alarms().map(({ spec, state }) => [spec.name, state])).toEqual([['one', 'ALARM']]);
  });

  it.each([
    [
      'InvalidParameterValueException',
      new PutMetricDataCommand({ Namespace: 'AWS/EC2', MetricData: [datum()] }),
    ],
    [
      'MissingRequiredParameterException',
      new PutMetricDataCommand({ Namespace: 'SmartVault', MetricData: [] }),
    ],
    ['InvalidParameterCombinationException', put(datum({ Value: undefined }))],
    ['InvalidParameterValueException', put(datum({ Timestamp: new Date(START - 15 * 86_400_000) }))],
    ['InvalidParameterValueException', put(datum({ Timestamp: new Date(START + 3 * 3_600_000) }))],
    ['InvalidParameterValueException', put(...Array.from({ length: 1_001 }, () => datum()))],
  ])('is refused with %s (%#)', async (name, command) => {
    const { cloudwatch } = aCloudWatch();
    const client = await aClient(cloudwatch);

    await expect(client.send(command)).rejects.toMatchObject({ name, $fault: 'client' });
    expect(cloudwatch.metrics.list()).toEqual([]);
  });
});

describe('the query protocol', () => {
  const ask = (cloudwatch: CloudWatch, form: Record<string, string>, gzip = false) => {
    const body = Buffer.from(new URLSearchParams({ Version: '2010-08-01', ...form }).toString());
    return handleCloudWatchRequest(cloudwatch, {
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        ...(gzip && { 'content-encoding': 'gzip' }),
      },
      body: gzip ? gzipSync(body) : body,
    });
  };
  const form = {
    Action: 'PutMetricData',
    Namespace: 'SmartVault',
    'MetricData.member.1.MetricName': 'SnapshotsCreated',
    'MetricData.member.1.Value': '98',
    'MetricData.member.1.Timestamp': '2026-11-22T03:00:00Z',
    'MetricData.member.1.Dimensions.member.1.Name': 'Service',
    'MetricData.member.1.Dimensions.member.1.Value': 'Backup',
  };

  it.each([false, true])('puts metrics (gzip: %s)', (gzip) => {
    const { cloudwatch } = aCloudWatch();

    const answer = ask(cloudwatch, form, gzip);

    expect(answer.status).toBe(200);
    expect(answer.body).toContain(
      '<PutMetricDataResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">',
    );
    expect(cloudwatch.metrics.between(METRIC, START, START + 60_000)?.sum).toBe(98);
  });

  it('describes alarms as XML', () => {
    const { cloudwatch } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ description: 'a < b & c' }));

    const { body } = ask(cloudwatch, { Action: 'DescribeAlarms' });

    expect(body).toContain('<MetricAlarms><member><AlarmName>failures</AlarmName>');
    expect(body).toContain('<AlarmDescription>a &lt; b &amp; c</AlarmDescription>');
    expect(body).toContain('<StateUpdatedTimestamp>2026-11-22T03:00:00.000Z</StateUpdatedTimestamp>');
  });

  it('refuses what it does not know', () => {
    const { cloudwatch } = aCloudWatch();

    const answer = ask(cloudwatch, { Action: 'PutDashboard' });

    expect(answer.status).toBe(400);
    expect(answer.body).toContain('<Type>Sender</Type><Code>InvalidAction</Code>');
  });
});

describe('a broken request', () => {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData',
  };

  it.each([
    [headers, '{'],
    [headers, '[]'],
    [{ ...headers, 'content-encoding': 'gzip' }, 'no gzip'],
    [{ ...headers, 'x-amz-target': 'Other.Thing' }, '{}'],
    [{ ...headers, 'x-amz-target': 'GraniteServiceVersion20100801.constructor' }, '{}'],
    [headers, '{"Namespace":"N","MetricData":[{"MetricName":"m","Value":"NaN"}]}'],
  ])('gets an error of the client’s making (%#)', (headers, body) => {
    const { cloudwatch } = aCloudWatch();

    const answer = handleCloudWatchRequest(cloudwatch, { headers, body: Buffer.from(body) });

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toHaveProperty('__type');
  });

  it('is told what is missing in both protocols’ words', () => {
    const { cloudwatch } = aCloudWatch();

    const answer = handleCloudWatchRequest(cloudwatch, { headers, body: Buffer.from('{"Namespace":"N"}') });

    expect(answer.headers['x-amzn-query-error']).toBe('MissingParameter;Sender');
    expect(JSON.parse(answer.body)).toEqual({
      __type: 'com.amazonaws.cloudwatch#MissingRequiredParameterException',
      message: 'The parameter MetricData is required.',
    });
  });

  it('gets 413 when it is too large', () => {
    const { cloudwatch } = aCloudWatch();

    expect(handleCloudWatchRequest(cloudwatch, { headers, body: Buffer.alloc(1_048_577, 32) }).status).toBe(
      413,
    );
  });
});
