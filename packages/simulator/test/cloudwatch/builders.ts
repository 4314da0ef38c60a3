import { type AlarmChange, type AlarmSpec, CloudWatch, VirtualClock } from '../../src/index.ts';

export const START = Date.UTC(2026, 10, 22, 3);
export const METRIC = {
  namespace: 'SmartVault',
  name: 'SnapshotsCreated',
  dimensions: { Service: 'Backup' },
};
export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:notifications';

export function anAlarm(overrides: Partial<AlarmSpec> = {}): AlarmSpec {
  const { name = 'failures' } = overrides;
  return {
    name,
    arn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
    metric: METRIC,
    statistic: 'Sum',
    periodSeconds: 300,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold: 1,
    comparison: 'GreaterThanOrEqualToThreshold',
    treatMissingData: 'notBreaching',
    actionsEnabled: true,
    actions: { OK: [], ALARM: [TOPIC], INSUFFICIENT_DATA: [] },
    ...overrides,
  };
}

export function aCloudWatch() {
  const clock = new VirtualClock(START);
  const changes: AlarmChange[] = [];
  const cloudwatch = new CloudWatch({
    clock,
    region: 'us-east-1',
    accountId: '000000000000',
    onAlarm: (change) => void changes.push(change),
  });
  const put = (value: number, atMs = clock.now()): void =>
    cloudwatch.put(METRIC.namespace, METRIC.name, METRIC.dimensions, value, atMs, 'Count');
  const states = () => changes.map(({ to, atMs }) => [to, (atMs - START) / 60_000]);
  return { clock, cloudwatch, changes, put, states };
}
