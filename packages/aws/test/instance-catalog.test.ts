import type { InstanceId, VolumeId } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { createInstanceCatalog } from '../src/instance-catalog.ts';
import { items, nextToken, tagSetXml } from './support/ec2-xml.ts';
import { type Answer, ec2, scriptedAws } from './support/scripted-aws.ts';

const INSTANCE = 'i-0123456789abcdef0' as InstanceId;
const OTHER = 'i-0fedcba9876543210' as InstanceId;
const VOLUME = 'vol-033bb51d90d7fbc9f' as VolumeId;

const bareInstance = (id: string, state = 'running') =>
  `<instanceId>${id}</instanceId><instanceState><code>16</code><name>${state}</name></instanceState>`;
const instances = (...reservations: string[][]): Answer =>
  ec2('DescribeInstances', `<reservationSet>${reservationItems(reservations)}</reservationSet>`);
const reservationItems = (reservations: string[][]) =>
  items(...reservations.map((some) => `<instancesSet>${items(...some)}</instancesSet>`));

test('listInstances asks for no tag, in every state but terminated', async () => {
  const aws = scriptedAws(instances([bareInstance(INSTANCE)]));

  const found = await createInstanceCatalog(aws.connection()).listInstances();

  expect(found.map(({ id }) => id)).toEqual([INSTANCE]);
  const form = aws.requests[0]?.form ?? {};
  expect(Object.keys(form).filter((key) => key.endsWith('.Name'))).toEqual(['Filter.1.Name']);
  expect(form).toMatchObject({ 'Filter.1.Name': 'instance-state-name', 'Filter.1.Value.2': 'running' });
  expect(Object.values(form)).not.toContain('terminated');
});

test('listInstancesTagged asks for the exact tag, in every state but terminated', async () => {
  const aws = scriptedAws(instances([bareInstance(INSTANCE)], [bareInstance(OTHER, 'stopped')]));

  const found = await createInstanceCatalog(aws.connection('eu-central-1')).listInstancesTagged(
    'backup',
    'true',
  );

  expect(found.map(({ id, state }) => [id, state])).toEqual([
    [INSTANCE, 'running'],
    [OTHER, 'stopped'],
  ]);
  expect(aws.requests).toEqual([
    {
      method: 'POST',
      host: 'ec2.eu-central-1.amazonaws.com',
      path: '/',
      form: {
        Action: 'DescribeInstances',
        'Filter.1.Name': 'tag:backup',
        'Filter.1.Value.1': 'true',
        'Filter.2.Name': 'instance-state-name',
        'Filter.2.Value.1': 'pending',
        'Filter.2.Value.2': 'running',
        'Filter.2.Value.3': 'shutting-down',
        'Filter.2.Value.4': 'stopping',
        'Filter.2.Value.5': 'stopped',
        MaxResults: '1000',
      },
    },
  ]);
});

test.each([
  ['backup', '*'],
  ['backup', 'tru?'],
  ['back*', 'true'],
])('the tag %s=%s is refused: EC2 would take it for a pattern', async (key, value) => {
  const aws = scriptedAws();

  await expect(createInstanceCatalog(aws.connection()).listInstancesTagged(key, value)).rejects.toMatchObject(
    {
      code: 'INVALID',
    },
  );
  expect(aws.requests).toEqual([]);
});

test('an instance has its devices, its profile and what a restore needs', async () => {
  const device = (name: string, ebs: string) => `<deviceName>${name}</deviceName>${ebs}`;
  const xml =
    `${bareInstance(INSTANCE)}<instanceType>m7g.large</instanceType><architecture>arm64</architecture>` +
    '<bootMode>uefi</bootMode><currentInstanceBootMode>uefi</currentInstanceBootMode>' +
    '<rootDeviceName>/dev/xvda</rootDeviceName><placement><availabilityZone>us-east-1a</availabilityZone></placement>' +
    '<subnetId>subnet-1</subnetId><groupSet><item><groupId>sg-1</groupId></item><item><groupId>sg-2</groupId></item></groupSet>' +
    '<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/app/web</arn></iamInstanceProfile>' +
    `<blockDeviceMapping>${items(
      device(
        '/dev/xvda',
        `<ebs><volumeId>${VOLUME}</volumeId><deleteOnTermination>true</deleteOnTermination></ebs>`,
      ),
      device('/dev/sdb', ''),
    )}</blockDeviceMapping>${tagSetXml({ Name: 'web', backup: 'true' })}`;
  const aws = scriptedAws(instances([xml]));

  const found = await createInstanceCatalog(aws.connection()).findInstances([INSTANCE]);

  expect(found).toEqual([
    {
      id: INSTANCE,
      region: 'us-east-1',
      state: 'running',
      tags: { Name: 'web', backup: 'true' },
      instanceType: 'm7g.large',
      architecture: 'arm64',
      bootMode: 'uefi',
      rootDeviceName: '/dev/xvda',
      availabilityZone: 'us-east-1a',
      subnetId: 'subnet-1',
      securityGroupIds: ['sg-1', 'sg-2'],
      instanceProfile: 'web',
      devices: [{ volumeId: VOLUME, deviceName: '/dev/xvda', deleteOnTermination: true }],
    },
  ]);
});

test('an instance of which EC2 tells little has no more than that', async () => {
  const aws = scriptedAws(instances([bareInstance(INSTANCE, 'terminated')]));

  const found = await createInstanceCatalog(aws.connection()).findInstances([INSTANCE]);

  expect(found).toEqual([
    {
      id: INSTANCE,
      region: 'us-east-1',
      state: 'terminated',
      tags: {},
      instanceType: '',
      architecture: '',
      securityGroupIds: [],
      devices: [],
    },
  ]);
});

describe('finding by id', () => {
  test('leaves out what is not there, and reads every page', async () => {
    const first = ec2(
      'DescribeInstances',
      `<reservationSet>${reservationItems([[bareInstance(INSTANCE)]])}</reservationSet>${nextToken('t1')}`,
    );
    const aws = scriptedAws(first, instances());

    const found = await createInstanceCatalog(aws.connection()).findInstances([INSTANCE, OTHER]);

    expect(found.map(({ id }) => id)).toEqual([INSTANCE]);
    expect(aws.requests.map(({ form }) => form)).toEqual([
      {
        Action: 'DescribeInstances',
        'Filter.1.Name': 'instance-id',
        'Filter.1.Value.1': INSTANCE,
        'Filter.1.Value.2': OTHER,
        MaxResults: '1000',
      },
      {
        Action: 'DescribeInstances',
        'Filter.1.Name': 'instance-id',
        'Filter.1.Value.1': INSTANCE,
        'Filter.1.Value.2': OTHER,
        MaxResults: '1000',
        NextToken: 't1',
      },
    ]);
  });

  test('asks nothing for no ids', async () => {
    const aws = scriptedAws();
    const catalog = createInstanceCatalog(aws.connection());

    await expect(catalog.findInstances([])).resolves.toEqual([]);
    await expect(catalog.findVolumes([])).resolves.toEqual([]);

    expect(aws.requests).toEqual([]);
  });

  test('asks for 200 volumes at a time', async () => {
    const none = ec2('DescribeVolumes', '<volumeSet/>');
    const aws = scriptedAws(none, none);
    const ids = Array.from(
      { length: 201 },
      (_, index) => `vol-${String(index).padStart(17, '0')}` as VolumeId,
    );

    await createInstanceCatalog(aws.connection()).findVolumes(ids);

    const values = aws.requests.map(({ form }) =>
      Object.entries(form ?? {}).filter(([key]) => key.includes('.Value.')),
    );
    expect(values.map((some) => some.length)).toEqual([200, 1]);
    expect(values.flat().map(([, value]) => value)).toEqual(ids);
  });
});

test('a volume has its kind, size and key', async () => {
  const xml =
    `<volumeId>${VOLUME}</volumeId><status>in-use</status><volumeType>gp3</volumeType><size>100</size>` +
    '<iops>3000</iops><throughput>125</throughput><encrypted>true</encrypted>' +
    '<kmsKeyId>arn:aws:kms:us-east-1:1:key/k</kmsKeyId><availabilityZone>us-east-1a</availabilityZone>' +
    tagSetXml({ backup: 'false' });
  const bare =
    '<volumeId>vol-0fedcba9876543210</volumeId><status>available</status><volumeType>standard</volumeType>';
  const aws = scriptedAws(ec2('DescribeVolumes', `<volumeSet>${items(xml, bare)}</volumeSet>`));

  const found = await createInstanceCatalog(aws.connection()).findVolumes([VOLUME]);

  expect(found).toEqual([
    {
      id: VOLUME,
      region: 'us-east-1',
      state: 'in-use',
      tags: { backup: 'false' },
      volumeType: 'gp3',
      sizeGiB: 100,
      iops: 3000,
      throughput: 125,
      encrypted: true,
      kmsKeyId: 'arn:aws:kms:us-east-1:1:key/k',
      availabilityZone: 'us-east-1a',
    },
    {
      id: 'vol-0fedcba9876543210',
      region: 'us-east-1',
      state: 'available',
      tags: {},
      volumeType: 'standard',
      sizeGiB: 0,
      encrypted: false,
    },
  ]);
  expect(aws.requests[0]?.form).toEqual({
    Action: 'DescribeVolumes',
    'Filter.1.Name': 'volume-id',
    'Filter.1.Value.1': VOLUME,
    MaxResults: '500',
  });
});
