import type { Alarm } from '@smart-vault/aws/alarm-catalog';
import type { Instance, Region, Snapshot, Volume } from '@smart-vault/core';
import { expect, test } from 'vitest';
import { examine } from '../src/doctor/checks.ts';
import type { DoctorFacts, RegionFacts } from '../src/doctor/facts.ts';
import { alarmNamesIn, forwardingQueue, plainQueues, ruleNamesIn, workQueues } from '../src/doctor/names.ts';
import type { VaultQueue } from '../src/vault/find-vault.ts';
import { queuePartOf } from '../src/vault/queue-names.ts';

const HOME = 'us-east-1' as Region;
const AWAY = 'eu-west-1' as Region;
const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22, 7);
const PLACE = { name: 'v', region: HOME, destinations: [AWAY] };

const aQueue = (name: string, region = HOME, with_: Partial<VaultQueue> = {}): VaultQueue => ({
  url: `https://sqs/1/${name}`,
  arn: `arn:aws:sqs:${region}:1:${name}`,
  name,
  fifo: name.endsWith('.fifo'),
  depth: { visible: 0, inFlight: 0, delayed: 0 },
  retentionSeconds: 345_600,
  visibilitySeconds: 420,
  createdAt: 0,
  region,
  ...(queuePartOf('v', name) ?? { role: 'reports' }),
  ...with_,
});
const anAlarm = (name: string, with_: Partial<Alarm> = {}): Alarm => ({
  name,
  description: '',
  state: 'OK',
  reason: '',
  since: 0,
  actions: ['arn:aws:sns:us-east-1:1:v-notifications'],
  actionsEnabled: true,
  ...with_,
});
const aSnapshot = (id: string, with_: Partial<Snapshot> = {}): Snapshot => ({
  id: `snap-${id}` as Snapshot['id'],
  region: HOME,
  state: 'completed',
  volumeId: 'vol-00000001',
  sizeGiB: 8,
  startedAt: NOW - 3 * HOUR,
  completedAt: NOW - 3 * HOUR,
  description: '',
  encrypted: false,
  storageTier: 'standard',
  tags: {
    'smart-vault:vault': 'v',
    'smart-vault:policy': 'default',
    'smart-vault:slot': '2026-11-22T03:00:00Z',
    'smart-vault:instance': 'i-00000001',
  },
  ...with_,
});
const aVolume = (with_: Partial<Volume> = {}): Volume => ({
  id: 'vol-00000001' as Volume['id'],
  region: HOME,
  state: 'in-use',
  tags: {},
  volumeType: 'gp3',
  sizeGiB: 8,
  encrypted: false,
  ...with_,
});
const anInstance = (with_: Partial<Instance> = {}): Instance => ({
  id: 'i-00000001' as Instance['id'],
  region: HOME,
  state: 'running',
  tags: { backup: 'true' },
  instanceType: 'm7g.large',
  architecture: 'arm64',
  securityGroupIds: [],
  devices: [{ volumeId: 'vol-00000001' as Volume['id'], deviceName: '/dev/xvda', deleteOnTermination: true }],
  ...with_,
});
const someone = [{ protocol: 'email', endpoint: 'ops@example.com', confirmed: true }];
const aRegion = (region: Region, with_: Partial<RegionFacts> = {}): RegionFacts => ({
  region,
  isSource: region === HOME,
  queues: {
    value:
      region === HOME
        ? [
            ...workQueues(PLACE).flatMap(({ queue, dlq }) => [
              aQueue(queue, HOME, {
                redrive: { deadLetterArn: `arn:aws:sqs:${HOME}:1:${dlq}`, maxReceiveCount: 5 },
              }),
              aQueue(dlq),
            ]),
            ...plainQueues(PLACE).map((name) => aQueue(name)),
          ]
        : [aQueue(forwardingQueue('v', region), region)],
  },
  snapshots: { value: [] },
  pending: { value: [] },
  inImages: { value: new Set() },
  locked: { value: new Set() },
  alarms: { value: alarmNamesIn(PLACE, region).map((name) => anAlarm(name)) },
  topics: [{ arn: `arn:aws:sns:${region}:1:v-notifications`, subscriptions: { value: someone } }],
  rules: { value: new Map(ruleNamesIn(PLACE, region).map((name) => [name, 4])) },
  trials: [],
  ...with_,
});
const facts = (
  with_: Partial<DoctorFacts> = {},
  home: Partial<RegionFacts> = {},
  away: Partial<RegionFacts> = {},
): DoctorFacts => ({
  vault: 'v',
  source: HOME,
  settings: { kmsKeyIds: {} },
  now: NOW,
  clockBehindMs: 0,
  isOtherEndpoint: false,
  createdAt: NOW - 100 * 24 * HOUR,
  otherVaults: { value: [] },
  fleet: { value: { instances: [anInstance()], volumes: [aVolume()] } },
  invocations: { value: new Map(['snapshotter', 'copier', 'reconciler', 'pruner'].map((name) => [name, 9])) },
  letters: { value: [] },
  regions: [aRegion(HOME, home), aRegion(AWAY, away)],
  ...with_,
});
const found = (given: DoctorFacts) => examine(given).map(({ check, severity }) => `${check} ${severity}`);

test('facts of a healthy vault give no finding', () => {
  expect(found(facts())).toEqual([]);
});

test('a destination in which nothing is deployed is one finding, not one for each thing that is missing', () => {
  const nothing = { queues: { value: [] }, alarms: { value: [] } };
  const findings = examine(facts({}, {}, nothing));

  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    check: 'destinations',
    region: AWAY,
    fix: 'pnpm exec cdk deploy v-eu-west-1',
  });
});

test('a queue that is missing', () => {
  const queues = { value: [aQueue('v-jobs-dlq')] };

  expect(found(facts({}, { queues }))).toContain('queues problem');
});

test('alarms without data: not while the vault is young, then a warning', () => {
  const alarms = (since: number) => ({
    value: alarmNamesIn(PLACE, HOME).map((name) => anAlarm(name, { state: 'INSUFFICIENT_DATA', since })),
  });

  expect(found(facts({}, { alarms: alarms(NOW - HOUR) }))).toEqual([]);
  expect(found(facts({}, { alarms: alarms(NOW - 30 * HOUR) }))).toEqual(['alarms warning']);
});

test('a volume of type st1 is blocked by one failed snapshot, another by five', () => {
  const failed = (n: number) => ({
    value: Array.from({ length: n }, (_, i) => aSnapshot(`0000000${i}`, { state: 'error', startedAt: NOW })),
  });
  const fleet = (volumeType: string) => ({
    fleet: { value: { instances: [anInstance()], volumes: [aVolume({ volumeType })] } },
  });

  expect(found(facts(fleet('gp3'), { snapshots: failed(4) }))).toEqual([]);
  expect(found(facts(fleet('gp3'), { snapshots: failed(5) }))).toEqual(['blocked-volumes problem']);
  const [finding] = examine(facts(fleet('st1'), { snapshots: failed(1) }));
  expect(finding?.fix).toBe('aws ec2 delete-snapshot --region us-east-1 --snapshot-id snap-00000000');
});

test('a quota that others use up is a warning; one that the vault itself uses is a note', () => {
  const pending = (n: number, tags?: Snapshot['tags']) => ({
    pending: {
      value: Array.from({ length: n }, (_, i) =>
        aSnapshot(`0000001${i}`, { state: 'pending', ...(tags && { tags }) }),
      ),
    },
  });

  expect(found(facts({}, {}, pending(3, {})))).toEqual([]);
  expect(found(facts({}, {}, pending(4, {})))).toEqual(['quotas warning']);
  expect(found(facts({}, {}, pending(18)))).toEqual(['quotas note']);
});

test('a good snapshot that has waited for its copy while nothing goes on', () => {
  const since = (ms: number) => ({
    snapshots: { value: [aSnapshot('00000001', { completedAt: NOW - ms })] },
  });

  expect(found(facts({}, since(HOUR)))).toEqual([]);
  expect(found(facts({}, since(2 * HOUR)))).toEqual(['copies problem']);
});

test('volumes whose tags do not fit, keys for no destination, and a topic that is not there', () => {
  const tags = Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`tag-${i}`, '']));
  const crowded = { value: { instances: [anInstance()], volumes: [aVolume({ tags })] } };
  expect(found(facts({ fleet: crowded }))).toEqual(['crowded-volumes note']);
  expect(found(facts({ settings: { kmsKeyIds: { 'eu-west-2': 'k' } } }))).toEqual(['keys warning']);
  const gone = {
    action: 'sns:ListSubscriptionsByTopic',
    code: 'CONFIG',
    awsCode: 'NotFound',
    problem: '',
  } as const;
  expect(found(facts({}, {}, { topics: [{ arn: 'arn:x', subscriptions: gone }] }))).toEqual([
    'subscribers problem',
  ]);
});

test('nothing selected is a problem, and the missed run of it is none', () => {
  const fleet = { value: { instances: [anInstance({ tags: { backup: 'false' } })], volumes: [] } };
  const settings = { schedule: 'cron(0 3 * * ? *)', timezone: 'UTC' };

  expect(found(facts({ fleet, settings }))).toEqual(['selection problem']);
  expect(found(facts({ settings }))).toEqual(['last-run problem']);
});

test('a clock that is a minute off is a warning: AWS has the right time', () => {
  expect(found(facts({ clockBehindMs: 50_000 }))).toEqual([]);
  expect(found(facts({ clockBehindMs: -70_000 }))).toEqual(['clock warning']);
});

test('whether the caller may copy says nothing of the key', () => {
  const trial = (awsCode: string) => ({
    trials: [
      {
        action: 'ec2:CopySnapshot',
        refusal: { action: 'ec2:CopySnapshot', code: 'DENIED', awsCode, problem: '' } as const,
      },
    ],
  });

  expect(found(facts({}, {}, trial('UnauthorizedOperation')))).toEqual([]);
  expect(found(facts({}, {}, trial('InvalidParameterValue')))).toEqual(['keys problem']);
});
