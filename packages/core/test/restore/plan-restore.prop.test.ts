import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instance, Volume } from '../../src/index.ts';
import { planRestore, type RestorePlan, type RestoreStep } from '../../src/restore/index.ts';
import { AWAY, anInstance, aVolume, HOME, instanceId, volumeId } from '../builders.ts';
import { copiesOf, facts, madeVolume, NOW, request, type Server, sourcesOf } from './servers.ts';

const TYPES = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'] as const;
const aServer = fc
  .array(
    fc.record({
      volumeType: fc.constantFrom(...TYPES),
      sizeGiB: fc.integer({ min: 1, max: 16_000 }),
      iops: fc.integer({ min: 100, max: 64_000 }),
      throughput: fc.integer({ min: 125, max: 1_000 }),
      encrypted: fc.boolean(),
      deleteOnTermination: fc.boolean(),
      tags: fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,8}$/), fc.stringMatching(/^[ -~]{0,20}$/), {
        maxKeys: 4,
      }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((all): Server => {
    const volumes = all.map(({ deleteOnTermination: _, ...each }, index) => aVolume(index + 1, each));
    const numbers = all.map((_, index) => index + 1);
    const instance = anInstance(1, numbers);
    const devices = instance.devices.map((device, index) => ({
      ...device,
      deleteOnTermination: all[index]?.deleteOnTermination ?? false,
    }));
    return { volumes, instance: { ...instance, devices, tags: { Name: 'server', backup: 'true' } } };
  });

const devicesOf = ({ steps }: RestorePlan) =>
  steps.flatMap((step) => (step.kind === 'launch-instance' ? step.call.devices : []));

test('every volume comes back at its device with its type, size, IOPS, throughput and tags', () => {
  fc.assert(
    fc.property(aServer, fc.integer(), ({ instance, volumes }, seed) => {
      const copies = shuffled(copiesOf(sourcesOf({ instance, volumes })), seed);

      const plan = planRestore(facts({ snapshots: copies }), request(), NOW);

      expect(plan.problems).toEqual([]);
      const devices = new Map(devicesOf(plan).map((device) => [device.deviceName, device]));
      expect(devices.size).toBe(volumes.length);
      for (const volume of volumes) {
        const { deviceName = '', deleteOnTermination } =
          instance.devices.find((each) => each.volumeId === volume.id) ?? {};
        const source = copies.find(({ tags }) => tags['smart-vault:volume'] === volume.id);
        expect(devices.get(deviceName)).toEqual({
          deviceName,
          snapshotId: source?.id,
          volumeType: volume.volumeType,
          sizeGiB: volume.sizeGiB,
          deleteOnTermination,
          ...(['gp3', 'io1', 'io2'].includes(volume.volumeType) ? { iops: volume.iops } : {}),
          ...(volume.volumeType === 'gp3' ? { throughput: volume.throughput } : {}),
        });
        const tagged = plan.steps.find(
          (step) => step.kind === 'tag-volume' && step.deviceName === deviceName,
        );
        expect(tagged?.kind === 'tag-volume' ? tagged.tags : {}).toEqual(volume.tags);
      }
    }),
    { numRuns: 200 },
  );
});

test('a set that lacks anything is refused, names it, and is taken only when forced', () => {
  fc.assert(
    fc.property(aServer, fc.array(fc.nat(11), { minLength: 1, maxLength: 11 }), (server, lost) => {
      const copies = copiesOf(sourcesOf(server));
      const left = copies.filter((_, index) => !lost.includes(index));
      fc.pre(left.length > 0 && left.length < copies.length);

      const plan = planRestore(facts({ snapshots: left }), request(), NOW);
      const forced = planRestore(facts({ snapshots: left }), request({ force: true }), NOW);

      const missing = server.volumes.filter((_, index) => lost.includes(index)).map(({ id }) => id);
      expect(new Set(plan.missing.map((spec) => spec.volumeId))).toEqual(new Set(missing));
      for (const id of missing) expect(plan.problems[0]?.text).toContain(id);
      expect(devicesOf(forced)).toHaveLength(left.length);
    }),
    { numRuns: 200 },
  );
});

const anyRequest = fc.record({
  attach: fc.constantFrom('no' as const, 'attach' as const, 'replace' as const),
  launch: fc.boolean(),
  force: fc.boolean(),
  keepImage: fc.boolean(),
  there: fc.boolean(),
  stopped: fc.boolean(),
});

test('nothing is deleted, and nothing is detached without being told; what is detached is named as kept', () => {
  const HARMLESS: ReadonlySet<RestoreStep['kind']> = new Set([
    'register-image',
    'launch-instance',
    'tag-volume',
    'create-volume',
    'await-volumes',
    'attach-volume',
    // As it was, and it acts only when somebody terminates the instance.
    'delete-with-instance',
  ]);
  fc.assert(
    fc.property(aServer, anyRequest, (server, { there, stopped, ...asked }) => {
      const state = stopped ? 'stopped' : 'running';
      const world = facts({
        snapshots: sourcesOf(server),
        zones: ['us-east-1a'],
        instances: there ? [{ ...server.instance, state }] : [],
      });

      const plan = planRestore(world, request({ ...asked, region: HOME }), NOW);

      for (const step of plan.steps) {
        if (step.kind === 'detach-volume') {
          expect(asked.attach).toBe('replace');
          expect(plan.kept.join()).toContain(step.volumeId);
        } else if (step.kind !== 'deregister-image') expect(HARMLESS).toContain(step.kind);
      }
    }),
    { numRuns: 200 },
  );
});

test('cut off anywhere, a second plan finds what was made and has just the rest left', () => {
  fc.assert(
    fc.property(aServer, fc.nat(20), (server, cut) => {
      const world = facts({ snapshots: copiesOf(sourcesOf(server)) });
      const first = planRestore(world, request(), NOW);
      const done = first.steps.slice(0, cut % (first.steps.length + 1));

      const made = madeBy(done, server);
      const second = planRestore({ ...world, made }, request(), NOW);

      expect(second.restoreId).toBe(first.restoreId);
      const left = second.steps.filter((step) => step.done === undefined).map(({ id }) => id);
      expect(left).toEqual(first.steps.slice(done.length).map(({ id }) => id));
      expect(second.steps.find(({ kind }) => kind === 'deregister-image')).toEqual(
        done.length === first.steps.length
          ? undefined
          : {
              ...first.steps.at(-1),
              ...(made.images.length > 0 ? { imageId: 'ami-1' } : {}),
            },
      );
    }),
    { numRuns: 200 },
  );
});

test('the order in which EC2 lists things changes nothing', () => {
  fc.assert(
    fc.property(aServer, fc.integer(), (server, seed) => {
      const snapshots = copiesOf(sourcesOf(server));

      const plan = planRestore(facts({ snapshots }), request(), NOW);

      expect(planRestore(facts({ snapshots: shuffled(snapshots, seed) }), request(), NOW)).toEqual(plan);
    }),
  );
});

/** What EC2 shows after these steps of a launch. */
function madeBy(steps: readonly RestoreStep[], { volumes }: Server) {
  const images: { id: string; name: string; state: string; tags: Record<string, string> }[] = [];
  const instances: Instance[] = [];
  const disks: Volume[] = [];
  for (const step of steps) {
    if (step.kind === 'register-image')
      images.push({ id: 'ami-1', name: step.call.name, state: 'available', tags: { ...step.call.tags } });
    if (step.kind === 'launch-instance') {
      const devices = step.call.devices.map(({ deviceName }, index) => ({
        volumeId: volumeId(500 + index),
        deviceName,
        deleteOnTermination: false,
      }));
      instances.push(anInstance(99, [], { region: AWAY, id: instanceId(99), tags: step.call.tags, devices }));
      disks.push(...volumes.map((_, index) => madeVolume(500 + index, step.call.volumeTags)));
    }
    if (step.kind === 'tag-volume') {
      const id = instances[0]?.devices.find(({ deviceName }) => deviceName === step.deviceName)?.volumeId;
      const at = disks.findIndex((disk) => disk.id === id);
      disks[at] = { ...(disks[at] as Volume), tags: { ...disks[at]?.tags, ...step.tags } };
    }
    if (step.kind === 'deregister-image') images.length = 0;
  }
  return { images, instances, volumes: disks };
}

/** The same things in an order that the seed decides. */
function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  return items
    .map((item, index) => ({ item, key: Math.imul(seed + index + 1, 2_654_435_761) >>> 0 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
