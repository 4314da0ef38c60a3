import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  type Snapshot,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ec2Error, runEc2Command, subjectOfEc2Command } from '../../src/index.ts';
import { type Twins, twins } from './command-parity.ts';
import { AWAY, DAY, disk, HOME, HOUR, id, MINUTE, machine, testWorld } from './world.ts';

const STRANGE_TAGS = {
  empty: '',
  blanks: '  ',
  'blank line': ' \n ',
  'two lines': 'a\r\nb',
  tab: '\t',
  number: '1',
  flag: 'true',
  markup: '<a>&amp;"\'</a>',
  impossible: '\u0001',
  letters: 'ä🙂',
};

const MORE = {
  AmiLaunchIndex: 0,
  Architecture: 'arm64',
  BootMode: 'uefi',
  CpuOptions: { CoreCount: 1, ThreadsPerCore: '2' },
  EbsOptimized: 'true',
  EnaSupport: false,
  FromTheFuture: { Deep: [1, { Fine: null }] },
  IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/web', Id: 'AIPA' },
  KeyName: 5,
  LaunchTime: '2026-01-01T00:00:00+00:00',
  Licenses: [],
  Monitoring: { State: 'disabled', MetricCategoryIds: ['a', 'b'] },
  NetworkInterfaces: [
    {
      NetworkInterfaceId: 'eni-1',
      Attachment: { AttachTime: '2026-01-01T00:00:00+02:00', DeviceIndex: 0, DeleteOnTermination: true },
      Groups: [{ GroupId: 'sg-1', GroupName: 'default' }],
      Ipv6Addresses: [],
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.0.1' }],
    },
  ],
  Placement: { AvailabilityZone: 'us-east-1b', Tenancy: 'default', PartitionNumber: 3 },
  PlatformDetails: null,
  ProductCodes: [{ ProductCodeId: 'code', ProductCodeType: 'marketplace' }],
  SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'a\u0007b' }, {}],
  StateReason: {},
  StateTransitionReason: 'User initiated',
  SubnetId: 'subnet-1',
  UsageOperationUpdateTime: 'not a time',
};

let it: Twins;

beforeEach(async () => {
  it = await twins({
    instances: [
      machine(1, {
        volumes: [1, 2],
        tags: { backup: 'true', 'half a letter': '\ud800', ...STRANGE_TAGS },
        more: MORE,
      }),
      machine(2, { volumes: [3], tags: { backup: 'false' }, state: 'stopped' }),
      machine(3, { volumes: [], more: { ImageId: 'ami-1' } }),
    ],
    volumes: [
      disk(1, {
        Encrypted: true,
        KmsKeyId: 'key',
        Iops: 3000,
        CreateTime: '2026-01-01T00:00:00.123Z',
        Tags: [{ Key: 'Name', Value: 'root' }],
      }),
      disk(2, { VolumeType: 'io2', Throughput: '125', MultiAttachEnabled: true, CreateTime: 'never' }),
      disk(4, { State: 'creating' }),
    ],
  });
});
afterEach(() => it.close());

const tagged = (Tags: Record<string, string>) => [
  { ResourceType: 'snapshot' as const, Tags: Object.entries(Tags).map(([Key, Value]) => ({ Key, Value })) },
];
const create = (volume: number, more: object = {}) =>
  new CreateSnapshotCommand({ VolumeId: id('vol', volume), ...more });
const describe = (input: ConstructorParameters<typeof DescribeSnapshotsCommand>[0] = {}) =>
  new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...input });

test('instances and volumes are what the SDK makes of them', async () => {
  await it.gives(new DescribeInstancesCommand({}));
  await it.gives(new DescribeInstancesCommand({ InstanceIds: [id('i', 2), id('i', 1)] }));
  await it.gives(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:backup', Values: ['true'] }] }));
  await it.gives(new DescribeInstancesCommand({ Filters: [{ Name: 'tag:none', Values: ['true'] }] }));
  await it.gives(new DescribeVolumesCommand({}));
  await it.gives(new DescribeVolumesCommand({ VolumeIds: [id('vol', 3)] }));
  const again = await it.gives<{ Reservations: unknown[] }>(new DescribeInstancesCommand({}));
  expect(again.Reservations).toHaveLength(3);
});

test('an instance that changed is shown as it is now', async () => {
  await it.gives(new DescribeInstancesCommand({}));
  it.both(({ world }) => world.operator.setInstanceState(HOME, id('i', 2), 'running'));
  it.both(({ world }) => world.operator.setTags(HOME, id('i', 1), { backup: undefined }));
  it.both(({ world }) => world.operator.detachVolume(HOME, id('vol', 2)));
  await it.gives(new DescribeInstancesCommand({}));
  await it.gives(new DescribeVolumesCommand({}));
});

test('a snapshot is the same from its start to its end, as are its copies and their errors', async () => {
  const snapshot = await it.gives<Snapshot>(
    create(1, { Description: 'line\nbreak', TagSpecifications: tagged({ Name: 'one', ...STRANGE_TAGS }) }),
  );
  expect(await it.gives(describe())).toMatchObject({ Snapshots: [{ Progress: '', State: 'pending' }] });
  it.both(({ pass }) => pass(20_000));
  expect(await it.gives(describe())).toMatchObject({ Snapshots: [{ Progress: '33%' }] });
  const copy = { SourceRegion: HOME, SourceSnapshotId: snapshot.SnapshotId };
  await it.gives(
    new CopySnapshotCommand({ ...copy, TagSpecifications: tagged({ Name: 'too early' }) }),
    AWAY,
  );
  it.both(({ pass }) => pass(HOUR));
  await it.gives(describe(), AWAY);
  await it.gives(
    new CopySnapshotCommand({
      ...copy,
      Description: 'copy',
      TagSpecifications: tagged({ Name: 'in time' }),
      Encrypted: true,
      KmsKeyId: 'other',
      CompletionDurationMinutes: 15,
    }),
    AWAY,
  );
  await it.gives(describe(), AWAY);
  it.both(({ pass }) => pass(HOUR));
  expect(await it.gives(describe(), AWAY)).toMatchObject({
    Snapshots: [{ State: 'error' }, { State: 'completed', KmsKeyId: 'other', VolumeSize: 10 }],
  });
  await it.gives(describe());
});

test('a set of snapshots has the fields that the SDK gives it', async () => {
  const InstanceSpecification = { InstanceId: id('i', 1), ExcludeDataVolumeIds: [id('vol', 2)] };
  await it.gives(
    new CreateSnapshotsCommand({
      InstanceSpecification,
      CopyTagsFromSource: 'volume',
      TagSpecifications: tagged({ a: 'b' }),
    }),
  );
  await it.gives(
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: id('i', 2), ExcludeBootVolume: false },
      Description: 'x',
    }),
  );
  expect(await it.gives(describe())).toMatchObject({ Snapshots: [{}, {}] });
});

test('listings come in the same pages', async () => {
  for (const volume of [1, 2, 3]) {
    for (let count = 0; count < 4; count += 1) {
      await it.gives(create(volume, { TagSpecifications: tagged({ n: String(count) }) }));
      it.both(({ pass }) => pass(MINUTE));
    }
  }
  const first = await it.gives<{ NextToken: string }>(describe({ MaxResults: 5 }));
  await it.gives(describe({ MaxResults: 5, NextToken: first.NextToken }));
  await it.gives(describe({ Filters: [{ Name: 'volume-id', Values: [id('vol', 1), id('vol', 2)] }] }));
  await it.gives(describe({ Filters: [{ Name: 'tag:n', Values: ['1', '3'] }], MaxResults: 5 }));
  await it.gives(describe({ Filters: [{ Name: 'status', Values: ['pending'] }] }));
  await it.gives(new DescribeVolumesCommand({ MaxResults: 5 }));
});

test('tags are set and taken away alike', async () => {
  const { SnapshotId } = await it.gives<Snapshot>(create(1));
  const Resources = [SnapshotId as string];
  await it.gives(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }));
  await it.gives(describe());
  await it.gives(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '2' }, { Key: 'b' }] }));
  expect(await it.gives(describe())).toMatchObject({ Snapshots: [{ Tags: [{ Key: 'a', Value: '1' }] }] });
  await it.gives(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: Resources }] }));
  await it.gives(new DescribeTagsCommand({ MaxResults: 5 }));
  await it.gives(new DeleteTagsCommand({ Resources }));
  await it.gives(describe());
});

test('images, locks and deletions are alike', async () => {
  it.both(({ world }) => {
    for (const at of [1, 2, 3]) world.operator.addSnapshot(HOME, { id: id('snap', at) });
    const devices = [{ deviceName: '/dev/xvda', snapshotId: id('snap', 1) }];
    world.operator.registerImage(HOME, { id: id('ami', 1), devices, tags: new Map([['a', '\n']]) });
    world.operator.registerImage(HOME, { id: id('ami', 2), state: 'disabled', deprecationTime: '2027' });
    world.operator.lockSnapshot(HOME, id('snap', 2), 1);
  });
  const Owners = ['self'];
  await it.gives(new DescribeImagesCommand({ Owners }));
  await it.gives(new DescribeImagesCommand({ Owners, IncludeDisabled: true, IncludeDeprecated: true }));
  await it.gives(new DescribeLockedSnapshotsCommand({}));
  expect(await it.fails(new DeleteSnapshotCommand({ SnapshotId: id('snap', 1) }))).toBe(
    'InvalidSnapshot.InUse',
  );
  expect(await it.fails(new DeleteSnapshotCommand({ SnapshotId: id('snap', 2) }))).toBe(
    'OperationNotPermitted',
  );
  await it.gives(new DeleteSnapshotCommand({ SnapshotId: id('snap', 3) }));
  it.both(({ pass }) => pass(2 * DAY));
  await it.gives(new DescribeLockedSnapshotsCommand({}));
  await it.gives(new DescribeLockedSnapshotsCommand({ SnapshotIds: [id('snap', 2)] }));
});

test.each([
  ['MissingParameter', new CreateSnapshotCommand({ VolumeId: undefined })],
  ['MissingParameter', new DescribeSnapshotsCommand({ Filters: [{ Name: 'status' }] })],
  ['MissingParameter', new DescribeSnapshotsCommand({ Filters: [{ Values: ['x'] }] })],
  ['MissingParameter', new CreateTagsCommand({ Resources: [id('vol', 1)], Tags: [] })],
  ['InvalidParameterValue', new CreateSnapshotCommand({ VolumeId: 'nothing <like> an\u0001id' })],
  [
    'InvalidParameterValue',
    new CreateSnapshotCommand({ VolumeId: id('vol', 1), Description: 'x'.repeat(256) }),
  ],
  ['InvalidParameterValue', new DescribeSnapshotsCommand({ Filters: [{ Name: 'x', Values: ['y'] }] })],
  ['InvalidParameterValue', new DescribeSnapshotsCommand({ MaxResults: 4 })],
  ['InvalidParameterValue', new DescribeSnapshotsCommand({ MaxResults: 5.5 })],
  ['InvalidParameterValue', new DescribeSnapshotsCommand({ NextToken: 'x' })],
  [
    'InvalidParameterValue',
    new CreateSnapshotCommand({
      VolumeId: id('vol', 1),
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a', Value: 'b' }] }],
    }),
  ],
  [
    'InvalidParameterValue',
    new CreateSnapshotsCommand({
      InstanceSpecification: { InstanceId: id('i', 1) },
      CopyTagsFromSource: 'instance' as 'volume',
    }),
  ],
  [
    'InvalidParameterCombination',
    new DescribeSnapshotsCommand({ SnapshotIds: [id('snap', 1)], MaxResults: 5 }),
  ],
  [
    'InvalidParameterCombination',
    new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: id('i', 3) } }),
  ],
  [
    'InvalidParameterDependency',
    new CopySnapshotCommand({ SourceRegion: HOME, SourceSnapshotId: id('snap', 1), KmsKeyId: 'k' }),
  ],
  ['InvalidRegion', new CopySnapshotCommand({ SourceRegion: 'xx', SourceSnapshotId: id('snap', 1) })],
  ['InvalidVolumeID.Malformed', new CreateSnapshotCommand({ VolumeId: 'vol-1' })],
  ['InvalidVolume.NotFound', new CreateSnapshotCommand({ VolumeId: id('vol', 99) })],
  ['InvalidSnapshot.NotFound', new DeleteSnapshotCommand({ SnapshotId: id('snap', 99) })],
  ['InvalidInstanceID.NotFound', new DescribeInstancesCommand({ InstanceIds: [id('i', 99)] })],
  ['IncorrectState', new CreateSnapshotCommand({ VolumeId: id('vol', 4) })],
  ['DryRunOperation', new CreateSnapshotCommand({ VolumeId: id('vol', 1), DryRun: true })],
  [
    'FilterLimitExceeded',
    new DescribeSnapshotsCommand({ Filters: [{ Name: 'status', Values: Array(201).fill('x') }] }),
  ],
  ['InvalidID', new DeleteTagsCommand({ Resources: ['x'] })],
] as const)('%s is thrown alike', async (code, command) => {
  expect(await it.fails(command)).toBe(code);
});

test.each([
  ['UnauthorizedOperation', 403, 'client'],
  ['RequestLimitExceeded', 503, 'server'],
  ['Unavailable', 503, 'server'],
  ['InternalError', 500, 'server'],
] as const)('%s, thrown by a fault, is thrown alike', async (code, httpStatusCode, $fault) => {
  it.both(({ world }) => {
    if (code === 'UnauthorizedOperation') world.faults.deny('*');
    else if (code === 'RequestLimitExceeded') world.faults.throttle('*', { every: 1 });
    else if (code === 'Unavailable') world.faults.outage(HOME);
    else world.faults.fail('*', new Ec2Error(code, 'An internal error has occurred', 500));
  });
  const outcome = await it.same(create(1));
  expect(outcome).toMatchObject({ error: { name: code, $fault, $metadata: { httpStatusCode } } });
  await it.fails(describe());
});

test('quotas are counted alike', async () => {
  await it.gives(create(1));
  expect(await it.fails(create(1))).toBe('SnapshotCreationPerVolumeRateExceeded');
});

test('what the model does not know is an invalid action, and its own mistakes are internal errors', async () => {
  expect(await it.fails(new DescribeVpcsCommand({}))).toBe('InvalidAction');
  const { world } = testWorld();
  const mistake = new TypeError('oops');
  world.faults.ofCall = () => {
    throw mistake;
  };
  const send = () => runEc2Command(world, HOME, create(1));
  expect(send).toThrow(
    expect.objectContaining({ name: 'InternalError', message: 'simulator: oops', cause: mistake }),
  );
});

test('the subject of a command is what it acts on', () => {
  expect(subjectOfEc2Command(create(1))).toBe(id('vol', 1));
  expect(subjectOfEc2Command(new DeleteSnapshotCommand({ SnapshotId: 'snap-1' }))).toBe('snap-1');
  expect(
    subjectOfEc2Command(new CopySnapshotCommand({ SourceRegion: HOME, SourceSnapshotId: 'snap-2' })),
  ).toBe('snap-2');
  const InstanceSpecification = { InstanceId: 'i-1' };
  expect(subjectOfEc2Command(new CreateSnapshotsCommand({ InstanceSpecification }))).toBe('i-1');
  expect(subjectOfEc2Command(new DeleteTagsCommand({ Resources: ['snap-3', 'snap-4'] }))).toBe('snap-3');
  expect(subjectOfEc2Command(new CreateVolumeCommand({ SnapshotId: 'snap-5' }))).toBe('snap-5');
  expect(subjectOfEc2Command(new StopInstancesCommand({ InstanceIds: ['i-2', 'i-3'] }))).toBe('i-2');
  expect(subjectOfEc2Command(describe())).toBe('');
  expect(subjectOfEc2Command(new DescribeInstancesCommand({ InstanceIds: ['i-1'] }))).toBe('');
});
