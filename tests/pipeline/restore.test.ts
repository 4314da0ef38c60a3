import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Tag,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningCommand, start, vault } from '../support/commands.ts';
import { DATABASE, DATABASE_TAGS, DATABASE_VOLUMES, databaseFleet } from '../support/database-fleet.ts';
import { scratchFolder } from '../support/fleets.ts';

const SOURCE = 'us-east-1';
const DESTINATION = 'eu-west-1';
const folder = scratchFolder();
let cloud: RunningCommand;
let endpoint = '';
let env: Record<string, string> = {};
let ec2: (region: string) => EC2Client;
let place: readonly string[] = [];

beforeAll(async () => {
  const { instances, volumes } = databaseFleet();
  const fleet = ['--fleet', folder.write('instances.json', instances)];
  const disks = ['--volumes', folder.write('volumes.json', volumes)];
  cloud = start(...fleet, ...disks, '--days', '1', '--serve', '--speed', '200');
  [, endpoint = ''] = await cloud.printed(/The local cloud is up at (http:\S+?)\. /);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  env = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  ec2 = (region) => new EC2Client({ region, endpoint, credentials, maxAttempts: 1 });
  place = await chosenPlace();

  const erased = await fetch(`${endpoint}/_local/regions/${SOURCE}/erase`, { method: 'POST' });
  expect(erased.status).toBe(200);
});
afterAll(async () => {
  cloud.child.kill('SIGINT');
  await cloud.ended;
  folder.remove();
});

/** A subnet of the destination and its VPC's security group, as an operator would choose them. */
async function chosenPlace(): Promise<readonly string[]> {
  const { Subnets = [] } = await ec2(DESTINATION).send(new DescribeSubnetsCommand({}));
  const { SecurityGroups = [] } = await ec2(DESTINATION).send(new DescribeSecurityGroupsCommand({}));
  const subnet = Subnets.find(({ AvailabilityZone }) => AvailabilityZone === 'eu-west-1b');
  const group = SecurityGroups.find(({ VpcId }) => VpcId === subnet?.VpcId);
  return ['--subnet', subnet?.SubnetId ?? '', '--security-group', group?.GroupId ?? ''];
}

const restore = (verb: 'plan' | 'apply', ...options: readonly string[]): RunningCommand =>
  vault(env, 'restore', verb, '--instance', DATABASE, '--region', DESTINATION, ...options);

const tagsOf = (tags: readonly Tag[] = []): Record<string, string> =>
  Object.fromEntries(
    tags
      .filter(({ Key = '' }) => !Key.startsWith('smart-vault:'))
      .map(({ Key = '', Value = '' }) => [Key, Value]),
  );

/** Everything but snapshots that the destination has. */
async function destination() {
  const client = ec2(DESTINATION);
  const { Reservations = [] } = await client.send(new DescribeInstancesCommand({}));
  const { Volumes = [] } = await client.send(new DescribeVolumesCommand({}));
  const { Images = [] } = await client.send(new DescribeImagesCommand({ Owners: ['self'] }));
  const { Snapshots = [] } = await client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }));
  return {
    instances: Reservations.flatMap(({ Instances = [] }) => Instances),
    volumes: Volumes,
    // There is one of somebody else's, which is none of our business.
    images: Images.filter(({ Name }) => Name !== 'golden-image'),
    snapshots: Snapshots,
  };
}

test('the source region is gone', async () => {
  await expect(ec2(SOURCE).send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
    name: 'Unavailable',
  });
  expect(await destination()).toMatchObject({ instances: [], volumes: [], images: [] });
});

test('the plan tells what it has to be told, and what there is to choose', async () => {
  const { status, out, err } = await restore('plan', '--json').ended;

  expect(err).toBe('');
  const plan = JSON.parse(out);
  expect(plan.unknowns.map(({ option }: { option: string }) => option)).toContain('--subnet');
  expect(plan).toMatchObject({ mode: 'launch', problems: [], missing: [], copiedFrom: SOURCE });
  expect(plan.volumes).toHaveLength(DATABASE_VOLUMES.length);
  expect(status).toBe(1);
});

test('a dry run asks EC2 and changes nothing', async () => {
  const { status, out } = await restore('apply', ...place, '--dry-run').ended;

  expect(out).toContain('would be done: register an image of 6 snapshots');
  expect(status).toBe(0);
  expect(await destination()).toMatchObject({ instances: [], volumes: [], images: [] });
});

test('without --yes and without a terminal nothing is done', async () => {
  const { status, err } = await restore('apply', ...place).ended;

  expect(err).toContain('--yes');
  expect(status).toBe(2);
  expect(await destination()).toMatchObject({ instances: [], volumes: [], images: [] });
});

test('killed at every step and run again, it brings the database server back, once', async () => {
  const snapshots = new Set((await destination()).snapshots.map(({ SnapshotId }) => SnapshotId));
  const moments = [
    /register an image/,
    /ami-\w+: asked for|earlier run: ami-/,
    /launch one/,
    /\bi-\w+: asked for|earlier run: i-/,
    /give the volume at/,
    /done: vol-/,
    /deregister the image/,
  ];
  for (const moment of moments) {
    const command = restore('apply', ...place, '--yes');
    await command.told(moment);
    command.child.kill('SIGKILL');
    expect((await command.ended).status).toBeNull();
  }

  const { status, out, err } = await restore('apply', ...place, '--yes').ended;

  expect(err).not.toMatch(/\n {4}at /);
  expect(out).toMatch(
    new RegExp(`Restored ${DATABASE} as of 2026-11-02T03:00:00Z: i-\\w+ with 6 volumes in ${DESTINATION}`),
  );
  expect(status).toBe(0);
  await expectDatabase();
  // Nothing was lost either: every snapshot that was there still is.
  const now = new Set((await destination()).snapshots.map(({ SnapshotId }) => SnapshotId));
  expect([...snapshots].filter((id) => !now.has(id))).toEqual([]);
});

test('run once more, it finds that all is done', async () => {
  const before = await destination();

  const { status, err } = await restore('apply', ...place, '--yes').ended;

  expect(err).toMatch(/found from an earlier run: i-/);
  expect(err).not.toContain('asked for');
  expect(status).toBe(0);
  const after = await destination();
  expect(after.instances.map(({ InstanceId }) => InstanceId)).toEqual(
    before.instances.map(({ InstanceId }) => InstanceId),
  );
  await expectDatabase();
});

/** The same device map, types, sizes, IOPS, throughput, encryption and tags as before, once, and nothing else. */
async function expectDatabase(): Promise<void> {
  const { instances, volumes, images } = await destination();
  expect(images).toEqual([]);
  expect(instances).toHaveLength(1);
  const [instance] = instances;
  expect(instance).toMatchObject({
    State: { Name: 'running' },
    InstanceType: 'r7g.2xlarge',
    Architecture: 'arm64',
    RootDeviceName: '/dev/xvda',
    SubnetId: place[1],
    Placement: { AvailabilityZone: 'eu-west-1b' },
    SecurityGroups: [{ GroupId: place[3] }],
    IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/orders-db' },
    MetadataOptions: { HttpTokens: 'required' },
  });
  expect(tagsOf(instance?.Tags)).toEqual(DATABASE_TAGS);
  expect(volumes).toHaveLength(DATABASE_VOLUMES.length);
  const found = (instance?.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => {
    const volume = volumes.find(({ VolumeId }) => VolumeId === Ebs?.VolumeId);
    return {
      device: DeviceName,
      type: volume?.VolumeType,
      sizeGiB: volume?.Size,
      ...(volume?.VolumeType === 'gp2' || volume?.Iops === undefined ? {} : { iops: volume.Iops }),
      ...(volume?.Throughput === undefined ? {} : { throughput: volume.Throughput }),
      encrypted: volume?.Encrypted,
      deleteOnTermination: Ebs?.DeleteOnTermination,
      tags: tagsOf(volume?.Tags),
    };
  });
  const byDevice = <Item extends { device?: string | undefined }>(items: readonly Item[]) =>
    [...items].sort((a, b) => ((a.device ?? '') < (b.device ?? '') ? -1 : 1));
  expect(byDevice(found)).toEqual(byDevice(DATABASE_VOLUMES));
}
