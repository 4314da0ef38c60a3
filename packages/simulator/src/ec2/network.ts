import { idOf } from './ids.ts';
import { Store } from './store.ts';
import type { InstanceRecord, Json, JsonObject, SecurityGroupRecord, SubnetRecord } from './types.ts';

const AT_ONCE = { maxMs: 0, now: () => 0, share: () => 0 };

/**
 * Zones, subnets and security groups of a region: three zones, a default VPC with a subnet in each and its default
 * security group, and whatever the instances of a loaded fleet name. Readers see all of it at once.
 */
export class Network {
  readonly subnets = new Store<SubnetRecord>(AT_ONCE);
  readonly groups = new Store<SecurityGroupRecord>(AT_ONCE);
  readonly defaultVpcId: string;
  readonly #region: string;
  readonly #letters = new Set(['a', 'b', 'c']);

  constructor(region: string, seed: number) {
    this.#region = region;
    this.defaultVpcId = idOf('vpc-', seed, `${region}/default`);
    for (const [at, letter] of [...this.#letters].entries()) {
      this.subnets.put({
        id: idOf('subnet-', seed, `${region}/default/${letter}`),
        vpcId: this.defaultVpcId,
        availabilityZone: region + letter,
        cidrBlock: `172.31.${at * 16}.0/20`,
        defaultForAz: true,
        tags: new Map(),
      });
    }
    this.#putGroup(idOf('sg-', seed, `${region}/default`), 'default', this.defaultVpcId);
  }

  /** Names of the zones, in order. */
  zones(): string[] {
    return [...this.#letters].sort().map((letter) => this.#region + letter);
  }

  /** The subnet that an instance gets which names none. @param zone any when absent */
  defaultSubnet(zone: string | undefined): SubnetRecord | undefined {
    for (const subnet of this.subnets.values()) {
      if (subnet.defaultForAz && (zone === undefined || subnet.availabilityZone === zone)) return subnet;
    }
    return undefined;
  }

  /** The security group that an instance gets which names none. */
  defaultGroup(vpcId: string): SecurityGroupRecord | undefined {
    for (const group of this.groups.values()) {
      if (group.vpcId === vpcId && group.name === 'default') return group;
    }
    return undefined;
  }

  /** Learns the zone, the subnet and the security groups that an instance is in. */
  learn({ raw }: InstanceRecord): void {
    const zone = textAt(objectAt(raw, 'Placement'), 'AvailabilityZone') ?? `${this.#region}a`;
    this.learnZone(zone);
    const vpcId = textAt(raw, 'VpcId') ?? this.defaultVpcId;
    const subnetId = textAt(raw, 'SubnetId');
    if (subnetId !== undefined && this.subnets.get(subnetId) === undefined) {
      const at = this.subnets.size;
      const cidrBlock = `10.${at % 256}.0.0/20`;
      this.subnets.put({
        id: subnetId,
        vpcId,
        availabilityZone: zone,
        cidrBlock,
        defaultForAz: false,
        tags: new Map(),
      });
    }
    const groups = raw['SecurityGroups'];
    for (const group of Array.isArray(groups) ? (groups as readonly Json[]) : []) {
      const id = textAt(group, 'GroupId');
      if (id !== undefined && this.groups.get(id) === undefined)
        this.#putGroup(id, textAt(group, 'GroupName') ?? id, vpcId);
    }
  }

  /** Zones are the region's name and a letter; Local Zones are not modelled. */
  learnZone(zone: string): void {
    if (zone.length === this.#region.length + 1 && zone.startsWith(this.#region))
      this.#letters.add(zone.slice(-1));
  }

  #putGroup(id: string, name: string, vpcId: string): void {
    this.groups.put({ id, name, description: `${name} VPC security group`, vpcId, tags: new Map() });
  }
}

function objectAt(raw: Json | undefined, key: string): Json | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  return (raw as JsonObject)[key];
}

function textAt(raw: Json | undefined, key: string): string | undefined {
  const value = objectAt(raw, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
