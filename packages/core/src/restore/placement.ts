import type { Instance } from '../model.ts';
import type { Point } from '../point.ts';
import type { SecurityGroup, Subnet } from './calls.ts';
import type { Problem, RestoreFacts, RestoreRequest, Unknown } from './types.ts';

/** Not terminated, and not on the way there. */
export const isAlive = ({ state }: Pick<Instance, 'state'>): boolean =>
  state !== 'terminated' && state !== 'shutting-down';

/** A value that was found, or what has to be asked, or what is wrong with what was given. */
export interface Found<Value> {
  readonly value?: Value;
  readonly unknown?: Unknown;
  readonly problem?: Problem;
  readonly notice?: string;
}

/** The subnet of a new instance: given, mapped, the original one when it is here, or the only one there is. */
export function findSubnet(facts: RestoreFacts, request: RestoreRequest, point: Point): Found<Subnet> {
  const { subnetId: original } = point.instance;
  const { availabilityZone: zone, region } = request;
  const asked = request.subnetId ?? (original === undefined ? undefined : request.mapped[original]);
  const inZone = facts.subnets.filter((subnet) => zone === undefined || subnet.availabilityZone === zone);
  if (asked !== undefined) return givenSubnet(asked, inZone, request);
  const same = inZone.find(({ id }) => id === original);
  if (same !== undefined) return { value: same, notice: `subnet ${same.id}, as it was` };
  const [only, ...others] = inZone;
  if (only !== undefined && others.length === 0)
    return { value: only, notice: `subnet ${subnetText(only)}: the only one in ${zone ?? region}` };
  return {
    unknown: {
      field: 'subnetId',
      option: '--subnet',
      why: `the subnet ${original ?? 'that it was in'} is not in ${zone ?? region}`,
      choices: inZone.map((subnet) => ({ value: subnet.id, about: aboutSubnet(subnet) })),
    },
  };
}

function givenSubnet(
  asked: string,
  inZone: readonly Subnet[],
  { availabilityZone, region }: RestoreRequest,
): Found<Subnet> {
  const value = inZone.find(({ id }) => id === asked);
  if (value !== undefined) return { value };
  return {
    problem: {
      text: `there is no subnet ${asked} in ${availabilityZone ?? region}`,
      fix: `give one of these with --subnet: ${inZone.map(subnetText).join(', ') || 'none; make one first'}`,
    },
  };
}

const aboutSubnet = ({ name, availabilityZone, vpcId, cidr }: Subnet): string =>
  [name, availabilityZone, vpcId, cidr].filter((text) => text !== undefined).join(', ');
const subnetText = (subnet: Subnet): string => `${subnet.id} (${aboutSubnet(subnet)})`;

/** The security groups of a new instance: given, all mapped, the original ones when they are here, or the only one. */
export function findGroups(
  facts: RestoreFacts,
  request: RestoreRequest,
  point: Point,
  subnet: Subnet | undefined,
): Found<readonly string[]> {
  if (subnet === undefined && request.securityGroupIds.length === 0) {
    // Groups belong to a VPC, so the subnet has to be known first.
    return { unknown: unknownGroups(point, facts.securityGroups, request.mapped) };
  }
  const here = facts.securityGroups.filter(({ vpcId }) => subnet === undefined || vpcId === subnet.vpcId);
  const original = point.instance.securityGroupIds;
  const given = request.securityGroupIds;
  if (given.length > 0) return givenGroups(given, here, subnet);
  const carried = original.map((id) => request.mapped[id] ?? id);
  const isHere = (id: string): boolean => here.some((group) => group.id === id);
  if (carried.length > 0 && carried.every(isHere)) return { value: carried };
  const [only, ...others] = here;
  const anyMapped = original.some((id) => request.mapped[id] !== undefined);
  if (only !== undefined && others.length === 0 && !anyMapped)
    return { value: [only.id], notice: `security group ${groupText(only)}: the only one in ${only.vpcId}` };
  return { unknown: unknownGroups(point, here, request.mapped) };
}

function givenGroups(
  given: readonly string[],
  here: readonly SecurityGroup[],
  subnet: Subnet | undefined,
): Found<readonly string[]> {
  const wrong = given.filter((id) => !here.some((group) => group.id === id));
  if (wrong.length === 0) return { value: given };
  return {
    problem: {
      text: `${wrong.join(', ')} is no security group of ${subnet?.vpcId ?? 'this region'}`,
      fix: `give one of these with --security-group: ${here.map(groupText).join(', ')}`,
    },
  };
}

function unknownGroups(
  point: Point,
  groups: readonly SecurityGroup[],
  mapped: RestoreRequest['mapped'],
): Unknown {
  const original = point.instance.securityGroupIds.filter((id) => mapped[id] === undefined);
  return {
    field: 'securityGroupIds',
    option: '--security-group',
    why:
      original.length === 0
        ? 'its security groups are not known'
        : `its security groups ${original.join(', ')} are not here; give others, or map each with old=new`,
    choices: groups.map((group) => ({ value: group.id, about: `${group.name}, ${group.vpcId}` })),
  };
}

const groupText = ({ id, name }: SecurityGroup): string => `${id} (${name})`;

/** The zone of a new volume: given, that of the instance that gets it, the one it was in, or the only one. */
export function findZone(
  facts: RestoreFacts,
  request: RestoreRequest,
  point: Point,
  target: Instance | undefined,
): Found<string> {
  const { availabilityZone: asked, region } = request;
  const ofTarget = target?.availabilityZone;
  if (asked !== undefined && ofTarget !== undefined && asked !== ofTarget && request.attach !== 'no')
    return {
      problem: {
        text: `${target?.id} is in ${ofTarget}, not in ${asked}: a volume can be attached in its own zone only`,
        fix: `leave --az out, or give --az ${ofTarget}`,
      },
    };
  if (asked !== undefined && !facts.zones.includes(asked))
    return {
      problem: {
        text: `${asked} is no availability zone of ${region}`,
        fix: `give one of these with --az: ${facts.zones.join(', ')}`,
      },
    };
  const old = facts.volumes.find(({ id }) => id === point.volumeId)?.availabilityZone;
  const before = [old, point.instance.availabilityZone].find((zone) => zone && facts.zones.includes(zone));
  const [only, ...others] = facts.zones;
  const value = asked ?? ofTarget ?? before ?? (others.length === 0 ? only : undefined);
  if (value !== undefined) return { value };
  return {
    unknown: {
      field: 'availabilityZone',
      option: '--az',
      why: `it was in ${point.instance.availabilityZone ?? 'a zone that is not known'}, which is not in ${region}`,
      choices: facts.zones.map((zone) => ({ value: zone, about: '' })),
    },
  };
}
