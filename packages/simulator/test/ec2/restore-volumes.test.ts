import {
  AttachVolumeCommand,
  type AttachVolumeCommandInput,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type DetachVolumeCommandInput,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Twins, twins } from './command-parity.ts';
import { disk, HOME, id, machine, SECOND, START } from './world.ts';

const ZONE = 'us-east-1a';
const [PLAIN, SECRET, PENDING] = [id('snap', 1), id('snap', 2), id('snap', 3)];
let it: Twins;
let tokens = 0;

beforeEach(async () => {
  it = await twins({
    instances: [
      machine(1, { volumes: [1, 2] }),
      machine(2, { volumes: [3], state: 'stopped' }),
      machine(3, { volumes: [4], more: { Placement: { AvailabilityZone: 'us-east-1b' } } }),
    ],
    volumes: [disk(1), disk(2), disk(5, { AvailabilityZone: ZONE })],
  });
  it.both(({ world }) => {
    world.operator.addSnapshot(HOME, {
      id: PLAIN,
      sizeGiB: 20,
      volumeId: id('vol', 1),
      startedAt: START - 1,
    });
    world.operator.addSnapshot(HOME, { id: SECRET, sizeGiB: 20, kmsKeyId: 'key-1' });
    world.operator.addSnapshot(HOME, { id: PENDING, state: 'error' });
  });
});
afterEach(() => it.close());

/** The SDK would make up a token of its own: two worlds need the same. */
const make = (input: Partial<CreateVolumeCommandInput>) => {
  tokens += 1;
  return new CreateVolumeCommand({ AvailabilityZone: ZONE, ClientToken: `token-${tokens}`, ...input });
};
const attach = (input: Partial<AttachVolumeCommandInput>) =>
  new AttachVolumeCommand({ VolumeId: id('vol', 5), InstanceId: id('i', 1), Device: '/dev/sdf', ...input });
const detach = (input: Partial<DetachVolumeCommandInput>) =>
  new DetachVolumeCommand({ VolumeId: id('vol', 2), ...input });
const look = async (VolumeId: string | undefined) => {
  const VolumeIds = [VolumeId ?? ''];
  const { Volumes = [] } = await it.gives<{ Volumes: Volume[] }>(new DescribeVolumesCommand({ VolumeIds }));
  return Volumes[0];
};
const pass = (ms: number) => it.both((world) => world.pass(ms));

test('a volume of a snapshot is creating, then available, with what was asked for', async () => {
  const volume = await it.gives<Volume>(
    make({
      SnapshotId: PLAIN,
      Size: 30,
      VolumeType: 'gp3',
      Iops: 4000,
      Throughput: 500,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'a\n' }] }],
    }),
  );
  expect(volume).toMatchObject({
    State: 'creating',
    SnapshotId: PLAIN,
    Size: 30,
    VolumeType: 'gp3',
    Iops: 4000,
    Throughput: 500,
    Encrypted: false,
    AvailabilityZone: ZONE,
    CreateTime: new Date(START),
    MultiAttachEnabled: false,
    Attachments: [],
    Tags: [{ Key: 'Name', Value: 'a\n' }],
  });
  expect(await look(volume.VolumeId)).toMatchObject({ State: 'creating' });
  pass(3 * SECOND);
  expect(await look(volume.VolumeId)).toMatchObject({ State: 'available', Iops: 4000 });
  const truth = it.wire.world.region(HOME).volumes.get(volume.VolumeId ?? '');
  expect(truth?.content).toEqual({ lineage: id('vol', 1), contentAt: START - 1 });
});

test('what is not given has the defaults of EC2', async () => {
  expect(await it.gives(make({ SnapshotId: PLAIN }))).toMatchObject({
    Size: 20,
    VolumeType: 'gp2',
    Iops: 100,
  });
  expect(await it.gives(make({ Size: 200 }))).toMatchObject({ Size: 200, SnapshotId: '', Iops: 600 });
  expect(await it.gives(make({ Size: 1, VolumeType: 'gp3' }))).toMatchObject({ Iops: 3000, Throughput: 125 });
});

test('what comes from an encrypted snapshot is encrypted, with its key or another one', async () => {
  expect(await it.gives(make({ SnapshotId: SECRET }))).toMatchObject({ Encrypted: true, KmsKeyId: 'key-1' });
  expect(await it.gives(make({ SnapshotId: SECRET, Encrypted: true, KmsKeyId: 'key-2' }))).toMatchObject({
    KmsKeyId: 'key-2',
  });
  expect(await it.gives(make({ SnapshotId: PLAIN, Encrypted: true }))).toMatchObject({
    KmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/aws-ebs',
  });
  expect(await it.fails(make({ SnapshotId: SECRET, Encrypted: false }))).toBe('InvalidParameterValue');
  expect(await it.fails(make({ SnapshotId: PLAIN, KmsKeyId: 'key-2' }))).toBe('InvalidParameterDependency');
});

test.each([
  ['key-1', 'disabled', { SnapshotId: SECRET }],
  ['default', 'inaccessible', { Size: 1, Encrypted: true }],
] as const)('with the key %s %s, a volume is accepted and ends in error', async (key, state, input) => {
  it.both(({ world }) => world.operator.setKeyState(HOME, key, state));
  const { VolumeId } = await it.gives<Volume>(make(input));
  pass(3 * SECOND);
  expect(await look(VolumeId)).toMatchObject({ State: 'error' });
  expect(await it.fails(attach({ VolumeId }))).toBe('IncorrectState');
  await it.gives(new DeleteVolumeCommand({ VolumeId }));
});

test('a repeated request with its token makes nothing new', async () => {
  const input = { SnapshotId: PLAIN, ClientToken: 'once' };
  const first = await it.gives<Volume>(make(input));
  pass(3 * SECOND);
  expect(await it.gives(make(input))).toMatchObject({ VolumeId: first.VolumeId, State: 'available' });
  expect(await it.fails(make({ ...input, Size: 40 }))).toBe('IdempotentParameterMismatch');
  expect(await it.gives(make({ ...input, ClientToken: 'twice' }))).not.toMatchObject({
    VolumeId: first.VolumeId,
  });
  await it.gives(new DeleteVolumeCommand({ VolumeId: first.VolumeId }));
  expect(await it.fails(make(input))).toBe('InvalidVolume.NotFound');
});

test('a dry run makes nothing and uses no token', async () => {
  const input = { SnapshotId: PLAIN, ClientToken: 'dry' };
  expect(await it.fails(make({ ...input, DryRun: true }))).toBe('DryRunOperation');
  expect(it.wire.world.region(HOME).volumes.size).toBe(5);
  await it.gives(make({ ...input, Size: 99 }));
  expect(await it.fails(make({ SnapshotId: PENDING, DryRun: true }))).toBe('IncorrectState');
  it.both(({ world }) => world.faults.deny('CreateVolume'));
  expect(await it.fails(make({ SnapshotId: PLAIN, DryRun: true }))).toBe('UnauthorizedOperation');
});

test.each([
  ['MissingParameter', { AvailabilityZone: undefined, Size: 1 }],
  ['MissingParameter', {}],
  ['MissingParameter', { Size: 10, VolumeType: 'io1' }],
  ['InvalidZone.NotFound', { AvailabilityZone: 'us-east-1z', Size: 1 }],
  ['InvalidSnapshot.NotFound', { SnapshotId: id('snap', 99) }],
  ['InvalidSnapshotID.Malformed', { SnapshotId: 'snap-1' }],
  ['IncorrectState', { SnapshotId: PENDING }],
  ['InvalidParameterValue', { SnapshotId: PLAIN, Size: 19 }],
  ['InvalidParameterValue', { Size: 16_385 }],
  ['InvalidParameterValue', { Size: 124, VolumeType: 'st1' }],
  ['InvalidParameterValue', { Size: 10, VolumeType: 'gp3', Iops: 2999 }],
  ['InvalidParameterValue', { Size: 10_000, VolumeType: 'gp3', Iops: 80_001 }],
  ['InvalidParameterValue', { Size: 10, VolumeType: 'gp3', Throughput: 124 }],
  ['InvalidParameterValue', { Size: 10, ClientToken: 'ä' }],
  ['InvalidParameterCombination', { Size: 8, VolumeType: 'gp3', Iops: 4001 }],
  ['InvalidParameterCombination', { Size: 10, VolumeType: 'io1', Iops: 501 }],
  ['InvalidParameterCombination', { Size: 10, VolumeType: 'gp3', Throughput: 751 }],
  ['InvalidParameterCombination', { Size: 10, VolumeType: 'gp2', Iops: 100 }],
  ['InvalidParameterCombination', { Size: 10, VolumeType: 'io2', Iops: 100, Throughput: 125 }],
  ['UnknownVolumeType', { Size: 10, VolumeType: 'gp9' as 'gp3' }],
  ['UnknownParameter', { Size: 10, MultiAttachEnabled: true }],
] as const)('%s refuses %j', async (code, input) => {
  expect(await it.fails(make(input))).toBe(code);
});

test('a volume is attached, and detached again', async () => {
  expect(await it.gives(attach({}))).toMatchObject({
    State: 'attaching',
    VolumeId: id('vol', 5),
    InstanceId: id('i', 1),
    Device: '/dev/sdf',
    AttachTime: new Date(START),
    DeleteOnTermination: false,
  });
  expect(await look(id('vol', 5))).toMatchObject({ State: 'in-use', Attachments: [{ State: 'attaching' }] });
  pass(3 * SECOND);
  expect(await look(id('vol', 5))).toMatchObject({ State: 'in-use', Attachments: [{ State: 'attached' }] });
  const InstanceIds = [id('i', 1)];
  expect(await it.gives(new DescribeInstancesCommand({ InstanceIds }))).toMatchObject({
    Reservations: [{ Instances: [{ BlockDeviceMappings: [{}, {}, { DeviceName: '/dev/sdf' }] }] }],
  });
  expect(await it.gives(detach({ VolumeId: id('vol', 5), InstanceId: id('i', 1) }))).toMatchObject({
    State: 'detaching',
  });
  pass(3 * SECOND);
  expect(await look(id('vol', 5))).toMatchObject({ State: 'available', Attachments: [] });
  await it.gives(new DescribeInstancesCommand({ InstanceIds }));
  await it.gives(new DeleteVolumeCommand({ VolumeId: id('vol', 5) }));
  expect(await it.fails(new DescribeVolumesCommand({ VolumeIds: [id('vol', 5)] }))).toBe(
    'InvalidVolume.NotFound',
  );
});

test.each([
  ['MissingParameter', { Device: undefined }],
  ['InvalidVolume.NotFound', { VolumeId: id('vol', 99) }],
  ['InvalidInstanceID.NotFound', { InstanceId: id('i', 99) }],
  ['InvalidParameterValue', { Device: '/dev/xvdb' }],
  ['InvalidParameterValue', { Device: 'the second one' }],
  ['VolumeInUse', { VolumeId: id('vol', 3) }],
  ['InvalidVolume.ZoneMismatch', { InstanceId: id('i', 3) }],
  ['DryRunOperation', { DryRun: true }],
] as const)('AttachVolume: %s refuses %j', async (code, input) => {
  expect(await it.fails(attach(input))).toBe(code);
});

test('states that cannot be attached in are refused', async () => {
  const { VolumeId } = await it.gives<Volume>(make({ Size: 1 }));
  expect(await it.fails(attach({ VolumeId }))).toBe('IncorrectState');
  it.both(({ world }) => world.operator.setInstanceState(HOME, id('i', 1), 'pending'));
  expect(await it.fails(attach({}))).toBe('IncorrectState');
});

test('a root volume can be replaced on a stopped instance only', async () => {
  expect(await it.fails(detach({ VolumeId: id('vol', 1) }))).toBe('OperationNotPermitted');
  expect(await it.gives(detach({ VolumeId: id('vol', 3) }))).toMatchObject({ State: 'detaching' });
  pass(3 * SECOND);
  await it.gives(attach({ InstanceId: id('i', 2), Device: '/dev/xvda' }));
});

test.each([
  ['IncorrectState', { VolumeId: id('vol', 5) }],
  ['InvalidAttachment.NotFound', { InstanceId: id('i', 2) }],
  ['InvalidAttachment.NotFound', { Device: '/dev/sdz' }],
  ['DryRunOperation', { DryRun: true }],
] as const)('DetachVolume: %s refuses %j', async (code, input) => {
  expect(await it.fails(detach(input))).toBe(code);
});

test('a volume in use, or on its way, cannot be deleted', async () => {
  expect(await it.fails(new DeleteVolumeCommand({ VolumeId: id('vol', 1) }))).toBe('VolumeInUse');
  const { VolumeId } = await it.gives<Volume>(make({ Size: 1 }));
  expect(await it.fails(new DeleteVolumeCommand({ VolumeId }))).toBe('IncorrectState');
  expect(await it.fails(new DeleteVolumeCommand({ VolumeId: id('vol', 5), DryRun: true }))).toBe(
    'DryRunOperation',
  );
});
