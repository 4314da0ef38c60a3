import { createLocalCloud, type LocalCloud, parseFleet, synthesize } from '@smart-vault/simulator';
import { type CommandSetup, runCommand, useLocalCredentials } from './a-command.ts';

const DAY = 86_400_000;
export const HOUR = 3_600_000;
export const SOURCE = 'us-east-1';
export const DESTINATION = 'eu-west-1';

const hex = (n: number): string => n.toString(16).padStart(17, '0');
export const instanceId = (n: number): string => `i-${hex(n)}`;
export const volumeId = (n: number): string => `vol-${hex(n)}`;
export const snapshotId = (n: number): string => `snap-${hex(n)}`;

/** An instance as DescribeInstances has it. */
export const anInstance = (
  n: number,
  volumes: readonly number[],
  tags: Readonly<Record<string, string>> = { backup: 'true' },
) => ({
  InstanceId: instanceId(n),
  InstanceType: 'm7g.large',
  State: { Code: 16, Name: 'running' },
  Placement: { AvailabilityZone: 'us-east-1a' },
  RootDeviceName: '/dev/xvda',
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  BlockDeviceMappings: volumes.map((volume, index) => ({
    DeviceName: index === 0 ? '/dev/xvda' : `/dev/sd${String.fromCharCode(101 + index)}`,
    Ebs: { VolumeId: volumeId(volume), Status: 'attached' },
  })),
});

/** A local cloud in this process, and the command line against it. Remove `assembly` in the end. */
export async function startCloud(
  instances: readonly ReturnType<typeof anInstance>[],
  overrides: Readonly<Record<string, unknown>> = {},
) {
  useLocalCredentials();
  const assembly = await synthesize(overrides);
  const cloud = await createLocalCloud({
    assembly,
    fleet: parseFleet({ instances: JSON.stringify({ Instances: instances }), region: SOURCE }),
    foreignSnapshots: false,
  });
  const vault = (line: string, setup: CommandSetup = {}) =>
    runCommand([...line.split(' '), '--endpoint-url', cloud.endpoint], {
      env: { AWS_REGION: SOURCE },
      now: () => cloud.clock.now(),
      sleep: (ms) => cloud.run({ until: cloud.clock.now() + ms }),
      ...setup,
    });
  return {
    assembly,
    cloud,
    vault,
    hours: (n: number): Promise<void> => cloud.run({ until: cloud.clock.now() + n * HOUR }),
  };
}

/** Puts a completed point of the vault into the source region, and its copy into the destination. */
export function seedPoint(
  { clock, world }: Pick<LocalCloud, 'clock' | 'world'>,
  n: number,
  daysAgo: number,
  tags: Readonly<Record<string, string>> = {},
): void {
  const startedAt = Math.floor(clock.now() / DAY) * DAY - daysAgo * DAY + 3 * HOUR;
  const ours = {
    'smart-vault:vault': 'smart-vault',
    'smart-vault:policy': 'default',
    'smart-vault:slot': `${new Date(startedAt).toISOString().slice(0, 19)}Z`,
    'smart-vault:instance': instanceId(1),
    ...tags,
  };
  const source = { id: snapshotId(n), volumeId: volumeId(1), startedAt, tags: ours };
  world.operator.addSnapshot(SOURCE, source);
  world.operator.addSnapshot(DESTINATION, {
    id: snapshotId(1_000 + n),
    startedAt: startedAt + HOUR,
    tags: {
      ...ours,
      'smart-vault:volume': volumeId(1),
      'smart-vault:started-at': new Date(startedAt).toISOString(),
      CopiedFrom: SOURCE,
      OriginalSnapshotId: snapshotId(n),
    },
  });
}
