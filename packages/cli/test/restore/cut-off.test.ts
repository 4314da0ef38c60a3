import type { Region } from '@smart-vault/core';
import { planRestore, type RestoreRequest, type RestoreStore } from '@smart-vault/core/restore';
import { describe, expect, test } from 'vitest';
import { applyRestore } from '../../src/restore/apply-restore.ts';
import { gatherFacts } from '../../src/restore/gather.ts';
import { AWAY, aWorld, HOME, SERVER, type World } from './a-server.ts';

const HOUR = 3_600_000;

/** A store that dies at its nth call: before EC2 hears it, or before its answer is heard. */
function dyingStore(store: RestoreStore, call: number, when: 'before' | 'after'): RestoreStore {
  let calls = 0;
  const dying = async <T>(act: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls === call && when === 'before') throw new Error('killed');
    const answer = await act();
    if (calls === call) throw new Error('killed');
    return answer;
  };
  return {
    ...store,
    findImages: (ids) => dying(() => store.findImages(ids)),
    findInstances: (ids) => dying(() => store.findInstances(ids)),
    findVolumes: (ids) => dying(() => store.findVolumes(ids)),
    carryOut: (request) => dying(() => store.carryOut(request)),
  };
}

async function run(world: World, request: RestoreRequest, through = (store: RestoreStore) => store) {
  const store = world.store(request.region);
  const facts = await gatherFacts(store, request);
  const plan = planRestore(facts, request, world.clock.now());
  expect([plan.problems, plan.unknowns]).toEqual([[], []]);
  const progress = { begins: () => {}, made: () => {}, waits: () => {}, ended: () => {} };
  const { signal } = new AbortController();
  return applyRestore(plan, { store: through(store), clock: world.clock, progress, signal });
}

const REQUEST = {
  vault: 'v',
  subject: { kind: 'instance', id: SERVER },
  force: false,
  mapped: {},
  securityGroupIds: [],
  launch: false,
  keepImage: false,
} as const;

/** What is in a region: ids of things are left out, since they differ between worlds. */
async function shape(world: World, region: Region) {
  const store = world.store(region);
  const made = await store.listMade();
  const server = await store.findInstances([SERVER, ...made.instances.map(({ id }) => id)]);
  return {
    images: made.images.length,
    instances: server.map((instance) => ({
      state: instance.state,
      tags: instance.tags,
      devices: [...instance.devices]
        .sort((a, b) => (a.deviceName < b.deviceName ? -1 : 1))
        .map(({ deviceName, deleteOnTermination, volumeId }) => {
          const volume = made.volumes.find(({ id }) => id === volumeId);
          return {
            deviceName,
            deleteOnTermination,
            size: volume?.sizeGiB,
            iops: volume?.iops,
            tags: volume?.tags,
          };
        }),
    })),
    volumes: made.volumes.length,
  };
}

describe.each([
  ['a launch in another region', AWAY, 'no', 'running'],
  ['a swap of all volumes of a stopped instance', HOME, 'replace', 'stopped'],
] as const)('%s', (_, region, attach, state) => {
  const requestOf = async (world: World): Promise<RestoreRequest> => {
    const [subnet] = await world.store(region).listSubnets();
    const group = (await world.store(region).listSecurityGroups()).find(
      ({ vpcId }) => vpcId === subnet?.vpcId,
    );
    return {
      ...REQUEST,
      region,
      attach,
      ...(attach === 'no' ? { subnetId: subnet?.id ?? '', securityGroupIds: [group?.id ?? ''] } : {}),
    };
  };

  test.each(['before', 'after'] as const)(
    'killed %s any call and run again ends as if it had not been',
    async (when) => {
      const whole = await aWorld({ state });
      const calls = { count: 0 };
      await run(whole, await requestOf(whole), (store) => counting(store, calls));
      const expected = await shape(whole, region);
      expect(expected.volumes).toBe(6);
      expect(expected.images).toBe(0);
      expect(calls.count).toBeGreaterThan(8);

      for (let call = 1; call <= calls.count; call += 1) {
        const world = await aWorld({ state });
        const request = await requestOf(world);
        await expect(run(world, request, (store) => dyingStore(store, call, when))).rejects.toThrow('killed');
        await run(world, request);

        expect(await shape(world, region), `killed ${when} call ${call}`).toEqual(expected);
      }
    },
  );

  test('killed again and again, while reads lag, it comes to the same end', async () => {
    const whole = await aWorld({ state });
    await run(whole, await requestOf(whole));
    const expected = await shape(whole, region);
    const world = await aWorld({ state, readLagMs: 60_000 });
    const request = await requestOf(world);

    let ends = 0;
    for (let call = 1; ends < 2 && call < 100; call += 1) {
      const end = run(world, request, (store) =>
        dyingStore(store, call, call % 2 === 0 ? 'before' : 'after'),
      );
      ends += await end.then(
        () => 1,
        (error: unknown) => {
          if (!String(error).includes('killed')) throw error;
          return 0;
        },
      );
    }
    await world.clock.sleep(HOUR);

    expect(ends).toBe(2);
    expect(await shape(world, region)).toEqual(expected);
  });
});

function counting(store: RestoreStore, calls: { count: number }): RestoreStore {
  const counted = async <T>(act: () => Promise<T>): Promise<T> => {
    calls.count += 1;
    return act();
  };
  return {
    ...store,
    findImages: (ids) => counted(() => store.findImages(ids)),
    findInstances: (ids) => counted(() => store.findInstances(ids)),
    findVolumes: (ids) => counted(() => store.findVolumes(ids)),
    carryOut: (request) => counted(() => store.carryOut(request)),
  };
}
