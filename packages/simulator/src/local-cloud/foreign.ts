import type { Ec2World } from '../ec2/world.ts';

/** Snapshots in the account that are none of the vault's: they must all be there, untouched, at the end. */
export interface ForeignSnapshot {
  readonly id: string;
  readonly region: string;
  readonly what: string;
  readonly tags: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;

/**
 * Puts other people's snapshots into the account: another tool's, hand-made ones, one that an AMI is made of, a
 * locked one, another vault's, and one with look-alike tags. All are old enough to tempt a careless pruner.
 */
export function seedForeignSnapshots(
  world: Ec2World,
  regions: readonly string[],
  vault: string,
): readonly ForeignSnapshot[] {
  const now = world.clock.now();
  const seeded: ForeignSnapshot[] = [];
  const old = new Date(now - 60 * DAY_MS).toISOString();
  const kinds: readonly { what: string; tags: Record<string, string> }[] = [
    {
      what: 'made by Data Lifecycle Manager',
      tags: { 'aws:dlm:lifecycle-policy-id': 'policy-0123456789abcdef0', Name: 'dlm' },
    },
    { what: 'made by AWS Backup', tags: { 'aws:backup:source-resource': 'i-0123456789abcdef0' } },
    { what: 'made by hand', tags: {} },
    { what: 'made by hand before an upgrade', tags: { Name: 'before upgrade, keep!', backup: 'true' } },
    { what: 'held by an AMI', tags: { Name: 'golden image' } },
    { what: 'locked', tags: { Name: 'legal hold' } },
    {
      what: 'of another vault',
      tags: {
        'smart-vault:vault': `${vault}-staging`,
        'smart-vault:slot': old,
        'smart-vault:policy': 'default',
      },
    },
    {
      what: 'with tags that look like ours',
      tags: { InstanceId: 'i-0123456789abcdef0', Date: old.slice(0, 10), CopiedFrom: 'us-east-1' },
    },
  ];
  for (const [place, region] of regions.entries()) {
    for (const [index, { what, tags }] of kinds.entries()) {
      const id = `snap-0f0${place}${index.toString(16)}fae1905eed000`.slice(0, 22);
      world.operator.addSnapshot(region, {
        id,
        volumeId: `vol-0f${index.toString(16)}0fae1905eed000`.slice(0, 21),
        startedAt: now - (60 + index) * DAY_MS,
        sizeGiB: 20,
        description: what,
        tags,
      });
      seeded.push({ id, region, what, tags });
    }
    const idOf = (what: string): string =>
      seeded.find((one) => one.region === region && one.what === what)?.id ?? '';
    world.operator.registerImage(region, {
      id: `ami-0f0${place}fae1905eed0000`.slice(0, 21),
      name: 'golden-image',
      devices: [{ deviceName: '/dev/xvda', snapshotId: idOf('held by an AMI') }],
    });
    world.operator.lockSnapshot(region, idOf('locked'), 365);
  }
  return seeded;
}

/** What became of them: empty when all are there with the tags that they had. */
export function harmedForeignSnapshots(
  world: Ec2World,
  foreign: readonly ForeignSnapshot[],
): readonly string[] {
  return foreign.flatMap(({ id, region, what, tags }) => {
    const record = world.region(region).snapshots.get(id);
    if (record === undefined) return [`${id} (${what}, ${region}) was deleted`];
    const same = JSON.stringify(Object.fromEntries(record.tags)) === JSON.stringify(tags);
    return same ? [] : [`${id} (${what}, ${region}) has other tags now`];
  });
}
