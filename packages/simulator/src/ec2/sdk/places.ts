import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  SecurityGroup,
  Subnet,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '../api.ts';
import type { ZoneInfo } from '../describe-others.ts';
import type { SecurityGroupRecord, SubnetRecord } from '../types.ts';
import { asText, defined, describeInput, filtersOf, tagsOf } from './values.ts';

export function describeSubnets(api: Ec2Api, input: DescribeSubnetsRequest): DescribeSubnetsResult {
  const page = api.describeSubnets(describeInput(input, input.SubnetIds));
  return {
    Subnets: page.items.map((subnet) => subnetOf(api, subnet)),
    ...defined('NextToken', page.nextToken),
  };
}

const subnetOf = (api: Ec2Api, subnet: SubnetRecord): Subnet => ({
  SubnetId: subnet.id,
  VpcId: subnet.vpcId,
  AvailabilityZone: subnet.availabilityZone,
  CidrBlock: subnet.cidrBlock,
  State: 'available',
  OwnerId: api.accountId,
  DefaultForAz: subnet.defaultForAz,
  MapPublicIpOnLaunch: subnet.defaultForAz,
  AvailableIpAddressCount: 4091,
  ...defined('Tags', tagsOf(subnet.tags)),
});

/** Rules are not modelled: every group lets nothing in. Names belong to the default VPC. */
export function describeSecurityGroups(
  api: Ec2Api,
  input: DescribeSecurityGroupsRequest,
): DescribeSecurityGroupsResult {
  const { GroupNames = [], Filters = [] } = input;
  const names = GroupNames.length === 0 ? [] : [{ Name: 'group-name', Values: GroupNames }];
  const all = { ...input, Filters: [...Filters, ...names] };
  const page = api.describeSecurityGroups(describeInput(all, input.GroupIds));
  return {
    SecurityGroups: page.items.map((group) => groupOf(api, group)),
    ...defined('NextToken', page.nextToken),
  };
}

const groupOf = (api: Ec2Api, group: SecurityGroupRecord): SecurityGroup => ({
  GroupId: group.id,
  GroupName: asText(group.name),
  Description: asText(group.description),
  VpcId: group.vpcId,
  OwnerId: api.accountId,
  IpPermissions: [],
  IpPermissionsEgress: [],
  ...defined('Tags', tagsOf(group.tags)),
});

export function describeAvailabilityZones(
  api: Ec2Api,
  input: DescribeAvailabilityZonesRequest,
): DescribeAvailabilityZonesResult {
  const zones = api.describeAvailabilityZones({
    names: input.ZoneNames ?? [],
    zoneIds: input.ZoneIds ?? [],
    filters: filtersOf(input.Filters ?? []),
    dryRun: input.DryRun ?? false,
  });
  return { AvailabilityZones: zones.map(zoneOf) };
}

const zoneOf = ({ name, zoneId, region }: ZoneInfo): AvailabilityZone => ({
  ZoneName: name,
  State: 'available',
  RegionName: region,
  ZoneId: zoneId,
  GroupName: `${region}-zg-1`,
  NetworkBorderGroup: region,
  ZoneType: 'availability-zone',
  OptInStatus: 'opt-in-not-required',
  Messages: [],
});

export function describeRegions(api: Ec2Api, input: DescribeRegionsRequest): DescribeRegionsResult {
  const regions = api.describeRegions({
    names: input.RegionNames ?? [],
    all: input.AllRegions ?? false,
    filters: filtersOf(input.Filters ?? []),
    dryRun: input.DryRun ?? false,
  });
  return {
    Regions: regions.map(({ name, optInStatus }) => ({
      RegionName: name,
      Endpoint: `ec2.${name}.amazonaws.com`,
      OptInStatus: optInStatus,
    })),
  };
}
