import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { createInstanceCatalog, createSnapshotStore } from '@smart-vault/aws';
import { createRestoreStore } from '@smart-vault/aws/restore-store';
import {
  copyTags,
  type InstanceId,
  pointOf,
  type Region,
  type Slot,
  type Snapshot,
  sourceTags,
  type VolumeId,
  withUserTags,
} from '@smart-vault/core';
import {
  type Ec2Command,
  Ec2World,
  ec2Knobs,
  handleEc2Request,
  parseFleet,
  Rng,
  runEc2Command,
  VirtualClock,
} from '@smart-vault/simulator';

export const HOME = 'us-east-1' as Region;
export const AWAY = 'eu-west-1' as Region;
export const SLOT = '2026-11-22T03:00:00Z' as Slot;
export const SERVER = 'i-00000000000000001' as InstanceId;
export const VOLUMES = [1, 2, 3, 4, 5, 6].map((number) => `vol-0000000000000000${number}` as VolumeId);
const HOUR = 3_600_000;

/** A server with six volumes, its backup of one slot in both regions, and a clock that moves when somebody sleeps. */
export async function aWorld({ readLagMs = 0, state = 'running' } = {}) {
  const clock = new VirtualClock(Date.parse(SLOT));
  const knobs = ec2Knobs({ readLagMaxMs: readLagMs });
  const world = new Ec2World({ clock, rng: new Rng(3), accountId: '000000000000', knobs, onEvent: () => {} });
  world.operator.loadFleet(parseFleet({ ...fleet(state), region: HOME }));
  const options = (region: Region) => {
    const client = { send: async (command: Ec2Command) => runEc2Command(world, region, command) } as unknown;
    return { region, clients: { reads: client as EC2Client, writes: client as EC2Client } };
  };
  const pass = (ms: number) => clock.advanceTo(clock.now() + ms);
  const catalog = createInstanceCatalog(options(HOME));
  pass(HOUR);
  const [instance] = await catalog.findInstances([SERVER]);
  if (instance === undefined) throw new Error('the server is not there');
  const volumes = await catalog.findVolumes(VOLUMES);
  const ours = sourceTags({ vault: 'v', policy: 'default', slot: SLOT, instance, volumes });
  const home = createSnapshotStore(options(HOME));
  const made: Snapshot[] = [];
  for (const volume of volumes) {
    const tags = withUserTags(ours, volume.tags);
    made.push(await home.createSnapshot({ volumeId: volume.id, description: '', tags }));
  }
  pass(6 * HOUR);
  for (const source of await home.findSnapshots(made.map(({ id }) => id))) {
    const ownership = pointOf(source, 'v');
    if (ownership.kind !== 'owned') throw new Error(JSON.stringify(ownership));
    await createSnapshotStore(options(AWAY)).copySnapshot({
      sourceRegion: HOME,
      sourceSnapshotId: source.id,
      description: '',
      tags: copyTags(source, ownership.point),
      encrypted: false,
    });
  }
  pass(6 * HOUR);
  return {
    world,
    store: (region: Region) => createRestoreStore(options(region)),
    clock: { now: () => clock.now(), sleep: async (ms: number) => pass(ms) },
  };
}

function fleet(state: string): { readonly instances: string; readonly volumes: string } {
  const device = (index: number): string => (index === 0 ? '/dev/xvda' : `/dev/sd${'fghij'[index - 1]}`);
  const Tags = [{ Key: 'Name', Value: 'db' }];
  const instance = {
    InstanceId: SERVER,
    InstanceType: 'm7g.large',
    Architecture: 'arm64',
    State: { Code: state === 'running' ? 16 : 80, Name: state },
    Placement: { AvailabilityZone: 'us-east-1a' },
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: VOLUMES.map((VolumeId, index) => ({
      DeviceName: device(index),
      Ebs: { VolumeId, DeleteOnTermination: index === 0, Status: 'attached' },
    })),
    Tags,
  };
  const volumes = VOLUMES.map((VolumeId, index) => ({
    VolumeId,
    Size: 10 + index,
    VolumeType: 'gp3',
    Iops: 3_000 + index,
    Throughput: 125,
    AvailabilityZone: 'us-east-1a',
    State: 'in-use',
    Attachments: [{ VolumeId, InstanceId: SERVER, Device: device(index), State: 'attached' }],
    Tags: [{ Key: 'Name', Value: `disk ${index}` }],
  }));
  return {
    instances: JSON.stringify({ Reservations: [{ Instances: [instance] }] }),
    volumes: JSON.stringify({ Volumes: volumes }),
  };
}

export type World = Awaited<ReturnType<typeof aWorld>>;

/** The same world over HTTP, as commands reach it, and the regions that were asked. */
export async function serveWorld({ world }: Pick<World, 'world'>) {
  const asked = new Set<string>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    asked.add(region);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const { status, headers, body } = handleEc2Request(world, { region, form });
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
