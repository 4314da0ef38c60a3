import type { BusEvent, EventRule, RuleTarget } from '../../src/index.ts';

export const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:work';
export const DLQ_ARN = 'arn:aws:sqs:us-east-1:000000000000:events-dlq';
export const START = Date.UTC(2026, 10, 22, 3);

export function anEvent(overrides: Partial<BusEvent> = {}): BusEvent {
  return {
    version: '0',
    id: 'a1b2c3d4-0000-0000-0000-000000000001',
    'detail-type': 'EBS Snapshot Notification',
    source: 'aws.ec2',
    account: '000000000000',
    time: '2026-11-22T03:00:00Z',
    region: 'us-east-1',
    resources: ['arn:aws:ec2::us-east-1:snapshot/snap-0a285e09f710b5417'],
    detail: {
      event: 'createSnapshot',
      result: 'succeeded',
      cause: '',
      snapshot_id: 'arn:aws:ec2::us-east-1:snapshot/snap-0a285e09f710b5417',
    },
    ...overrides,
  };
}

export const aTarget = (overrides: Partial<RuleTarget> = {}): RuleTarget => ({
  id: 'Target',
  arn: QUEUE_ARN,
  ...overrides,
});

export function aRule(overrides: Partial<EventRule> = {}): EventRule {
  const { name = 'snapshots', region = 'us-east-1' } = overrides;
  return {
    name,
    arn: `arn:aws:events:${region}:000000000000:rule/${name}`,
    region,
    busName: 'default',
    pattern: { source: ['aws.ec2'], detail: { event: ['createSnapshot'] } },
    state: 'ENABLED',
    targets: [aTarget()],
    ...overrides,
  };
}
