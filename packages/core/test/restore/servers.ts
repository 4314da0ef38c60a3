import {
  copyTags,
  type Instance,
  pointOf,
  type Region,
  type Slot,
  type Snapshot,
  sourceTags,
  type Tags,
  type Volume,
  withUserTags,
} from '../../src/index.ts';
import type { RestoreFacts, RestoreRequest } from '../../src/restore/index.ts';
import {
  AWAY,
  anInstance,
  aVolume,
  HOME,
  HOUR,
  instanceId,
  NOW,
  SLOT,
  snapshotId,
  VAULT,
} from '../builders.ts';

/** An instance with its volumes, as they were when they were snapshotted. */
export interface Server {
  readonly instance: Instance;
  readonly volumes: readonly Volume[];
}

/** A database server with six volumes of four types. */
export const aDatabase = (with_: Partial<Instance> = {}): Server => {
  const volumes = [
    aVolume(1, { sizeGiB: 30, tags: { Name: 'db root' } }),
    aVolume(2, { volumeType: 'io2', iops: 16_000, sizeGiB: 500, throughput: undefined as never }),
    aVolume(3, { iops: 6_000, throughput: 500, tags: { Name: 'db wal', team: 'core' } }),
    aVolume(4, { volumeType: 'gp2', iops: 300, encrypted: true, kmsKeyId: 'arn:aws:kms:us-east-1:1:key/k' }),
    aVolume(5, { volumeType: 'st1', sizeGiB: 2_000 }),
    aVolume(6, {}),
  ];
  const instance = anInstance(1, [1, 2, 3, 4, 5, 6], {
    tags: { Name: 'db-1', backup: 'true', team: 'core' },
    instanceProfile: 'database',
    keyName: 'ops',
    metadataTokens: 'required',
    ...with_,
  });
  return { instance, volumes };
};

/** The completed snapshots of one run, in the source region. `first` numbers them. */
export function sourcesOf(
  { instance, volumes }: Server,
  { slot = SLOT, first = 100, together = true } = {},
): readonly Snapshot[] {
  return volumes.map((volume, index) => {
    const unit = { vault: VAULT, policy: 'default', slot: slot as Slot, instance };
    const ours = sourceTags({ ...unit, volumes: together ? volumes : [volume] });
    return {
      id: snapshotId(first + index),
      region: HOME,
      state: 'completed',
      volumeId: volume.id,
      sizeGiB: volume.sizeGiB,
      startedAt: Date.parse(slot) + 60_000,
      completedAt: Date.parse(slot) + HOUR,
      description: '',
      encrypted: volume.encrypted,
      storageTier: 'standard',
      tags: withUserTags(ours, volume.tags),
    };
  });
}

/** Their copies: all that is left when the source region is gone. */
export const copiesOf = (sources: readonly Snapshot[], region: Region = AWAY): readonly Snapshot[] =>
  sources.map((source) => {
    const ownership = pointOf(source, VAULT);
    if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));
    return {
      ...source,
      id: `${source.id.slice(0, -4)}c${source.id.slice(-3)}` as Snapshot['id'],
      region,
      volumeId: 'vol-ffffffff',
      tags: copyTags(source, ownership.point),
    };
  });

/** A region with one subnet, one security group and three zones, and nothing else. */
export const facts = (with_: Partial<RestoreFacts> = {}): RestoreFacts => ({
  snapshots: [],
  instances: [],
  volumes: [],
  made: { images: [], instances: [], volumes: [] },
  zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
  subnets: [{ id: 'subnet-a', vpcId: 'vpc-1', availabilityZone: 'eu-west-1a', cidr: '10.0.0.0/24' }],
  securityGroups: [{ id: 'sg-a', name: 'databases', vpcId: 'vpc-1' }],
  ...with_,
});

/** Restore the whole server in the destination. */
export const request = (with_: Partial<RestoreRequest> = {}): RestoreRequest => ({
  vault: VAULT,
  region: AWAY,
  subject: { kind: 'instance', id: instanceId(1) },
  force: false,
  mapped: {},
  securityGroupIds: [],
  attach: 'no',
  launch: false,
  keepImage: false,
  ...with_,
});

/** A volume that a restore made. */
export const madeVolume = (number: number, tags: Tags, with_: Partial<Volume> = {}): Volume => ({
  ...aVolume(number),
  region: AWAY,
  state: 'available',
  availabilityZone: 'eu-west-1a',
  tags,
  ...with_,
});

export { NOW };
