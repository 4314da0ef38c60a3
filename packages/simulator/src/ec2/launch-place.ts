import type { IamInstanceProfileSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2';
import { hash32 } from '../prng.ts';
import { Ec2Error, invalidValue } from './errors.ts';
import { checkId, GROUP_ID, idOf, notFound, SUBNET_ID } from './ids.ts';
import type { RegionState } from './region.ts';
import type { JsonObject, SecurityGroupRecord, SubnetRecord } from './types.ts';

/** Where an instance will be. */
export interface LaunchPlace {
  readonly zone: string;
  readonly subnet: SubnetRecord;
  readonly groups: readonly SecurityGroupRecord[];
  /** The private address that belongs to a label. */
  addressOf(label: string): string;
}

/** The subnet and the security groups that a request names, or the region's defaults. @throws Ec2Error */
export function launchPlace(region: RegionState, input: RunInstancesRequest): LaunchPlace {
  const subnet = subnetOf(region, input);
  const groups = groupsOf(region, input, subnet);
  const [a, b, c] = subnet.cidrBlock.split('.').map(Number);
  const addressOf = (label: string): string => {
    const number = 4 + (hash32(label) % 4000);
    return `${a}.${b}.${(c ?? 0) + (number >> 8)}.${number & 255}`;
  };
  return { zone: subnet.availabilityZone, subnet, groups, addressOf };
}

function subnetOf(region: RegionState, { SubnetId, Placement }: RunInstancesRequest): SubnetRecord {
  const zone = Placement?.AvailabilityZone;
  if (zone !== undefined && !region.network.zones().includes(zone))
    throw invalidValue(`Invalid availability zone: [${zone}]`);
  if (SubnetId === undefined) {
    const subnet = region.network.defaultSubnet(zone);
    if (subnet !== undefined) return subnet;
    throw new Ec2Error('MissingInput', `No default subnet for availability zone: '${zone ?? ''}'.`);
  }
  const subnet = region.network.subnets.get(checkId(SubnetId, SUBNET_ID));
  if (subnet === undefined) throw notFound([SubnetId], SUBNET_ID);
  if (zone !== undefined && zone !== subnet.availabilityZone)
    throw invalidValue(`The subnet '${SubnetId}' is in ${subnet.availabilityZone}, not in ${zone}`);
  return subnet;
}

function groupsOf(
  region: RegionState,
  { SecurityGroupIds = [], SecurityGroups = [], SubnetId }: RunInstancesRequest,
  subnet: SubnetRecord,
): SecurityGroupRecord[] {
  if (SecurityGroups.length > 0 && SubnetId !== undefined) {
    const message = 'The parameter groupName cannot be used with the parameter subnet';
    throw new Ec2Error('InvalidParameterCombination', message);
  }
  const groups = [
    ...SecurityGroupIds.map((id) => region.network.groups.get(checkId(id, GROUP_ID)) ?? lost(id)),
    ...SecurityGroups.map((name) => groupNamed(region, name)),
  ];
  for (const { id, vpcId } of groups) {
    if (vpcId === subnet.vpcId) continue;
    const message = `Security group ${id} and subnet ${subnet.id} belong to different networks.`;
    throw new Ec2Error('InvalidParameter', message);
  }
  const common = region.network.defaultGroup(subnet.vpcId);
  return groups.length > 0 || common === undefined ? groups : [common];
}

function groupNamed(region: RegionState, name: string): SecurityGroupRecord {
  for (const group of region.network.groups.values()) {
    if (group.name === name && group.vpcId === region.network.defaultVpcId) return group;
  }
  return lost(name);
}

function lost(name: string): never {
  throw notFound([name], GROUP_ID);
}

/** An instance profile as an instance shows it. IAM is not modelled: every profile is there. @throws Ec2Error */
export function profileOf(
  { account }: RegionState,
  profile: IamInstanceProfileSpecification | undefined,
): JsonObject | undefined {
  if (profile?.Name === undefined && profile?.Arn === undefined) return undefined;
  if (profile.Name !== undefined && profile.Arn !== undefined) {
    const message =
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'";
    throw new Ec2Error('InvalidParameterCombination', message);
  }
  const Arn = profile.Arn ?? `arn:aws:iam::${account.accountId}:instance-profile/${profile.Name}`;
  if (!/^arn:aws:iam::\d{12}:instance-profile\/[\w+=,.@/-]+$/.test(Arn))
    throw invalidValue(
      `Value (${Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    );
  return { Arn, Id: idOf('AIPA', account.seed, Arn).toUpperCase() };
}
