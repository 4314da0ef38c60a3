import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeLockedSnapshotsCommand,
  DescribeRegionsCommand,
  DescribeSnapshotsCommand,
  type DescribeSnapshotsCommandInput,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  paginateDescribeInstances,
  paginateDescribeSnapshots,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  AWAY,
  DAY,
  disk,
  type Endpoint,
  HOME,
  HOUR,
  id,
  machine,
  START,
  serve,
  type TestWorld,
  testWorld,
} from './world.ts';

const INSTANCE = {
  LaunchTime: '2026-01-01T00:00:00+00:00',
  Architecture: 'arm64',
  BootMode: 'uefi',
  Placement: { AvailabilityZone: 'us-east-1b', Tenancy: 'default' },
  SubnetId: 'subnet-1',
  VpcId: 'vpc-1',
  SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'default' }],
  IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/web', Id: 'AIPA' },
  NetworkInterfaces: [
    {
      NetworkInterfaceId: 'eni-1',
      Groups: [{ GroupId: 'sg-1', GroupName: 'default' }],
      Ipv6Addresses: [],
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.0.0.1' }],
    },
  ],
  ProductCodes: [{ ProductCodeId: 'code', ProductCodeType: 'marketplace' }],
  Monitoring: { State: 'disabled' },
  StateTransitionReason: 'User initiated',
  PublicDnsName: 'web.example.com',
  PublicIpAddress: '192.0.2.1',
  CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
  FromTheFuture: { Deep: [1, { 'not an element name': 'x', Fine: null }] },
};

let it: TestWorld;
let endpoint: Endpoint;

beforeEach(async () => {
  it = testWorld({
    instances: [
      machine(1, { volumes: [1, 2], tags: { backup: 'true', Name: 'web <1> & "co" ä🙂' }, more: INSTANCE }),
      machine(2, { volumes: [3], tags: { backup: 'false' }, state: 'stopped' }),
    ],
    volumes: [
      disk(1, { Encrypted: true, KmsKeyId: 'key', Iops: 3000, CreateTime: '2026-01-01T00:00:00.123Z' }),
      disk(2),
    ],
  });
  endpoint = await serve(it.world);
});
afterEach(() => endpoint.close());

test('DescribeInstances gives back what the fleet had', async () => {
  const { Reservations = [] } = await endpoint
    .client()
    .send(new DescribeInstancesCommand({ InstanceIds: [id('i', 1)] }));
  expect(Reservations).toMatchObject([
    { ReservationId: 'r-00000000000000001', OwnerId: '000000000000', Groups: [] },
  ]);
  const { FromTheFuture: _, LaunchTime: __, ...known } = INSTANCE;
  expect(Reservations[0]?.Instances).toHaveLength(1);
  expect(Reservations[0]?.Instances?.[0]).toMatchObject({
    ...known,
    InstanceId: id('i', 1),
    InstanceType: 't3.large',
    State: { Code: 16, Name: 'running' },
    RootDeviceName: '/dev/xvda',
    LaunchTime: new Date('2026-01-01T00:00:00Z'),
    Tags: [
      { Key: 'backup', Value: 'true' },
      { Key: 'Name', Value: 'web <1> & "co" ä🙂' },
    ],
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeId: id('vol', 1), Status: 'attached', DeleteOnTermination: true },
      },
      {
        DeviceName: '/dev/xvdb',
        Ebs: { VolumeId: id('vol', 2), Status: 'attached', DeleteOnTermination: false },
      },
    ],
  });
});

test('DescribeInstances filters', async () => {
  const idsOf = async (...filters: [string, string[]][]) => {
    const Filters = filters.map(([Name, Values]) => ({ Name, Values }));
    const { Reservations = [] } = await endpoint.client().send(new DescribeInstancesCommand({ Filters }));
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
  };
  const [first, second] = [id('i', 1), id('i', 2)];
  expect(await idsOf(['tag:backup', ['true']])).toEqual([first]);
  expect(await idsOf(['tag:backup', ['TRUE']])).toEqual([]);
  expect(await idsOf(['tag:backup', ['t*', 'fals?']])).toEqual([first, second]);
  expect(await idsOf(['tag-key', ['Name']])).toEqual([first]);
  expect(await idsOf(['instance-state-name', ['stopped']])).toEqual([second]);
  expect(await idsOf(['instance-state-code', ['80']])).toEqual([second]);
  expect(await idsOf(['block-device-mapping.volume-id', [id('vol', 3)]])).toEqual([second]);
  expect(await idsOf(['availability-zone', ['us-east-1b']], ['instance.group-id', ['sg-1']])).toEqual([
    first,
  ]);
  expect(await idsOf(['instance-id', [second, id('i', 99)]])).toEqual([second]);
  expect(await idsOf(['tag:backup', ['true']], ['instance-state-name', ['stopped']])).toEqual([]);
});

test('DescribeVolumes gives sizes, types, keys and attachments, also of volumes that only the instance named', async () => {
  const { Volumes } = await endpoint.client().send(new DescribeVolumesCommand({}));
  expect(Volumes?.[0]).toEqual({
    VolumeId: id('vol', 1),
    Size: 10,
    VolumeType: 'gp3',
    Iops: 3000,
    State: 'in-use',
    Encrypted: true,
    KmsKeyId: 'key',
    AvailabilityZone: 'us-east-1a',
    CreateTime: new Date('2026-01-01T00:00:00.123Z'),
    Attachments: [
      {
        VolumeId: id('vol', 1),
        InstanceId: id('i', 1),
        Device: '/dev/xvda',
        State: 'attached',
        DeleteOnTermination: true,
      },
    ],
  });
  expect(Volumes?.[2]).toMatchObject({ VolumeId: id('vol', 3), Size: 8, VolumeType: 'gp3', State: 'in-use' });
  const filtered = await endpoint
    .client()
    .send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id('i', 2)] }] }),
    );
  expect(filtered.Volumes?.map(({ VolumeId }) => VolumeId)).toEqual([id('vol', 3)]);
});

const tagged = (Tags: { Key: string; Value: string }[]) => [{ ResourceType: 'snapshot' as const, Tags }];

test('CreateSnapshot answers as AWS does for a pending snapshot', async () => {
  const output = await endpoint.client().send(
    new CreateSnapshotCommand({
      VolumeId: id('vol', 2),
      Description: 'native snapshot description',
      TagSpecifications: tagged([{ Key: 'snapshot-only', Value: 'native' }]),
    }),
  );
  const { $metadata, SnapshotId, ...rest } = output;
  expect($metadata.httpStatusCode).toBe(200);
  expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(SnapshotId).toMatch(/^snap-[0-9a-f]{17}$/);
  expect(rest).toEqual({
    Tags: [{ Key: 'snapshot-only', Value: 'native' }],
    VolumeId: id('vol', 2),
    State: 'pending',
    StartTime: new Date(START),
    Progress: '',
    OwnerId: '000000000000',
    Description: 'native snapshot description',
    VolumeSize: 10,
    Encrypted: false,
    StorageTier: 'standard',
  });
});

test('CreateSnapshots makes one per volume and knows its options', async () => {
  const { Snapshots } = await endpoint.client().send(
    new CreateSnapshotsCommand({
      InstanceSpecification: {
        InstanceId: id('i', 1),
        ExcludeBootVolume: false,
        ExcludeDataVolumeIds: [id('vol', 2)],
      },
      Description: 'd',
      TagSpecifications: tagged([{ Key: 'a', Value: '' }]),
      CopyTagsFromSource: 'volume',
    }),
  );
  expect(Snapshots).toEqual([
    {
      SnapshotId: Snapshots?.[0]?.SnapshotId,
      VolumeId: id('vol', 1),
      VolumeSize: 10,
      State: 'pending',
      StartTime: new Date(START),
      Progress: '',
      OwnerId: '000000000000',
      Encrypted: true,
      Description: 'd',
      Tags: [{ Key: 'a', Value: '' }],
    },
  ]);
});

test('CopySnapshot through the presigning client, then DescribeSnapshots of pending and completed copy', async () => {
  const { SnapshotId: source = '' } = await endpoint
    .client()
    .send(new CreateSnapshotCommand({ VolumeId: id('vol', 2) }));
  it.pass(HOUR);
  const away = endpoint.client(AWAY);
  const copy = await away.send(
    new CopySnapshotCommand({
      SourceRegion: HOME,
      SourceSnapshotId: source,
      TagSpecifications: tagged([{ Key: 'CopiedFrom', Value: HOME }]),
    }),
  );
  const { $metadata: _, ...output } = copy;
  expect(output).toEqual({ SnapshotId: copy.SnapshotId, Tags: [{ Key: 'CopiedFrom', Value: HOME }] });
  const look = async () =>
    (await away.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots?.[0];
  expect(await look()).toMatchObject({
    VolumeId: 'vol-ffffffff',
    VolumeSize: 0,
    State: 'pending',
    StateMessage: 'Metadata not updated',
    Encrypted: false,
  });
  it.pass(HOUR);
  const done = it.world.region(AWAY).snapshots.get(copy.SnapshotId ?? '');
  expect(await look()).toEqual({
    SnapshotId: copy.SnapshotId,
    VolumeId: 'vol-ffffffff',
    State: 'completed',
    StartTime: new Date(done?.startedAt ?? 0),
    CompletionTime: new Date(done?.completedAt ?? 0),
    Progress: '100%',
    OwnerId: '000000000000',
    Description: '',
    VolumeSize: 10,
    Encrypted: false,
    FullSnapshotSizeInBytes: done?.fullSizeBytes,
    StorageTier: 'standard',
    TransferType: 'standard',
    Tags: [{ Key: 'CopiedFrom', Value: HOME }],
  });
});

test('DescribeSnapshots filters by status, volume, size, tag and description', async () => {
  const client = endpoint.client();
  it.world.operator.addSnapshot(HOME, {
    id: id('snap', 1),
    volumeId: id('vol', 1),
    sizeGiB: 5,
    tags: { a: '1*' },
  });
  it.world.operator.addSnapshot(HOME, {
    id: id('snap', 2),
    state: 'error',
    description: 'Backup-x',
    tags: { a: '12' },
  });
  const find = async (Name: string, ...Values: string[]) =>
    (await client.send(new DescribeSnapshotsCommand({ Filters: [{ Name, Values }] }))).Snapshots?.map(
      (s) => s.SnapshotId,
    );
  expect(await find('status', 'error')).toEqual([id('snap', 2)]);
  expect(await find('volume-id', id('vol', 1))).toEqual([id('snap', 1)]);
  expect(await find('volume-size', '5')).toEqual([id('snap', 1)]);
  expect(await find('description', 'Backup-*')).toEqual([id('snap', 2)]);
  expect(await find('tag:a', '1*')).toEqual([id('snap', 1), id('snap', 2)]);
  expect(await find('tag:a', '1\\*')).toEqual([id('snap', 1)]);
  expect(await find('snapshot-id', id('snap', 2), id('snap', 77))).toEqual([id('snap', 2)]);
  expect(await find('start-time', '2026-11-22*')).toEqual([id('snap', 1), id('snap', 2)]);
  expect(await find('owner-id', '000000000000')).toHaveLength(2);
});

test('tags are added, replaced, removed by value, and listed', async () => {
  const client = endpoint.client();
  it.world.operator.addSnapshot(HOME, { id: id('snap', 1) });
  const Resources = [id('snap', 1)];
  const tags = async () =>
    (await client.send(new DescribeSnapshotsCommand({ SnapshotIds: Resources }))).Snapshots?.[0]?.Tags;
  expect(await tags()).toBeUndefined();
  await client.send(
    new CreateTagsCommand({
      Resources,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '' },
      ],
    }),
  );
  await client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '2' }] }));
  expect(await tags()).toEqual([
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
  ]);
  await client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a', Value: '1' }] }));
  expect(await tags()).toHaveLength(2);
  const listed = await client.send(
    new DescribeTagsCommand({
      Filters: [
        { Name: 'resource-id', Values: Resources },
        { Name: 'key', Values: ['a'] },
      ],
    }),
  );
  expect(listed.Tags).toEqual([
    { ResourceId: id('snap', 1), ResourceType: 'snapshot', Key: 'a', Value: '2' },
  ]);
  await client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: 'a' }] }));
  expect(await tags()).toEqual([{ Key: 'b', Value: '' }]);
  await client.send(new DeleteTagsCommand({ Resources }));
  expect(await tags()).toBeUndefined();
});

test('DeleteSnapshot', async () => {
  const client = endpoint.client();
  it.world.operator.addSnapshot(HOME, { id: id('snap', 1) });
  await client.send(new DeleteSnapshotCommand({ SnapshotId: id('snap', 1) }));
  expect((await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toEqual([]);
});

test('DescribeImages shows what holds a snapshot, disabled images only when asked for', async () => {
  const client = endpoint.client();
  const devices = [{ deviceName: '/dev/xvda', snapshotId: id('snap', 1) }];
  it.world.operator.registerImage(HOME, { id: id('ami', 1), name: 'golden', devices });
  it.world.operator.registerImage(HOME, { id: id('ami', 2), state: 'disabled', devices });
  const Filters = [{ Name: 'block-device-mapping.snapshot-id', Values: [id('snap', 1)] }];
  const some = await client.send(new DescribeImagesCommand({ Owners: ['self'], Filters }));
  expect(some.Images).toMatchObject([
    {
      ImageId: id('ami', 1),
      Name: 'golden',
      State: 'available',
      OwnerId: '000000000000',
      Public: false,
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: id('snap', 1) } }],
    },
  ]);
  const all = await client.send(
    new DescribeImagesCommand({ Owners: ['self'], Filters, IncludeDisabled: true }),
  );
  expect(all.Images?.map(({ ImageId }) => ImageId)).toEqual([id('ami', 1), id('ami', 2)]);
});

test('DescribeLockedSnapshots', async () => {
  it.world.operator.addSnapshot(HOME, { id: id('snap', 1) });
  it.world.operator.lockSnapshot(HOME, id('snap', 1), 3, 'compliance');
  const { Snapshots } = await endpoint.client().send(new DescribeLockedSnapshotsCommand({ MaxResults: 5 }));
  expect(Snapshots).toEqual([
    {
      OwnerId: '000000000000',
      SnapshotId: id('snap', 1),
      LockState: 'compliance',
      LockDuration: 3,
      LockCreatedOn: new Date(START),
      LockDurationStartTime: new Date(START),
      LockExpiresOn: new Date(START + 3 * DAY),
    },
  ]);
  expect(it.events[0]).toMatchObject({
    'detail-type': 'EBS Snapshot Notification',
    detail: { event: 'lockSnapshot' },
  });
});

test('DescribeRegions and DescribeAvailabilityZones', async () => {
  const client = endpoint.client(AWAY);
  const { Regions } = await client.send(new DescribeRegionsCommand({ RegionNames: [AWAY] }));
  expect(Regions).toEqual([
    { RegionName: AWAY, Endpoint: 'ec2.eu-west-1.amazonaws.com', OptInStatus: 'opt-in-not-required' },
  ]);
  const { AvailabilityZones } = await client.send(new DescribeAvailabilityZonesCommand({}));
  expect(AvailabilityZones?.map(({ ZoneName, ZoneId }) => [ZoneName, ZoneId])).toEqual([
    ['eu-west-1a', 'euw1-az1'],
    ['eu-west-1b', 'euw1-az2'],
    ['eu-west-1c', 'euw1-az3'],
  ]);
});

test('the paginators of the SDK see every snapshot and every instance once', async () => {
  const client = endpoint.client();
  const made = Array.from({ length: 23 }, (_, at) => id('snap', at + 1));
  for (const snapshotId of made) it.world.operator.addSnapshot(HOME, { id: snapshotId });
  const seen: (string | undefined)[][] = [];
  for await (const page of paginateDescribeSnapshots({ client, pageSize: 10 }, { OwnerIds: ['self'] })) {
    seen.push(page.Snapshots?.map(({ SnapshotId }) => SnapshotId) ?? []);
  }
  expect(seen.map(({ length }) => length)).toEqual([10, 10, 3]);
  expect(seen.flat()).toEqual(made);
  let pages = 0;
  for await (const page of paginateDescribeInstances({ client, pageSize: 5 }, {}))
    pages += page.Reservations?.length ?? 0;
  expect(pages).toBe(2);
});

test('errors have the names, messages and status codes of AWS', async () => {
  const client = endpoint.client();
  it.world.operator.addSnapshot(HOME, { id: id('snap', 1) });
  it.world.operator.registerImage(HOME, {
    id: id('ami', 1),
    devices: [{ deviceName: '/dev/xvda', snapshotId: id('snap', 1) }],
  });
  const failure = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason as { name: string; message: string; $metadata: { httpStatusCode: number } },
    );
    return [error?.name, error?.$metadata.httpStatusCode, error?.message];
  };
  const describe = (input: DescribeSnapshotsCommandInput) =>
    failure(client.send(new DescribeSnapshotsCommand(input)));
  const lost = id('snap', 9);
  expect(await describe({ SnapshotIds: [id('snap', 1), lost, id('snap', 8)] })).toEqual([
    'InvalidSnapshot.NotFound',
    400,
    `The snapshots '${lost}, ${id('snap', 8)}' do not exist.`,
  ]);
  expect(await describe({ SnapshotIds: ['snap-12'] })).toEqual([
    'InvalidSnapshotID.Malformed',
    400,
    'Invalid id: "snap-12" (expecting "snap-...")',
  ]);
  expect(await describe({ SnapshotIds: [lost], MaxResults: 5 })).toEqual([
    'InvalidParameterCombination',
    400,
    'The parameter snapshotSet cannot be used with the parameter maxResults',
  ]);
  expect(await describe({ MaxResults: 4 })).toEqual([
    'InvalidParameterValue',
    400,
    'Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
  ]);
  expect((await describe({ MaxResults: 1001 }))[0]).toBe('InvalidParameterValue');
  expect(await describe({ NextToken: 'x' })).toEqual([
    'InvalidParameterValue',
    400,
    'Unable to parse pagination token',
  ]);
  expect(await describe({ Filters: [{ Name: 'nonsense', Values: ['x'] }] })).toEqual([
    'InvalidParameterValue',
    400,
    "The filter 'nonsense' is invalid",
  ]);
  const many = Array.from({ length: 201 }, (_, at) => String(at));
  expect((await describe({ Filters: [{ Name: 'volume-size', Values: many }] }))[0]).toBe(
    'FilterLimitExceeded',
  );
  expect(await failure(client.send(new DeleteSnapshotCommand({ SnapshotId: id('snap', 1) })))).toEqual([
    'InvalidSnapshot.InUse',
    400,
    `The snapshot ${id('snap', 1)} is currently in use by ${id('ami', 1)}`,
  ]);
  expect(
    await failure(client.send(new DeleteSnapshotCommand({ SnapshotId: id('snap', 1), DryRun: true }))),
  ).toEqual(['DryRunOperation', 412, 'Request would have succeeded, but DryRun flag is set.']);
  expect(await failure(client.send(new DescribeVpcsCommand({})))).toEqual([
    'InvalidAction',
    400,
    'The action DescribeVpcs is not valid for this web service.',
  ]);
  it.world.faults.deny('DeleteSnapshot');
  const [name, status, message] = await failure(client.send(new DeleteSnapshotCommand({ SnapshotId: lost })));
  expect([name, status]).toEqual(['UnauthorizedOperation', 403]);
  expect(message).toContain(`ec2:DeleteSnapshot on resource: arn:aws:ec2:us-east-1::snapshot/${lost}`);
  it.world.faults.throttle('DescribeSnapshots', { share: 1 });
  expect(await describe({ OwnerIds: ['self'] })).toEqual([
    'RequestLimitExceeded',
    503,
    'Request limit exceeded.',
  ]);
});

test('tags that EC2 does not take are refused', async () => {
  const client = endpoint.client();
  const create = (Tags: { Key: string; Value: string }[], ResourceType: 'snapshot' | 'volume' = 'snapshot') =>
    client
      .send(
        new CreateSnapshotCommand({ VolumeId: id('vol', 2), TagSpecifications: [{ ResourceType, Tags }] }),
      )
      .then(
        () => 'created',
        (error: Error) => error.name,
      );
  const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: '' }));
  expect(await create(tags(51))).toBe('TagLimitExceeded');
  expect(
    await create([
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ]),
  ).toBe('InvalidParameterValue');
  expect(await create([{ Key: 'aws:x', Value: '1' }])).toBe('InvalidParameterValue');
  expect(await create([{ Key: 'a', Value: 'x'.repeat(257) }])).toBe('InvalidParameterValue');
  expect(await create([{ Key: 'a', Value: '' }], 'volume')).toBe('InvalidParameterValue');
  expect(await create(tags(50))).toBe('created');
});
