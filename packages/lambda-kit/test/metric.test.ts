import { expect, it } from 'vitest';
import { metricLine } from '../src/index.ts';
import { NOON } from './fakes.ts';

it('a metric is one line of embedded metric format: root members, a string dimension, milliseconds', () => {
  const line = metricLine({ name: 'RecordsFailed', value: 3, unit: 'Count' }, NOON);

  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    _aws: {
      Timestamp: 1795348800000,
      CloudWatchMetrics: [
        {
          Namespace: 'SmartVault',
          Dimensions: [['Service']],
          Metrics: [{ Name: 'RecordsFailed', Unit: 'Count' }],
        },
      ],
    },
    Service: 'Backup',
    RecordsFailed: 3,
  });
});
