import {
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type EC2Client,
  type Image as Ec2Image,
  type SecurityGroup as Ec2SecurityGroup,
  type Subnet as Ec2Subnet,
  type Filter,
} from '@aws-sdk/client-ec2';
import { type Instance, type Region, type Snapshot, TAG, type Volume } from '@smart-vault/core';
import type { Image, RestoreStore, SecurityGroup, Subnet } from '@smart-vault/core/restore';
import { callAws } from './ebs-errors.ts';
import { exactly, tagged } from './ec2-filters.ts';
import { listed, toInstance, toSnapshot, toTags, toVolume } from './ec2-mapping.ts';
import { findById, uniqueById } from './find-by-id.ts';
import { collectPages } from './paginate.ts';

type RestoreReads = Omit<RestoreStore, 'region' | 'carryOut' | 'tryOut'>;

const PER_PAGE = 1_000;
/** DescribeVolumes has been documented with 500 and with 1,000. */
const VOLUMES_PER_PAGE = 500;
/** Carried by everything that a restore makes. */
const MADE: Filter = { Name: 'tag-key', Values: [TAG.restore] };

/** The reading half of a restore store. Ids go into filters, so that a missing one fails no call. */
export function restoreReads(client: EC2Client, region: Region): RestoreReads {
  const snapshots = (filters: Filter[]) => listSnapshots(client, region, filters);
  const instances = (filters: Filter[]) => listInstances(client, region, filters);
  const volumes = (filters: Filter[]) => listVolumes(client, region, filters);
  return {
    listSnapshotsOf: async (vault, { kind, id }) => {
      const ours = tagged(TAG.vault, [vault]);
      if (kind === 'instance') return snapshots([ours, tagged(TAG.instance, [id])]);
      // A source snapshot knows its volume by EC2, a copy by its tag.
      const found = [
        ...(await snapshots([ours, exactly('volume-id', [id])])),
        ...(await snapshots([ours, tagged(TAG.volume, [id])])),
      ];
      return uniqueById(found);
    },
    listMade: async () => ({
      images: await listImages(client, [MADE]),
      instances: await instances([MADE]),
      volumes: await volumes([MADE]),
    }),
    findImages: (ids) => findById(ids, (some) => listImages(client, [exactly('image-id', some)])),
    findInstances: (ids) => findById(ids, (some) => instances([exactly('instance-id', some)])),
    findVolumes: (ids) => findById(ids, (some) => volumes([exactly('volume-id', some)])),
    listZones: () => listZones(client),
    listSubnets: () => listSubnets(client),
    listSecurityGroups: () => listSecurityGroups(client),
  };
}

const listSnapshots = (client: EC2Client, region: Region, Filters: Filter[]): Promise<Snapshot[]> =>
  collectPages('DescribeSnapshots', async (NextToken) => {
    const command = new DescribeSnapshotsCommand({
      OwnerIds: ['self'],
      Filters,
      MaxResults: PER_PAGE,
      NextToken,
    });
    const answer = await callAws('DescribeSnapshots', () => client.send(command));
    const found = listed('DescribeSnapshots', answer.Snapshots);
    return { items: found.map((each) => toSnapshot(each, region)), nextToken: answer.NextToken };
  });

const listInstances = (client: EC2Client, region: Region, Filters: Filter[]): Promise<Instance[]> =>
  collectPages('DescribeInstances', async (NextToken) => {
    const command = new DescribeInstancesCommand({ Filters, MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('DescribeInstances', () => client.send(command));
    const found = listed('DescribeInstances', answer.Reservations).flatMap(({ Instances = [] }) => Instances);
    return { items: found.map((each) => toInstance(each, region)), nextToken: answer.NextToken };
  });

const listVolumes = (client: EC2Client, region: Region, Filters: Filter[]): Promise<Volume[]> =>
  collectPages('DescribeVolumes', async (NextToken) => {
    const command = new DescribeVolumesCommand({ Filters, MaxResults: VOLUMES_PER_PAGE, NextToken });
    const answer = await callAws('DescribeVolumes', () => client.send(command));
    const found = listed('DescribeVolumes', answer.Volumes);
    return { items: found.map((each) => toVolume(each, region)), nextToken: answer.NextToken };
  });

/** Images of this account that fit. */
export const listImages = (client: EC2Client, Filters: Filter[]): Promise<Image[]> =>
  collectPages('DescribeImages', async (NextToken) => {
    const command = new DescribeImagesCommand({ Owners: ['self'], Filters, MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('DescribeImages', () => client.send(command));
    return {
      items: listed('DescribeImages', answer.Images).flatMap(toImage),
      nextToken: answer.NextToken,
    };
  });

const toImage = ({ ImageId: id, Name: name = '', State, Tags }: Ec2Image): Image[] =>
  id === undefined ? [] : [{ id, name, state: State ?? '', tags: toTags(Tags) }];

/** Zones of the region itself: no Local Zones, no Wavelength. This listing has no pages. */
async function listZones(client: EC2Client): Promise<readonly string[]> {
  const command = new DescribeAvailabilityZonesCommand({});
  const answer = await callAws('DescribeAvailabilityZones', () => client.send(command));
  return listed('DescribeAvailabilityZones', answer.AvailabilityZones)
    .flatMap(({ ZoneName, State, ZoneType = 'availability-zone' }) =>
      ZoneName !== undefined && State === 'available' && ZoneType === 'availability-zone' ? [ZoneName] : [],
    )
    .sort();
}

const listSubnets = (client: EC2Client): Promise<Subnet[]> =>
  collectPages('DescribeSubnets', async (NextToken) => {
    const command = new DescribeSubnetsCommand({ MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('DescribeSubnets', () => client.send(command));
    return {
      items: listed('DescribeSubnets', answer.Subnets).flatMap(toSubnet),
      nextToken: answer.NextToken,
    };
  });

function toSubnet({ SubnetId, VpcId, AvailabilityZone, CidrBlock, Tags, State }: Ec2Subnet): Subnet[] {
  if (SubnetId === undefined || State === 'pending') return [];
  const name = toTags(Tags)['Name'];
  return [
    {
      id: SubnetId,
      vpcId: VpcId ?? '',
      availabilityZone: AvailabilityZone ?? '',
      cidr: CidrBlock ?? '',
      ...(name === undefined ? {} : { name }),
    },
  ];
}

const listSecurityGroups = (client: EC2Client): Promise<SecurityGroup[]> =>
  collectPages('DescribeSecurityGroups', async (NextToken) => {
    const command = new DescribeSecurityGroupsCommand({ MaxResults: PER_PAGE, NextToken });
    const answer = await callAws('DescribeSecurityGroups', () => client.send(command));
    return {
      items: listed('DescribeSecurityGroups', answer.SecurityGroups).flatMap(toSecurityGroup),
      nextToken: answer.NextToken,
    };
  });

const toSecurityGroup = ({ GroupId, GroupName = '', VpcId = '' }: Ec2SecurityGroup): SecurityGroup[] =>
  GroupId === undefined ? [] : [{ id: GroupId, name: GroupName, vpcId: VpcId }];
