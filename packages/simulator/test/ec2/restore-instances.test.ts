import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  DeleteSnapshotCommand,
  DeregisterImageCommand,
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type Image,
  type Instance,
  ModifyInstanceAttributeCommand,
  RegisterImageCommand,
  type RegisterImageCommandInput,
  type Reservation,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  type SecurityGroup,
  type Snapshot,
  StartInstancesCommand,
  StopInstancesCommand,
  type Subnet,
  TerminateInstancesCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Twins, twins } from './command-parity.ts';
import { AWAY, disk, HOME, HOUR, id, machine, SECOND, START } from './world.ts';

const [ROOT, DATA, OLD] = [id('snap', 1), id('snap', 2), id('snap', 3)];
let it: Twins;
let tokens = 0;

beforeEach(async () => {
  it = await twins({
    instances: [
      machine(1, {
        more: {
          SubnetId: 'subnet-1',
          VpcId: 'vpc-1',
          Placement: { AvailabilityZone: 'us-east-1f' },
          SecurityGroups: [{ GroupId: 'sg-1', GroupName: 'web' }],
        },
      }),
    ],
    volumes: [disk(1)],
  });
  it.both(({ world }) => {
    world.operator.addSnapshot(AWAY, { id: ROOT, sizeGiB: 10, volumeId: id('vol', 1) });
    world.operator.addSnapshot(AWAY, { id: DATA, sizeGiB: 20, kmsKeyId: 'key' });
    world.operator.addSnapshot(AWAY, { id: OLD, state: 'error' });
  });
});
afterEach(() => it.close());

const register = (input: Partial<RegisterImageCommandInput> = {}) =>
  new RegisterImageCommand({
    Name: 'restored',
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    EnaSupport: true,
    BootMode: 'uefi',
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: ROOT, VolumeType: 'gp3' } }],
    ...input,
  });
const imageOf = async (input: Partial<RegisterImageCommandInput> = {}) => {
  const { ImageId } = await it.gives<Image>(register(input), AWAY);
  return ImageId;
};
/** The SDK would make up a token of its own: two worlds need the same. */
const run = (ImageId: string | undefined, input: Partial<RunInstancesCommandInput> = {}) => {
  tokens += 1;
  const common = { InstanceType: 'm5.large' as const, MinCount: 1, MaxCount: 1 };
  return new RunInstancesCommand({ ImageId, ...common, ClientToken: `token-${tokens}`, ...input });
};
const started = async (ImageId: string | undefined, input: Partial<RunInstancesCommandInput> = {}) => {
  const { Instances = [] } = await it.gives<Reservation>(run(ImageId, input), AWAY);
  return Instances[0] as Instance;
};
const look = async ({ InstanceId = '' }: Instance) => {
  const command = new DescribeInstancesCommand({ InstanceIds: [InstanceId] });
  const { Reservations = [] } = await it.gives<{ Reservations: Reservation[] }>(command, AWAY);
  return Reservations[0]?.Instances?.[0];
};
const volumesOf = async ({ InstanceId = '' }: Instance) => {
  const Filters = [{ Name: 'attachment.instance-id', Values: [InstanceId] }];
  const { Volumes = [] } = await it.gives<{ Volumes: Volume[] }>(
    new DescribeVolumesCommand({ Filters }),
    AWAY,
  );
  return Volumes;
};
const pass = (ms: number) => it.both((world) => world.pass(ms));
const subnets = async (region: string) =>
  (await it.gives<{ Subnets: Subnet[] }>(new DescribeSubnetsCommand({}), region)).Subnets;
const groups = async (region: string) =>
  (await it.gives<{ SecurityGroups: SecurityGroup[] }>(new DescribeSecurityGroupsCommand({}), region))
    .SecurityGroups;

test('every region has zones, a default subnet in each and a default group; a fleet brings its own', async () => {
  expect((await subnets(AWAY)).map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
    'eu-west-1a',
    'eu-west-1b',
    'eu-west-1c',
  ]);
  expect(await groups(AWAY)).toMatchObject([{ GroupName: 'default' }]);
  const home = await it.gives<{ Subnets: Subnet[] }>(new DescribeSubnetsCommand({ SubnetIds: ['subnet-1'] }));
  expect(home.Subnets).toMatchObject([
    { VpcId: 'vpc-1', AvailabilityZone: 'us-east-1f', DefaultForAz: false },
  ]);
  const named = new DescribeSecurityGroupsCommand({ GroupNames: ['web'] });
  expect(await it.gives(named)).toMatchObject({ SecurityGroups: [{ GroupId: 'sg-1', VpcId: 'vpc-1' }] });
  await it.gives(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'vpc-id', Values: ['vpc-1'] }] }));
  expect(await it.gives(new DescribeAvailabilityZonesCommand({}))).toMatchObject({
    AvailabilityZones: [{}, {}, {}, { ZoneName: 'us-east-1f', ZoneId: 'use1-az6' }],
  });
  await it.gives(new DescribeRegionsCommand({ AllRegions: true }));
  expect(await it.fails(new DescribeSubnetsCommand({ SubnetIds: ['subnet-99'] }))).toBe(
    'InvalidSubnetID.NotFound',
  );
  expect(await it.fails(new DescribeSecurityGroupsCommand({ GroupIds: ['sg-99'] }))).toBe(
    'InvalidGroup.NotFound',
  );
  expect(await it.fails(new DescribeSubnetsCommand({ DryRun: true }))).toBe('DryRunOperation');
});

test('an image of a snapshot holds it until it is deregistered', async () => {
  const ImageId = await imageOf({
    Description: 'of a copy',
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { SnapshotId: ROOT, VolumeType: 'gp3', Iops: 4000, Throughput: 200 } },
      { DeviceName: '/dev/xvdb', Ebs: { SnapshotId: DATA, VolumeSize: 25, DeleteOnTermination: false } },
      { DeviceName: '/dev/xvdc', VirtualName: 'ephemeral0' },
      { DeviceName: '/dev/xvdd', Ebs: { VolumeSize: 5 } },
    ],
    TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const { Images } = await it.gives<{ Images: Image[] }>(
    new DescribeImagesCommand({ Owners: ['self'] }),
    AWAY,
  );
  expect(Images).toMatchObject([
    {
      ImageId,
      State: 'available',
      Architecture: 'x86_64',
      BootMode: 'uefi',
      VirtualizationType: 'hvm',
      EnaSupport: true,
      RootDeviceName: '/dev/xvda',
      Tags: [{ Key: 'a', Value: 'b' }],
      BlockDeviceMappings: [
        { Ebs: { VolumeSize: 10, Iops: 4000, Throughput: 200, Encrypted: false, DeleteOnTermination: true } },
        { Ebs: { VolumeSize: 25, Encrypted: true, DeleteOnTermination: false } },
        { DeviceName: '/dev/xvdd', Ebs: { VolumeSize: 5 } },
      ],
    },
  ]);
  const remove = new DeleteSnapshotCommand({ SnapshotId: DATA });
  expect(await it.fails(remove, AWAY)).toBe('InvalidSnapshot.InUse');
  expect(await it.fails(new DeregisterImageCommand({ ImageId, DryRun: true }), AWAY)).toBe('DryRunOperation');
  expect(await it.gives(new DeregisterImageCommand({ ImageId }), AWAY)).toMatchObject({ Return: true });
  expect(await it.fails(new DeregisterImageCommand({ ImageId }), AWAY)).toBe('InvalidAMIID.NotFound');
  await it.gives(remove, AWAY);
});

const root = (Ebs: object) => [{ DeviceName: '/dev/xvda', Ebs }];
test.each([
  ['MissingParameter', { Name: undefined }],
  ['InvalidAMIName.Malformed', { Name: 'a' }],
  ['InvalidSnapshot.NotFound', { BlockDeviceMappings: root({ SnapshotId: id('snap', 99) }) }],
  ['IncorrectState', { BlockDeviceMappings: root({ SnapshotId: OLD }) }],
  ['InvalidBlockDeviceMapping', { BlockDeviceMappings: root({ SnapshotId: ROOT, VolumeSize: 9 }) }],
  ['InvalidBlockDeviceMapping', { BlockDeviceMappings: root({ VolumeSize: 9 }) }],
  ['InvalidBlockDeviceMapping', { RootDeviceName: '/dev/sda1' }],
  [
    'InvalidBlockDeviceMapping',
    { BlockDeviceMappings: [...root({ SnapshotId: ROOT }), ...root({ SnapshotId: DATA })] },
  ],
  ['InvalidParameterValue', { Architecture: 'vax' as 'arm64' }],
  ['InvalidParameterValue', { BootMode: 'floppy' as 'uefi' }],
  ['UnknownParameter', { KernelId: 'aki-1' }],
  ['DryRunOperation', { DryRun: true }],
] as const)('RegisterImage: %s refuses %j', async (code, input) => {
  expect(await it.fails(register(input as Partial<RegisterImageCommandInput>), AWAY)).toBe(code);
});

test('two images of an account in a region cannot have one name', async () => {
  await imageOf();
  expect(await it.fails(register(), AWAY)).toBe('InvalidAMIName.Duplicate');
  const ImageId = await imageOf({ Name: 'another' });
  await it.gives(new DeregisterImageCommand({ ImageId }), AWAY);
  expect(await imageOf({ Name: 'another' })).not.toBe(ImageId);
});

test('an instance is pending, then running, with the volumes of its image and of the request', async () => {
  const ImageId = await imageOf();
  const subnet = (await subnets(AWAY))[1];
  const [group] = await groups(AWAY);
  const instance = await started(ImageId, {
    SubnetId: subnet?.SubnetId,
    SecurityGroupIds: [group?.GroupId ?? ''],
    IamInstanceProfile: { Name: 'web' },
    KeyName: 'key',
    EbsOptimized: true,
    MetadataOptions: { HttpTokens: 'required' },
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 12, DeleteOnTermination: false } },
      { DeviceName: '/dev/xvdf', Ebs: { SnapshotId: DATA, VolumeType: 'io2', Iops: 5000 } },
    ],
    TagSpecifications: [
      { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'db' }] },
      { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'db disk' }] },
    ],
  });
  expect(instance).toMatchObject({
    ImageId,
    InstanceType: 'm5.large',
    Architecture: 'x86_64',
    State: { Code: 0, Name: 'pending' },
    SubnetId: subnet?.SubnetId,
    VpcId: subnet?.VpcId,
    Placement: { AvailabilityZone: 'eu-west-1b' },
    SecurityGroups: [{ GroupId: group?.GroupId, GroupName: 'default' }],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/web' },
    KeyName: 'key',
    BootMode: 'uefi',
    MetadataOptions: { HttpTokens: 'required' },
    RootDeviceName: '/dev/xvda',
    LaunchTime: new Date(START),
    Tags: [{ Key: 'Name', Value: 'db' }],
  });
  pass(30 * SECOND);
  expect(await look(instance)).toMatchObject({
    State: { Code: 16, Name: 'running' },
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { Status: 'attached', DeleteOnTermination: false } },
      { DeviceName: '/dev/xvdf', Ebs: { Status: 'attached', DeleteOnTermination: true } },
    ],
  });
  expect(await volumesOf(instance)).toMatchObject([
    { SnapshotId: ROOT, Size: 12, VolumeType: 'gp3', State: 'in-use', AvailabilityZone: 'eu-west-1b' },
    { SnapshotId: DATA, Size: 20, VolumeType: 'io2', Iops: 5000, Encrypted: true, KmsKeyId: 'key' },
  ]);
});

test('without subnet and groups, an instance has the defaults of its zone', async () => {
  const instance = await started(await imageOf(), { Placement: { AvailabilityZone: 'eu-west-1c' } });
  const [, , last] = await subnets(AWAY);
  expect(instance).toMatchObject({ SubnetId: last?.SubnetId, SecurityGroups: [{ GroupName: 'default' }] });
});

test('a repeated request with its token starts nothing new', async () => {
  const ImageId = await imageOf();
  const input = { ClientToken: 'once' };
  expect(await it.fails(run(ImageId, { ...input, DryRun: true }), AWAY)).toBe('DryRunOperation');
  const first = await started(ImageId, input);
  expect((await started(ImageId, input)).InstanceId).toBe(first.InstanceId);
  expect(await it.fails(run(ImageId, { ...input, KeyName: 'k' }), AWAY)).toBe('IdempotentParameterMismatch');
  it.both(({ world }) => world.operator.terminateInstance(AWAY, first.InstanceId ?? ''));
  expect(await it.fails(run(ImageId, input), AWAY)).toBe('IdempotentInstanceTerminated');
});

const mapped = (DeviceName: string, Ebs: object) => ({ BlockDeviceMappings: [{ DeviceName, Ebs }] });
test.each([
  ['MissingParameter', { MinCount: undefined }],
  ['InvalidParameterValue', { MaxCount: 2 }],
  ['InvalidParameterValue', { InstanceType: 'large' as 'm5.large' }],
  ['InvalidParameterValue', { InstanceType: 'm7g.large' }],
  ['InvalidParameterValue', { Placement: { AvailabilityZone: 'us-east-1a' } }],
  ['InvalidAMIID.NotFound', { ImageId: id('ami', 99) }],
  ['InvalidSubnetID.NotFound', { SubnetId: 'subnet-1' }],
  ['InvalidGroup.NotFound', { SecurityGroupIds: ['sg-1'] }],
  ['InvalidBlockDeviceMapping', mapped('/dev/xvda', { VolumeSize: 9 })],
  ['InvalidBlockDeviceMapping', mapped('/dev/xvda', { SnapshotId: DATA })],
  ['InvalidParameterValue', mapped('root', { VolumeSize: 9 })],
  ['InvalidParameterCombination', mapped('/dev/xvdf', { VolumeSize: 200, VolumeType: 'st1', Iops: 1 })],
  ['IncorrectState', mapped('/dev/xvdf', { SnapshotId: OLD })],
  ['UnknownParameter', { DisableApiTermination: true }],
] as const)('RunInstances: %s refuses %j', async (code, input) => {
  const { ImageId = await imageOf(), ...rest } = input as Partial<RunInstancesCommandInput>;
  expect(await it.fails(run(ImageId, rest), AWAY)).toBe(code);
});

test.each([
  ['no enhanced networking', { EnaSupport: undefined }],
  ['the virtualization that EC2 takes when none is named', { VirtualizationType: undefined }],
  ['the architecture that EC2 takes when none is named', { Architecture: undefined }],
])('an image with %s does not start on a type of today', async (_, input) => {
  const ImageId = await imageOf(input);
  expect(await it.fails(run(ImageId), AWAY)).toMatch(/^InvalidParameter(Combination|Value)$/);
});

test('groups must be in the network of the subnet', async () => {
  it.both(({ world }) => {
    world.operator.addSnapshot(HOME, { id: ROOT });
  });
  const { ImageId } = await it.gives<Image>(register());
  const outside = (await subnets(HOME))[0];
  expect(await it.fails(run(ImageId, { SubnetId: outside?.SubnetId, SecurityGroupIds: ['sg-1'] }))).toBe(
    'InvalidParameter',
  );
  await it.gives(run(ImageId, { SubnetId: 'subnet-1', SecurityGroupIds: ['sg-1'] }));
});

test('with a key that cannot be used, an instance is accepted and ends terminated, with the reason', async () => {
  it.both(({ world }) => world.operator.setKeyState(AWAY, 'key', 'disabled'));
  const mapping = [{ DeviceName: '/dev/xvdf', Ebs: { SnapshotId: DATA } }];
  const instance = await started(await imageOf(), { BlockDeviceMappings: mapping });
  pass(30 * SECOND);
  expect(await look(instance)).toMatchObject({
    State: { Name: 'terminated' },
    StateReason: { Code: 'Client.InvalidKMSKey.InvalidState' },
  });
});

test('an instance is stopped, started and terminated', async () => {
  const instance = await started(await imageOf(), {
    BlockDeviceMappings: [{ DeviceName: '/dev/xvdf', Ebs: { VolumeSize: 5 } }],
  });
  const InstanceIds = [instance.InstanceId ?? ''];
  expect(await it.fails(new StopInstancesCommand({ InstanceIds }), AWAY)).toBe('IncorrectInstanceState');
  pass(30 * SECOND);
  const [rootVolume, dataVolume] = await volumesOf(instance);
  const dry = { InstanceIds, DryRun: true };
  expect(await it.fails(new StopInstancesCommand(dry), AWAY)).toBe('DryRunOperation');
  expect(await it.fails(new StartInstancesCommand(dry), AWAY)).toBe('DryRunOperation');
  expect(await it.fails(new TerminateInstancesCommand(dry), AWAY)).toBe('DryRunOperation');
  expect(await it.gives(new StopInstancesCommand({ InstanceIds, Force: true }), AWAY)).toMatchObject({
    StoppingInstances: [{ CurrentState: { Name: 'stopping' }, PreviousState: { Name: 'running' } }],
  });
  expect(await it.fails(new StartInstancesCommand({ InstanceIds }), AWAY)).toBe('IncorrectInstanceState');
  pass(30 * SECOND);
  await it.gives(new StopInstancesCommand({ InstanceIds }), AWAY);
  expect(await it.gives(new StartInstancesCommand({ InstanceIds }), AWAY)).toMatchObject({
    StartingInstances: [{ CurrentState: { Name: 'pending' }, PreviousState: { Name: 'stopped' } }],
  });
  pass(30 * SECOND);
  const keep = { DeviceName: '/dev/xvdf', Ebs: { DeleteOnTermination: false } };
  const modify = (mapping: object) =>
    new ModifyInstanceAttributeCommand({
      InstanceId: InstanceIds[0],
      BlockDeviceMappings: [{ ...keep, ...mapping }],
    });
  expect(await it.fails(modify({ DeviceName: '/dev/sdz' }), AWAY)).toBe('InvalidInstanceAttributeValue');
  await it.gives(modify({}), AWAY);
  expect(await volumesOf(instance)).toMatchObject([{}, { Attachments: [{ DeleteOnTermination: false }] }]);
  expect(await it.gives(new TerminateInstancesCommand({ InstanceIds }), AWAY)).toMatchObject({
    TerminatingInstances: [{ CurrentState: { Code: 32 } }],
  });
  pass(30 * SECOND);
  expect(await look(instance)).toMatchObject({ State: { Name: 'terminated' }, BlockDeviceMappings: [] });
  await it.gives(new TerminateInstancesCommand({ InstanceIds }), AWAY);
  expect(await it.fails(new StopInstancesCommand({ InstanceIds }), AWAY)).toBe('IncorrectInstanceState');
  const left = it.wire.world.region(AWAY).volumes;
  expect(left.get(rootVolume?.VolumeId ?? '')).toBeUndefined();
  expect(left.get(dataVolume?.VolumeId ?? '')).toMatchObject({ state: 'available', attachments: [] });
});

test('without a root volume, an instance does not start', async () => {
  const { world } = it.wire;
  it.both((one) => one.world.operator.setInstanceState(HOME, id('i', 1), 'stopped'));
  it.both((one) => one.world.operator.detachVolume(HOME, id('vol', 1)));
  expect(await it.fails(new StartInstancesCommand({ InstanceIds: [id('i', 1)] }))).toBe('IncorrectState');
  expect(world.region(HOME).instances.get(id('i', 1))?.state).toBe('stopped');
});

test('when a region has lost all its data, copies elsewhere have the size and the data of the volumes', async () => {
  const { SnapshotId } = await it.gives<Snapshot>(new CreateSnapshotCommand({ VolumeId: id('vol', 1) }));
  pass(HOUR);
  const copy = new CopySnapshotCommand({ SourceRegion: HOME, SourceSnapshotId: SnapshotId });
  const { SnapshotId: kept } = await it.gives<Snapshot>(copy, AWAY);
  pass(HOUR);
  await it.gives(new CreateSnapshotCommand({ VolumeId: id('vol', 1) }));
  it.both(({ world }) => world.operator.lockSnapshot(HOME, SnapshotId ?? '', 9));
  it.both(({ world }) => world.operator.eraseRegion(HOME));
  expect(await it.gives(new DescribeInstancesCommand({}))).toMatchObject({ Reservations: [] });
  expect(await it.gives(new DescribeVolumesCommand({}))).toMatchObject({ Volumes: [] });
  expect(await it.gives(new DescribeSnapshotsCommand({}))).toMatchObject({ Snapshots: [] });
  expect(await it.fails(new CreateSnapshotCommand({ VolumeId: id('vol', 1) }))).toBe(
    'InvalidVolume.NotFound',
  );
  const events = it.wire.events.length;
  pass(HOUR);
  expect(it.wire.events).toHaveLength(events);
  const counters = it.wire.world.stats.regions().find(({ region }) => region === HOME);
  expect(counters).toMatchObject({ pending: 0, snapshots: 0 });

  const ImageId = await imageOf({ BlockDeviceMappings: root({ SnapshotId: kept }) });
  const instance = await started(ImageId);
  const [volume] = await volumesOf(instance);
  expect(volume).toMatchObject({ Size: 10, SnapshotId: kept });
  const truth = it.wire.world.region(AWAY).volumes.get(volume?.VolumeId ?? '');
  expect(truth?.content).toEqual({ lineage: id('vol', 1), contentAt: START });
});
