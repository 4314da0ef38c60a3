import type { Metric } from '@smart-vault/core';
import { expect, test } from 'vitest';
import { createMetricSink } from '../src/metric-sink.ts';
import { json, scriptedAws } from './support/scripted-aws.ts';

const AT = Date.parse('2026-11-22T03:00:00Z');

test('puts metrics of the vault, with their time', async () => {
  const aws = scriptedAws(json({}));

  await createMetricSink(aws.connection()).put(
    [
      { name: 'SnapshotsCreated', value: 0, unit: 'Count' },
      { name: 'OldestPointAgeSeconds', value: 86_400, unit: 'Seconds' },
    ],
    AT,
  );

  expect(aws.requests).toEqual([
    {
      method: 'POST',
      host: 'monitoring.us-east-1.amazonaws.com',
      path: '/',
      target: 'GraniteServiceVersion20100801.PutMetricData',
      json: {
        Namespace: 'SmartVault',
        MetricData: [
          {
            MetricName: 'SnapshotsCreated',
            Value: 0,
            Unit: 'Count',
            Timestamp: AT / 1_000,
            Dimensions: [{ Name: 'Service', Value: 'Backup' }],
          },
          {
            MetricName: 'OldestPointAgeSeconds',
            Value: 86_400,
            Unit: 'Seconds',
            Timestamp: AT / 1_000,
            Dimensions: [{ Name: 'Service', Value: 'Backup' }],
          },
        ],
      },
    },
  ]);
});

test('puts 1,000 metrics at a time, uncompressed, and makes no call for none', async () => {
  const aws = scriptedAws(json({}), json({}));
  const metrics = Array.from(
    { length: 1_001 },
    (_, index): Metric => ({ name: 'M', value: index, unit: 'Count' }),
  );
  const sink = createMetricSink(aws.connection());

  await sink.put([], AT);
  await sink.put(metrics, AT);

  const sizes = aws.requests.map((request) => (request.json as { MetricData: unknown[] }).MetricData.length);
  expect(sizes).toEqual([1_000, 1]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'refuses %d, for which CloudWatch would refuse them all',
  async (value) => {
    const aws = scriptedAws();

    const putting = createMetricSink(aws.connection()).put([{ name: 'Age', value, unit: 'Seconds' }], AT);

    await expect(putting).rejects.toMatchObject({ code: 'INVALID', message: expect.stringContaining('Age') });
    expect(aws.requests).toEqual([]);
  },
);
