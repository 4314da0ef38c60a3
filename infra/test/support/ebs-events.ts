/** EBS events as EventBridge delivers them, with their odd ARNs: the region stands in the account's place. */

interface EventFacts {
  readonly region: string;
  readonly result?: 'succeeded' | 'failed';
}

const SNAPSHOT = 'snap-0a285e09f710b5417';

const envelope = (region: string, detailType: string) => ({
  version: '0',
  id: '01234567-0123-0123-0123-012345678901',
  'detail-type': detailType,
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-09-25T16:44:19Z',
  region,
  resources: [`arn:aws:ec2::${region}:snapshot/${SNAPSHOT}`],
});

const common = (result: string) => ({
  result,
  cause: result === 'failed' ? 'Something failed' : '',
  'request-id': '',
  startTime: '2026-09-25T16:43:33.137Z',
  endTime: '2026-09-25T16:44:19.385Z',
});

export const snapshotEvent = ({
  region,
  result = 'succeeded',
  event = 'createSnapshot',
}: EventFacts & { event?: string }) => ({
  ...envelope(region, 'EBS Snapshot Notification'),
  detail: {
    event,
    ...common(result),
    snapshot_id: `arn:aws:ec2::${region}:snapshot/${SNAPSHOT}`,
    source: `arn:aws:ec2::${region}:volume/vol-033bb51d90d7fbc9f`,
  },
});

export const snapshotSetEvent = ({ region, result = 'succeeded' }: EventFacts) => ({
  ...envelope(region, 'EBS Multi-Volume Snapshots Completion Status'),
  detail: {
    event: 'createSnapshots',
    ...common(result),
    snapshots: [
      {
        snapshot_id: `arn:aws:ec2::${region}:snapshot/${SNAPSHOT}`,
        source: `arn:aws:ec2::${region}:volume/vol-033bb51d90d7fbc9f`,
        status: result === 'failed' ? 'error' : 'completed',
      },
    ],
  },
});

export const copyEvent = ({ region, result = 'succeeded' }: EventFacts) => ({
  ...envelope(region, 'EBS Snapshot Notification'),
  detail: {
    event: 'copySnapshot',
    ...common(result),
    snapshot_id: `arn:aws:ec2::${region}:snapshot/${SNAPSHOT}`,
    source: 'arn:aws:ec2::us-east-1:snapshot/snap-76543210',
    incremental: 'true',
    transferType: 'standard',
  },
});
