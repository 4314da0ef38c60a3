import { type InstanceRecord, Rng, type TagMap, type VolumeRecord } from '@smart-vault/simulator';
import { ACCOUNT } from './account.ts';
import type { WorldKnobs } from './packs.ts';
import type { VaultWorld } from './vault-world.ts';

/** Characters that have broken other people's mails, logs and tables. */
const ODD_NAMES = [
  'db\nBcc: everybody@example.com',
  '"; DROP TABLE volumes; --',
  '\u001b[31mred\u001b[0m',
  '\u202eevil',
  '=HYPERLINK("http://example.com")',
  'x'.repeat(255),
  'ключ-データ-🗄️',
  '   ',
] as const;

/** Ids of what lives in the source region, in a fixed order. */
export interface Population {
  readonly instances: readonly string[];
  readonly volumes: readonly string[];
}

/** Fills the world's source region with instances and volumes, and all regions with other people's snapshots. */
export function populate(world: VaultWorld, knobs: WorldKnobs): Population {
  const rng = new Rng(knobs.seed).fork('population');
  const instances: string[] = [];
  const volumes: string[] = [];
  knobs.instances.forEach((count, index) => {
    const instanceId = `i-${hex(index + 1)}`;
    const ids = Array.from({ length: count }, (_, place) => `vol-${hex((index + 1) * 256 + place)}`);
    ids.forEach((id, place) => {
      world.ec2.operator.putVolume(
        world.facts.source,
        volumeOf(id, instanceId, deviceName(place), knobs, rng),
      );
    });
    world.ec2.operator.putInstance(world.facts.source, instanceOf(instanceId, ids, knobs, rng));
    instances.push(instanceId);
    volumes.push(...ids);
  });
  if (knobs.foreignShare > 0) addForeign(world, volumes, rng.fork('foreign'));
  return { instances, volumes };
}

const hex = (n: number): string => n.toString(16).padStart(17, '0');
const deviceName = (place: number): string =>
  place === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(102 + place)}`;

function instanceOf(id: string, volumes: readonly string[], knobs: WorldKnobs, rng: Rng): InstanceRecord {
  const name = knobs.conditions.includes('odd-names') ? rng.pick(ODD_NAMES) : `server-${id.slice(-2)}`;
  return {
    id,
    reservationId: `r-${id.slice(2)}`,
    ownerId: ACCOUNT,
    state: rng.chance(0.2) ? 'stopped' : 'running',
    rootDeviceName: '/dev/xvda',
    tags: new Map([
      ['backup', 'true'],
      ['Name', name],
    ]),
    devices: volumes.map((volumeId, place) => ({
      deviceName: deviceName(place),
      volumeId,
      deleteOnTermination: place === 0,
      status: 'attached',
    })),
    raw: {
      InstanceType: 'm7i.large',
      Architecture: 'x86_64',
      Placement: { AvailabilityZone: 'us-east-1a' },
      SubnetId: 'subnet-0123456789abcdef0',
      SecurityGroups: [{ GroupId: 'sg-0123456789abcdef0', GroupName: 'default' }],
    },
  };
}

function volumeOf(id: string, instanceId: string, device: string, knobs: WorldKnobs, rng: Rng): VolumeRecord {
  const encrypted = rng.chance(0.3);
  return {
    id,
    state: 'in-use',
    sizeGiB: rng.pick([1, 8, 100]),
    volumeType: rng.pick(knobs.prunerMode === 'live' ? ['gp3', 'gp3', 'gp2', 'io2', 'st1'] : ['gp3']),
    encrypted,
    ...(encrypted
      ? { kmsKeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/11111111-2222-4333-8444-555555555555` }
      : {}),
    availabilityZone: 'us-east-1a',
    tags: volumeTags(id, knobs, rng),
    attachments: [{ instanceId, device, state: 'attached', deleteOnTermination: false }],
    raw: {},
  };
}

function volumeTags(id: string, knobs: WorldKnobs, rng: Rng): TagMap {
  const tags = new Map<string, string>();
  const same = knobs.conditions.includes('same-tags');
  tags.set(
    'Name',
    knobs.conditions.includes('odd-names') ? rng.pick(ODD_NAMES) : same ? 'data' : `disk-${id.slice(-3)}`,
  );
  if (!knobs.conditions.includes('odd-tags')) return tags;
  // Users may set neither aws: nor, in their right mind, ours; both have been seen.
  tags.set('aws:cloudformation:stack-name', 'web');
  tags.set('CopiedFrom', 'mars-north-1');
  tags.set('smart-vault:slot', '1999-01-01T00:00:00Z');
  tags.set('InstanceId', 'i-00000000000000000');
  const more = rng.int(0, 44);
  for (let n = 0; n < more; n += 1) tags.set(`team:${n}`, rng.pick(ODD_NAMES).slice(0, 255));
  return tags;
}

/** Snapshots by hand, by another vault, by AWS Backup, and some with tags that only look like ours. */
function addForeign(world: VaultWorld, volumes: readonly string[], rng: Rng): void {
  const { source, vault, regions } = world.facts;
  for (const region of regions) {
    volumes.forEach((volumeId, index) => {
      const kinds: Readonly<Record<string, string>>[] = [
        { Name: 'by hand' },
        {
          'smart-vault:vault': `${vault}-other`,
          'smart-vault:policy': 'default',
          'smart-vault:slot': '2026-01-01T00:00:00Z',
          'smart-vault:instance': 'i-00000000000000001',
          'smart-vault:volume': volumeId,
        },
        { 'Smart-Vault:Vault': vault, 'smart-vault:condemned-at': '2026-01-01T00:00:00Z' },
        { [vault]: 'smart-vault:vault', 'smart-vault:condemned-at': '2026-01-01T00:00:00Z' },
        { 'smart-vault:vault': vault, 'smart-vault:condemned-at': '2026-01-01T00:00:00Z' },
        {
          'aws:backup:source-resource': `arn:aws:ec2:${source}:${ACCOUNT}:volume/${volumeId}`,
          'smart-vault:vault': vault,
        },
      ];
      const tags = rng.pick(kinds);
      world.ec2.operator.addSnapshot(region, {
        id: `snap-${hex(0xf000000 + index * 16 + world.facts.regions.indexOf(region))}`,
        ...(region === source ? { volumeId } : {}),
        startedAt: world.kernel.now() - rng.int(1, 400) * 86_400_000,
        tags,
      });
    });
  }
}
