import { describe, expect, it } from 'vitest';
import { aCloudWatch, anAlarm, START } from './builders.ts';

const line = (overrides: object = {}, aws: object = {}): string =>
  JSON.stringify({
    _aws: {
      Timestamp: START,
      CloudWatchMetrics: [
        {
          Namespace: 'SmartVault',
          Dimensions: [['Service'], []],
          Metrics: [{ Name: 'RecordsFailed', Unit: 'Count' }, { Name: 'Waits' }],
        },
      ],
      ...aws,
    },
    Service: 'Backup',
    RecordsFailed: 2,
    Waits: [1, 3],
    runId: 'of no matter',
    ...overrides,
  });

describe('a log line in the embedded metric format', () => {
  it('is a value of each metric in each set of dimensions', () => {
    const { cloudwatch } = aCloudWatch();

    cloudwatch.putLogLine(`${line()}\n`);

    const found = cloudwatch.metrics.list().map((id) => ({
      ...id,
      unit: cloudwatch.metrics.unitOf(id),
      ...cloudwatch.metrics.between(id, START, START + 60_000),
    }));
    const failed = {
      namespace: 'SmartVault',
      name: 'RecordsFailed',
      unit: 'Count',
      count: 1,
      sum: 2,
      minimum: 2,
      maximum: 2,
    };
    const waits = {
      namespace: 'SmartVault',
      name: 'Waits',
      unit: 'None',
      count: 2,
      sum: 4,
      minimum: 1,
      maximum: 3,
    };
    expect(found).toEqual([
      { ...failed, dimensions: { Service: 'Backup' } },
      { ...failed, dimensions: {} },
      { ...waits, dimensions: { Service: 'Backup' } },
      { ...waits, dimensions: {} },
    ]);
  });

  it('sets off an alarm', () => {
    const { clock, cloudwatch, states } = aCloudWatch();
    const metric = { namespace: 'SmartVault', name: 'RecordsFailed', dimensions: { Service: 'Backup' } };
    cloudwatch.addAlarm(anAlarm({ metric }));

    cloudwatch.putLogLine(line());
    clock.advanceTo(START + 60_000);

    expect(states()).toEqual([['ALARM', 1]]);
  });

  it.each(['a plain line', '{"level":"INFO"}', `prefix ${line()}`, '{"_aws":1}', '{"_aws":'])(
    'is not: %s',
    (text) => {
      const { cloudwatch } = aCloudWatch();

      expect(cloudwatch.putLogLine(text)).toEqual({ kind: 'plain' });
      expect(cloudwatch.metrics.list()).toEqual([]);
    },
  );

  it.each([
    [line({}, { Timestamp: '2026-11-22' }), /Timestamp/],
    [line({}, { CloudWatchMetrics: undefined }), /CloudWatchMetrics/],
    [line({ Service: 7 }), /dimension Service is no text/],
    [line({ RecordsFailed: 'two' }), /RecordsFailed is no number/],
    [line({ Waits: undefined }), /Waits is no number/],
    [line({ Waits: Array.from({ length: 101 }, () => 1) }), /Waits has no value, or more than 100/],
  ])('is rejected as a whole when it breaks the format (%#)', (text, reason) => {
    const { cloudwatch } = aCloudWatch();

    const parsed = cloudwatch.putLogLine(text);

    expect(parsed.kind === 'rejected' && parsed.reason).toMatch(reason);
    expect(cloudwatch.metrics.list()).toEqual([]);
  });
});
