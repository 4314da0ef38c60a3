import type { InstanceId, SnapshotId, VolumeId } from '@smart-vault/core';
import type {
  CreateVolumeCall,
  DeviceRequest,
  LaunchInstanceCall,
  RegisterImageCall,
} from '@smart-vault/core/restore';
import { describe, expect, test } from 'vitest';
import { createRestoreStore } from '../src/restore-store.ts';
import { items, nextToken, snapshotSet, snapshotXml, tagSetXml } from './support/ec2-xml.ts';
import { ec2, ec2Error, lostAnswer, scriptedAws } from './support/scripted-aws.ts';

const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;
const VOLUME = 'vol-033bb51d90d7fbc9f' as VolumeId;
const INSTANCE = 'i-0123456789abcdef0' as InstanceId;
const IMAGE = 'ami-0123456789abcdef0';
const DEVICE: DeviceRequest = {
  deviceName: '/dev/xvda',
  snapshotId: SNAPSHOT,
  volumeType: 'gp3',
  sizeGiB: 30,
  iops: 3000,
  throughput: 125,
  deleteOnTermination: true,
};
const REGISTER: RegisterImageCall = {
  kind: 'register-image',
  name: 'smart-vault r',
  description: 'd',
  architecture: 'arm64',
  bootMode: 'uefi',
  rootDeviceName: '/dev/xvda',
  devices: [DEVICE, { ...DEVICE, deviceName: '/dev/sdf', volumeType: 'st1', sizeGiB: 500 }],
  tags: { 'smart-vault:restore': 'r' },
};
const LAUNCH: LaunchInstanceCall = {
  kind: 'launch-instance',
  token: 'r 0 ami',
  imageId: IMAGE,
  instanceType: 'm7g.large',
  subnetId: 'subnet-1',
  securityGroupIds: ['sg-1', 'sg-2'],
  keyName: 'ops',
  instanceProfile: 'database',
  metadataTokens: 'required',
  devices: [{ ...DEVICE, kmsKeyId: 'alias/db' }],
  tags: { Name: 'db' },
  volumeTags: { 'smart-vault:restore': 'r' },
};
const CREATE: CreateVolumeCall = {
  kind: 'create-volume',
  token: 'r volume:1',
  availabilityZone: 'eu-west-1a',
  device: { ...DEVICE, volumeType: 'io2', iops: 16_000 },
  tags: { Name: 'db' },
};
const store = (aws: ReturnType<typeof scriptedAws>) => createRestoreStore(aws.connection('eu-west-1'));
const done = (action: string) => ec2(action, '<return>true</return>');

describe('writes', () => {
  test('registerImage maps every snapshot, with all tags in the call', async () => {
    const aws = scriptedAws(ec2('RegisterImage', `<imageId>${IMAGE}</imageId>`));

    await expect(store(aws).carryOut(REGISTER)).resolves.toBe(IMAGE);

    expect(aws.requests).toEqual([
      {
        method: 'POST',
        host: 'ec2.eu-west-1.amazonaws.com',
        path: '/',
        form: {
          Action: 'RegisterImage',
          Name: 'smart-vault r',
          Description: 'd',
          Architecture: 'arm64',
          BootMode: 'uefi',
          RootDeviceName: '/dev/xvda',
          VirtualizationType: 'hvm',
          EnaSupport: 'true',
          DryRun: 'false',
          'BlockDeviceMapping.1.DeviceName': '/dev/xvda',
          'BlockDeviceMapping.1.Ebs.SnapshotId': SNAPSHOT,
          'BlockDeviceMapping.1.Ebs.VolumeType': 'gp3',
          'BlockDeviceMapping.1.Ebs.VolumeSize': '30',
          'BlockDeviceMapping.1.Ebs.Iops': '3000',
          'BlockDeviceMapping.1.Ebs.Throughput': '125',
          'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
          'BlockDeviceMapping.2.DeviceName': '/dev/sdf',
          'BlockDeviceMapping.2.Ebs.SnapshotId': SNAPSHOT,
          'BlockDeviceMapping.2.Ebs.VolumeType': 'st1',
          'BlockDeviceMapping.2.Ebs.VolumeSize': '500',
          'BlockDeviceMapping.2.Ebs.Iops': '3000',
          'BlockDeviceMapping.2.Ebs.Throughput': '125',
          'BlockDeviceMapping.2.Ebs.DeleteOnTermination': 'true',
          'TagSpecification.1.ResourceType': 'image',
          'TagSpecification.1.Tag.1.Key': 'smart-vault:restore',
          'TagSpecification.1.Tag.1.Value': 'r',
        },
      },
    ]);
  });

  test('a name that is taken is the image of an earlier run', async () => {
    const aws = scriptedAws(
      ec2Error(400, 'InvalidAMIName.Duplicate'),
      ec2(
        'DescribeImages',
        `<imagesSet>${items(`<imageId>${IMAGE}</imageId><name>smart-vault r</name>`)}</imagesSet>`,
      ),
    );

    await expect(store(aws).carryOut(REGISTER)).resolves.toBe(IMAGE);

    expect(aws.requests[1]?.form).toMatchObject({
      'Filter.1.Name': 'name',
      'Filter.1.Value.1': 'smart-vault r',
    });
  });

  test('a name that is taken by what cannot be seen yet is a matter of time', async () => {
    const aws = scriptedAws(ec2Error(400, 'InvalidAMIName.Duplicate'), ec2('DescribeImages', '<imagesSet/>'));

    await expect(store(aws).carryOut(REGISTER)).rejects.toMatchObject({ code: 'TRANSIENT' });
  });

  test('a launch is repeated with the same token when its answer is lost', async () => {
    const answer = ec2(
      'RunInstances',
      `<instancesSet>${items(`<instanceId>${INSTANCE}</instanceId>`)}</instancesSet>`,
    );
    const aws = scriptedAws(lostAnswer(), answer);

    await expect(store(aws).carryOut(LAUNCH)).resolves.toBe(INSTANCE);

    const [first, second] = aws.requests.map(({ form }) => form);
    expect(second).toEqual(first);
    expect(first?.['ClientToken']).toMatch(/^[0-9a-f]{64}$/);
    expect(first).toMatchObject({
      Action: 'RunInstances',
      ImageId: IMAGE,
      InstanceType: 'm7g.large',
      MinCount: '1',
      MaxCount: '1',
      SubnetId: 'subnet-1',
      'SecurityGroupId.1': 'sg-1',
      'SecurityGroupId.2': 'sg-2',
      KeyName: 'ops',
      'IamInstanceProfile.Name': 'database',
      'MetadataOptions.HttpTokens': 'required',
      'BlockDeviceMapping.1.Ebs.Encrypted': 'true',
      'BlockDeviceMapping.1.Ebs.KmsKeyId': 'alias/db',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.2.ResourceType': 'volume',
      'TagSpecification.2.Tag.1.Key': 'smart-vault:restore',
    });
  });

  test('a launch that was asked for otherwise says what to do', async () => {
    const aws = scriptedAws(ec2Error(400, 'IdempotentParameterMismatch'));

    await expect(store(aws).carryOut(LAUNCH)).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('--label') as string,
    });
  });

  test('createVolume sends what the volume was, and no key unless one is given', async () => {
    const aws = scriptedAws(ec2('CreateVolume', `<volumeId>${VOLUME}</volumeId>`));

    await expect(store(aws).carryOut(CREATE)).resolves.toBe(VOLUME);

    const { ClientToken, ...form } = aws.requests[0]?.form ?? {};
    expect(ClientToken).toMatch(/^[0-9a-f]{64}$/);
    expect(form).toEqual({
      Action: 'CreateVolume',
      AvailabilityZone: 'eu-west-1a',
      SnapshotId: SNAPSHOT,
      VolumeType: 'io2',
      Size: '30',
      Iops: '16000',
      Throughput: '125',
      DryRun: 'false',
      'TagSpecification.1.ResourceType': 'volume',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.1.Tag.1.Value': 'db',
    });
  });

  test.each([
    ['attach-volume', 'AttachVolume', { VolumeId: VOLUME, InstanceId: INSTANCE, Device: '/dev/sdf' }],
    ['detach-volume', 'DetachVolume', { VolumeId: VOLUME, InstanceId: INSTANCE, Device: '/dev/sdf' }],
  ] as const)('%s names volume, instance and device, and is not repeated', async (kind, Action, form) => {
    const aws = scriptedAws(ec2(Action, `<volumeId>${VOLUME}</volumeId>`), lostAnswer());
    const call = { kind, volumeId: VOLUME, instanceId: INSTANCE, deviceName: '/dev/sdf' };

    await expect(store(aws).carryOut(call)).resolves.toBe(VOLUME);
    await expect(store(aws).carryOut(call)).rejects.toMatchObject({ code: 'TRANSIENT' });

    expect(aws.requests.map((request) => request.form)).toEqual(
      [1, 2].map(() => ({ Action, ...form, DryRun: 'false' })),
    );
  });

  test('tags a volume, and deregisters an image but not its snapshots', async () => {
    const aws = scriptedAws(done('CreateTags'), done('DeregisterImage'));

    await store(aws).carryOut({ kind: 'tag-volume', volumeId: VOLUME, tags: { Name: 'db' } });
    await store(aws).carryOut({ kind: 'deregister-image', imageId: IMAGE });

    expect(aws.requests.map(({ form }) => form)).toEqual([
      {
        Action: 'CreateTags',
        'ResourceId.1': VOLUME,
        'Tag.1.Key': 'Name',
        'Tag.1.Value': 'db',
        DryRun: 'false',
      },
      { Action: 'DeregisterImage', ImageId: IMAGE, DryRun: 'false' },
    ]);
  });

  test('has a volume deleted with its instance', async () => {
    const aws = scriptedAws(done('ModifyInstanceAttribute'));
    const place = { volumeId: VOLUME, instanceId: INSTANCE, deviceName: '/dev/sdf' };

    await store(aws).carryOut({ kind: 'delete-with-instance', ...place });

    expect(aws.requests[0]?.form).toEqual({
      Action: 'ModifyInstanceAttribute',
      InstanceId: INSTANCE,
      'BlockDeviceMapping.1.DeviceName': '/dev/sdf',
      'BlockDeviceMapping.1.Ebs.VolumeId': VOLUME,
      'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
      DryRun: 'false',
    });
  });

  test('what was made with a token and deleted since is made anew, with the same next token in every run', async () => {
    const gone = ec2Error(400, 'InvalidVolume.NotFound');
    const fresh = ec2('CreateVolume', `<volumeId>${VOLUME}</volumeId>`);
    const aws = scriptedAws(gone, fresh, gone, fresh);

    await expect(store(aws).carryOut(CREATE)).resolves.toBe(VOLUME);
    await expect(store(aws).carryOut(CREATE)).resolves.toBe(VOLUME);

    const [first, second, ...again] = aws.requests.map(({ form }) => form?.['ClientToken']);
    expect(second).not.toBe(first);
    expect(again).toEqual([first, second]);
  });

  test('a refusal that we do not know is about the request', async () => {
    const aws = scriptedAws(ec2Error(400, 'InsufficientFreeAddressesInSubnet'));

    await expect(store(aws).carryOut(LAUNCH)).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('a dry run', () => {
  test('is allowed when EC2 says DryRunOperation, and asks with DryRun', async () => {
    const aws = scriptedAws(ec2Error(412, 'DryRunOperation'));

    await expect(store(aws).tryOut(CREATE)).resolves.toBeUndefined();

    expect(aws.requests[0]?.form).toMatchObject({ Action: 'CreateVolume', DryRun: 'true' });
  });

  test('tells why it is refused', async () => {
    const aws = scriptedAws(ec2Error(403, 'UnauthorizedOperation'));

    await expect(store(aws).tryOut(LAUNCH)).rejects.toMatchObject({ code: 'DENIED' });
  });

  test('that EC2 took for the real thing is told', async () => {
    const aws = scriptedAws(ec2('CreateVolume', `<volumeId>${VOLUME}</volumeId>`));

    await expect(store(aws).tryOut(CREATE)).rejects.toMatchObject({ code: 'CONTRACT' });
  });
});

describe('reads', () => {
  test('snapshots of a volume are found by EC2 in the source and by their tag in a destination', async () => {
    const aws = scriptedAws(
      ec2('DescribeSnapshots', '<snapshotSet/>'),
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT, tags: { a: 'b' } }))),
    );

    const found = await store(aws).listSnapshotsOf('v', { kind: 'volume', id: VOLUME });

    expect(found.map(({ id, tags }) => [id, tags])).toEqual([[SNAPSHOT, { a: 'b' }]]);
    const filters = aws.requests.map(({ form }) => [form?.['Filter.2.Name'], form?.['Filter.2.Value.1']]);
    expect(filters).toEqual([
      ['volume-id', VOLUME],
      ['tag:smart-vault:volume', VOLUME],
    ]);
    for (const { form } of aws.requests)
      expect(form).toMatchObject({ 'Owner.1': 'self', 'Filter.1.Name': 'tag:smart-vault:vault' });
  });

  test('snapshots of an instance are found by its tag, on all pages', async () => {
    const aws = scriptedAws(
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: SNAPSHOT })) + nextToken('t')),
      ec2('DescribeSnapshots', snapshotSet(snapshotXml({ id: 'snap-0f60ea082183ba234' }))),
    );

    const found = await store(aws).listSnapshotsOf('v', { kind: 'instance', id: INSTANCE });

    expect(found).toHaveLength(2);
    expect(aws.requests[1]?.form).toMatchObject({
      'Filter.2.Name': 'tag:smart-vault:instance',
      'Filter.2.Value.1': INSTANCE,
      NextToken: 't',
    });
  });

  test('what restores made is found by the key of their tag', async () => {
    const tags = tagSetXml({ 'smart-vault:restore': 'r' });
    const aws = scriptedAws(
      ec2(
        'DescribeImages',
        `<imagesSet>${items(`<imageId>${IMAGE}</imageId><name>n</name><imageState>available</imageState>${tags}`)}</imagesSet>`,
      ),
      ec2('DescribeInstances', '<reservationSet/>'),
      ec2(
        'DescribeVolumes',
        `<volumeSet>${items(`<volumeId>${VOLUME}</volumeId><status>available</status>${tags}`)}</volumeSet>`,
      ),
    );

    const made = await store(aws).listMade();

    expect(made.images).toEqual([
      { id: IMAGE, name: 'n', state: 'available', tags: { 'smart-vault:restore': 'r' } },
    ]);
    expect(made.volumes.map(({ id }) => id)).toEqual([VOLUME]);
    for (const { form } of aws.requests)
      expect(form).toMatchObject({ 'Filter.1.Name': 'tag-key', 'Filter.1.Value.1': 'smart-vault:restore' });
  });

  test('zones are those of the region itself that are up', async () => {
    const zone = (name: string, state: string, type: string) =>
      `<zoneName>${name}</zoneName><zoneState>${state}</zoneState><zoneType>${type}</zoneType>`;
    const aws = scriptedAws(
      ec2(
        'DescribeAvailabilityZones',
        `<availabilityZoneInfo>${items(
          zone('eu-west-1b', 'available', 'availability-zone'),
          zone('eu-west-1a', 'available', 'availability-zone'),
          zone('eu-west-1c', 'impaired', 'availability-zone'),
          zone('eu-west-1-lon-1a', 'available', 'local-zone'),
        )}</availabilityZoneInfo>`,
      ),
    );

    await expect(store(aws).listZones()).resolves.toEqual(['eu-west-1a', 'eu-west-1b']);
  });

  test('subnets and security groups tell where they belong', async () => {
    const aws = scriptedAws(
      ec2(
        'DescribeSubnets',
        `<subnetSet>${items(
          `<subnetId>subnet-1</subnetId><state>available</state><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/24</cidrBlock>` +
            `<availabilityZone>eu-west-1a</availabilityZone>${tagSetXml({ Name: 'private' })}`,
        )}</subnetSet>`,
      ),
      ec2(
        'DescribeSecurityGroups',
        `<securityGroupInfo>${items('<groupId>sg-1</groupId><groupName>db</groupName><vpcId>vpc-1</vpcId>')}</securityGroupInfo>`,
      ),
    );

    await expect(store(aws).listSubnets()).resolves.toEqual([
      {
        id: 'subnet-1',
        vpcId: 'vpc-1',
        availabilityZone: 'eu-west-1a',
        cidr: '10.0.0.0/24',
        name: 'private',
      },
    ]);
    await expect(store(aws).listSecurityGroups()).resolves.toEqual([
      { id: 'sg-1', name: 'db', vpcId: 'vpc-1' },
    ]);
  });
});
