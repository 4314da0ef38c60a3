import { describe, expect, it } from 'vitest';
import { alarmMessage } from '../../src/index.ts';
import { aCloudWatch, anAlarm, METRIC, START, TOPIC } from './builders.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('an alarm', () => {
  it('begins without data, and knows its state a minute later', () => {
    const { clock, cloudwatch, states } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm());
    expect(cloudwatch.alarms()[0]?.state).toBe('INSUFFICIENT_DATA');

    clock.advanceTo(START + HOUR_MS);

    expect(states()).toEqual([['OK', 1]]);
  });

  it('rings within a minute of a breach and is quiet once no real value of its range breaches', () => {
    const { clock, cloudwatch, put, states, changes } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm());
    clock.advanceTo(START + 10 * MINUTE_MS + 5_000);

    put(1);
    clock.advanceTo(START + DAY_MS);

    // The value of minute 10 is seen at 11. It is within the three periods that are looked at until minute 25.
    expect(states()).toEqual([
      ['OK', 1],
      ['ALARM', 11],
      ['OK', 26],
    ]);
    expect(changes[1]).toMatchObject({ from: 'OK', to: 'ALARM', actions: [TOPIC] });
    expect(changes[2]?.actions).toEqual([]);
  });

  it('adds up a period, and slides by the minute', () => {
    const { clock, cloudwatch, put, states } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ threshold: 3 }));
    for (const minute of [4, 6, 8]) put(1, START + minute * MINUTE_MS);

    clock.advanceTo(START + 9 * MINUTE_MS);

    expect(states()).toEqual([
      ['OK', 1],
      ['ALARM', 9],
    ]);
  });

  it('on a daily heartbeat rings when there was none for a day, and stops with the next one', () => {
    const { clock, cloudwatch, put, states } = aCloudWatch();
    cloudwatch.addAlarm(
      anAlarm({ periodSeconds: 86_400, comparison: 'LessThanThreshold', treatMissingData: 'breaching' }),
    );
    put(98);
    clock.advanceTo(START + DAY_MS + 5 * HOUR_MS);
    put(98);
    clock.advanceTo(START + DAY_MS + 6 * HOUR_MS);

    expect(states()).toEqual([
      ['OK', 1],
      ['ALARM', 24 * 60 + 1],
      ['OK', 29 * 60 + 1],
    ]);
  });

  it('over more than a day is evaluated at full hours only', () => {
    const { clock, cloudwatch, put, states } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ periodSeconds: 3_600, evaluationPeriods: 26 }));
    clock.advanceTo(START + 2 * HOUR_MS + 10 * MINUTE_MS);
    put(5);
    clock.advanceTo(START + 4 * HOUR_MS);

    expect(states()).toEqual([
      ['OK', 60],
      ['ALARM', 180],
    ]);
  });

  it('that ignores missing data keeps its state', () => {
    const { clock, cloudwatch, put, states } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ treatMissingData: 'ignore' }));
    put(1);
    clock.advanceTo(START + 10 * DAY_MS);
    put(0);
    clock.advanceTo(START + 10 * DAY_MS + HOUR_MS);

    expect(states()).toEqual([
      ['ALARM', 1],
      ['OK', 10 * 24 * 60 + 1],
    ]);
  });

  it('that treats missing data as missing ends without data', () => {
    const { clock, cloudwatch, put, states } = aCloudWatch();
    cloudwatch.addAlarm(
      anAlarm({ treatMissingData: 'missing', actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [TOPIC] } }),
    );
    put(0);
    clock.advanceTo(START + DAY_MS);

    expect(states()).toEqual([
      ['OK', 1],
      ['INSUFFICIENT_DATA', 16],
    ]);
  });

  it('heeds its own metric only', () => {
    const { clock, cloudwatch, states } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm());
    cloudwatch.put('SmartVault', 'SnapshotsCreated', { Service: 'Other' }, 9, START);
    cloudwatch.put('SmartVault', 'RecordsFailed', METRIC.dimensions, 9, START);

    clock.advanceTo(START + HOUR_MS);

    expect(states()).toEqual([['OK', 1]]);
  });

  it('does nothing but tell when its actions are switched off', () => {
    const { clock, cloudwatch, put, changes } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ actionsEnabled: false }));
    put(1);

    clock.advanceTo(START + MINUTE_MS);

    expect(changes).toMatchObject([{ to: 'ALARM', actions: [] }]);
  });

  it('on a silent metric has nothing planned', () => {
    const { clock, cloudwatch, put } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm());
    put(1);
    clock.advanceTo(START + DAY_MS);

    expect(clock.nextDue()).toBeUndefined();
  });

  it.each([
    [{ periodSeconds: 30 }, /period of 30 s/],
    [{ datapointsToAlarm: 2 }, /wants 2 of 1 datapoints/],
    [{ periodSeconds: 86_400, evaluationPeriods: 8 }, /more than 7 days/],
  ])('is refused with %j', (overrides, message) => {
    const { cloudwatch } = aCloudWatch();

    expect(() => cloudwatch.addAlarm(anAlarm(overrides))).toThrow(message);
  });
});

describe('the message of an alarm', () => {
  it('is what CloudWatch publishes', () => {
    const { clock, cloudwatch, put, changes } = aCloudWatch();
    cloudwatch.addAlarm(anAlarm({ description: 'see docs/runbook/failures.md' }));
    put(1);
    clock.advanceTo(START + MINUTE_MS);

    const change = changes[0];
    const message = change && alarmMessage(change, { region: 'us-east-1', accountId: '000000000000' });

    expect(message?.subject).toBe('ALARM: "failures" in us-east-1');
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      AlarmName: 'failures',
      AlarmDescription: 'see docs/runbook/failures.md',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      StateChangeTime: '2026-11-22T03:01:00.000+0000',
      Trigger: {
        MetricName: 'SnapshotsCreated',
        Statistic: 'SUM',
        Dimensions: [{ name: 'Service', value: 'Backup' }],
      },
    });
  });
});
