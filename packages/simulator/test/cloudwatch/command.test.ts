import { ListMetricsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterEach, expect, test } from 'vitest';
import { runCloudWatchCommand } from '../../src/index.ts';
import { aCloudWatch, METRIC, START } from './builders.ts';
import { aClient, closeClients } from './client.ts';

afterEach(closeClients);

const datum = (more: object = {}) => ({
  MetricName: METRIC.name,
  Value: 98,
  Unit: 'Count' as const,
  Timestamp: new Date(START),
  Dimensions: [{ Name: 'Service', Value: 'Backup' }],
  ...more,
});

async function outcomeOf(send: () => Promise<unknown>): Promise<unknown> {
  try {
    return await send();
  } catch (error) {
    const { name, message } = error as Error;
    return { ...(error as Error), name, message };
  }
}

test.each([
  [
    'values',
    'SmartVault',
    [
      datum(),
      datum({ Value: 0.5, Timestamp: undefined }),
      datum({ Value: undefined, Values: [1, 2], Counts: [3, 4] }),
    ],
  ],
  [
    'a set of statistics',
    'SmartVault',
    [datum({ Value: undefined, StatisticValues: { SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2 } })],
  ],
  ['no metrics', 'SmartVault', []],
  ['no namespace', undefined, [datum()]],
  ['a namespace of AWS', 'AWS/EC2', [datum()]],
  ['a value and values', 'SmartVault', [datum({ Values: [1] })]],
  ['a time too old', 'SmartVault', [datum({ Timestamp: new Date(0) })]],
] as const)('%s: PutMetricData does what it does over HTTP', async (_, Namespace, MetricData) => {
  const [wire, direct] = [aCloudWatch().cloudwatch, aCloudWatch().cloudwatch];
  const client = await aClient(wire);
  const command = () => new PutMetricDataCommand({ Namespace, MetricData: [...MetricData] });

  const there = await outcomeOf(() => client.send(command()));
  const here = await outcomeOf(async () => runCloudWatchCommand(direct, command()));

  expect(here).toEqual(there);
  const points = (cloudwatch: typeof wire) => cloudwatch.metrics.datapoints(METRIC, 0, 2 * START, 60_000);
  expect(points(direct)).toEqual(points(wire));
});

test('what is not known is an error', () => {
  const { cloudwatch } = aCloudWatch();
  expect(() => runCloudWatchCommand(cloudwatch, new ListMetricsCommand({}))).toThrow(
    'unknown operation ListMetrics',
  );
});
