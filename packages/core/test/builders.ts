import {
  type Instance,
  type InstanceId,
  type Policy,
  type PruneInputs,
  type Region,
  type RegionInventory,
  type Slot,
  type Snapshot,
  type SnapshotId,
  slotAt,
  type Tags,
  type Volume,
  type VolumeId,
} from '../src/index.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** 2026-11-22T07:00:00Z: four hours after the slot of the day, when its copies are complete. */
export const NOW = Date.UTC(2026, 10, 22, 7);
export const SLOT = '2026-11-22T03:00:00Z' as Slot;
export const HOME = 'us-east-1' as Region;
export const AWAY = 'eu-west-1' as Region;
export const FAR = 'ap-southeast-2' as Region;
export const VAULT = 'smart-vault';

const hex = (number: number): string => number.toString(16).padStart(17, '0');
export const snapshotId = (number: number): SnapshotId => `snap-${hex(number)}` as SnapshotId;
export const volumeId = (number: number): VolumeId => `vol-${hex(number)}` as VolumeId;
export const instanceId = (number: number): InstanceId => `i-${hex(number)}` as InstanceId;
/** The daily slot of so many days before `NOW`'s. */
export const slotDaysAgo = (days: number): Slot => slotAt(Date.parse(SLOT) - days * DAY);

export const aPolicy = (with_: Partial<Policy> = {}): Policy => ({
  name: 'default',
  tagKey: 'backup',
  tagValue: 'true',
  consistency: 'instance',
  retentionDays: 7,
  keepMin: 3,
  graceHours: 24,
  destinations: [AWAY],
  ...with_,
});

export const aVolume = (number: number, with_: Partial<Volume> = {}): Volume => ({
  id: volumeId(number),
  region: HOME,
  state: 'in-use',
  tags: {},
  volumeType: 'gp3',
  sizeGiB: 100,
  iops: 3000,
  throughput: 125,
  encrypted: false,
  ...with_,
});

/** An instance with these volumes; the first is its root. */
export const anInstance = (
  number: number,
  volumes: readonly number[],
  with_: Partial<Instance> = {},
): Instance => ({
  id: instanceId(number),
  region: HOME,
  state: 'running',
  tags: { backup: 'true' },
  instanceType: 'm7g.large',
  architecture: 'arm64',
  bootMode: 'uefi',
  rootDeviceName: '/dev/xvda',
  availabilityZone: 'us-east-1a',
  subnetId: 'subnet-0123456789abcdef0',
  securityGroupIds: ['sg-0123456789abcdef0'],
  devices: volumes.map((volume, index) => ({
    volumeId: volumeId(volume),
    deviceName: index === 0 ? '/dev/xvda' : `/dev/xvdb${index}`,
    deleteOnTermination: index === 0,
  })),
  ...with_,
});

export interface PointFacts {
  readonly id?: number;
  readonly volume?: number;
  readonly instance?: number;
  readonly slot?: Slot;
  readonly vault?: string;
  readonly policy?: string;
  readonly condemnedAt?: number;
  /** Of what was condemned: when the vault asked EC2 to delete it. */
  readonly deletedAt?: number;
  readonly tags?: Tags;
}

const ourTags = (facts: PointFacts): Tags => ({
  'smart-vault:vault': facts.vault ?? VAULT,
  'smart-vault:policy': facts.policy ?? 'default',
  'smart-vault:slot': facts.slot ?? SLOT,
  'smart-vault:instance': instanceId(facts.instance ?? 1),
  ...(facts.condemnedAt === undefined
    ? {}
    : {
        'smart-vault:condemned-at': [
          facts.condemnedAt,
          ...(facts.deletedAt === undefined ? [] : [facts.deletedAt]),
        ]
          .map((ms) => new Date(ms).toISOString())
          .join(', deleted '),
      }),
});

/** A good source snapshot, as the snapshotter makes it: started a minute after its slot, complete an hour later. */
export const aSource = (facts: PointFacts = {}, with_: Partial<Snapshot> = {}): Snapshot => {
  const slotMs = Date.parse(facts.slot ?? SLOT);
  return {
    id: snapshotId(facts.id ?? 1),
    region: HOME,
    state: 'completed',
    volumeId: volumeId(facts.volume ?? 1),
    sizeGiB: 100,
    startedAt: slotMs + 60_000,
    completedAt: slotMs + HOUR,
    description: '',
    encrypted: false,
    storageTier: 'standard',
    tags: { ...ourTags(facts), ...facts.tags },
    ...with_,
  };
};

/** A good copy in a destination. `of` is the number of the source snapshot. */
export const aCopy = (
  facts: PointFacts & { readonly of?: number; readonly region?: Region } = {},
  with_: Partial<Snapshot> = {},
): Snapshot => {
  const slotMs = Date.parse(facts.slot ?? SLOT);
  return {
    ...aSource({ ...facts, id: facts.id ?? 1001 }),
    region: facts.region ?? AWAY,
    volumeId: 'vol-ffffffff',
    startedAt: slotMs + 2 * HOUR,
    completedAt: slotMs + 3 * HOUR,
    tags: {
      ...ourTags(facts),
      'smart-vault:volume': volumeId(facts.volume ?? 1),
      'smart-vault:started-at': new Date(slotMs + 60_000).toISOString(),
      CopiedFrom: HOME,
      OriginalSnapshotId: snapshotId(facts.of ?? 1),
      ...facts.tags,
    },
    ...with_,
  };
};

export const anInventory = (
  region: Region,
  snapshots: readonly Snapshot[],
  with_: Partial<RegionInventory> = {},
): RegionInventory => ({ region, snapshots, inImages: new Set(), locked: new Set(), ...with_ });

/** What the pruner knows when these are all the snapshots there are. */
export const pruneInputs = (
  sources: readonly Snapshot[],
  copies: readonly Snapshot[] = [],
  with_: Partial<PruneInputs> = {},
): PruneInputs => ({
  now: NOW,
  vault: VAULT,
  policy: aPolicy(),
  source: HOME,
  limits: { deletesPerRunMax: 200, deleteShareMax: 0.2 },
  regions: [anInventory(HOME, sources), anInventory(AWAY, copies)],
  ...with_,
});

/** Daily sources of one volume, ids `first`, `first + 1`, … for these days ago. */
export const dailySources = (
  daysAgo: readonly number[],
  facts: PointFacts & { first?: number } = {},
): Snapshot[] =>
  daysAgo.map((days, index) =>
    aSource({ ...facts, id: (facts.first ?? 1) + index, slot: slotDaysAgo(days) }),
  );

/** Copies of the same days, of the sources with ids from `of` on. */
export const dailyCopies = (
  daysAgo: readonly number[],
  facts: PointFacts & { first?: number; of?: number; region?: Region } = {},
): Snapshot[] =>
  daysAgo.map((days, index) =>
    aCopy({
      ...facts,
      id: (facts.first ?? 1001) + index,
      of: (facts.of ?? 1) + index,
      slot: slotDaysAgo(days),
    }),
  );
