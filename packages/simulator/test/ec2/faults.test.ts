import { expect, test } from 'vitest';
import { Ec2Error } from '../../src/index.ts';
import { AWAY, codeOf, disk, HOME, HOUR, id, MINUTE, machine, SECOND, testWorld } from './world.ts';

const VOLUMES = Array.from({ length: 40 }, (_, at) => at + 1);
const MANY = {
  instances: [machine(1, { volumes: VOLUMES })],
  volumes: VOLUMES.map((number) => disk(number)),
};

test('an operation can be denied for some resources, and the fault be lifted', () => {
  const { world } = testWorld(MANY);
  const create = (number: number) =>
    codeOf(() => world.api(HOME).createSnapshot({ volumeId: id('vol', number) }));
  const fault = world.faults.deny('CreateSnapshot', ({ subject }) => subject === id('vol', 2), 'vol 2');
  expect(create(1)).toMatchObject({ state: 'pending' });
  expect(create(2)).toBe('UnauthorizedOperation');
  expect(world.faults.list()).toEqual([{ id: fault, text: 'CreateSnapshot is denied for vol 2' }]);
  world.faults.lift(fault);
  expect(world.faults.list()).toEqual([]);
  expect(create(2)).toMatchObject({ state: 'pending' });
  expect(world.stats.apis()).toEqual([
    { region: HOME, operation: 'CreateSnapshot', calls: 3, throttled: 0, denied: 1, failed: 0 },
  ]);
});

test('every nth call can be throttled', () => {
  const { world } = testWorld();
  world.faults.throttle('DescribeVolumes', { every: 3 });
  const codes = Array.from({ length: 6 }, () => codeOf(() => world.api(HOME).describeVolumes().items.length));
  expect(codes).toEqual([1, 1, 'RequestLimitExceeded', 1, 1, 'RequestLimitExceeded']);
  expect(codeOf(() => world.api(HOME).describeSnapshots().items)).toEqual([]);
});

test('a share of the calls is throttled by label: leaving one call out does not change the others', () => {
  const throttled = (numbers: readonly number[]) => {
    const { world } = testWorld(MANY);
    world.faults.throttle('CreateSnapshot', { share: 0.5 });
    const create = (number: number) =>
      codeOf(() => world.api(HOME).createSnapshot({ volumeId: id('vol', number) }));
    return numbers.filter((number) => create(number) === 'RequestLimitExceeded');
  };
  const all = throttled(VOLUMES);
  expect(all.length).toBeGreaterThan(10);
  expect(all.length).toBeLessThan(30);
  const some = VOLUMES.filter((number) => number % 3 !== 0);
  expect(throttled(some)).toEqual(all.filter((number) => number % 3 !== 0));
});

test('a region can be down while others work', () => {
  const { world } = testWorld();
  const fault = world.faults.outage(AWAY);
  expect(codeOf(() => world.api(AWAY).describeSnapshots())).toBe('Unavailable');
  expect(world.api(HOME).describeSnapshots().items).toEqual([]);
  world.faults.lift(fault);
  expect(world.api(AWAY).describeSnapshots().items).toEqual([]);
});

test('any error can be put on any call', () => {
  const { world } = testWorld();
  world.faults.fail('*', new Ec2Error('InternalError', 'boom', 500), ({ region }) => region === HOME, 'home');
  expect(codeOf(() => world.api(HOME).describeVolumes())).toBe('InternalError');
  expect(world.faults.list().map(({ text }) => text)).toEqual(['* fails with InternalError for home']);
  expect(world.stats.apis()[0]).toMatchObject({ failed: 1 });
});

test('CreateSnapshot has a bucket of 100 calls, filled with 5 a second, per region', () => {
  const { world, pass } = testWorld({
    knobs: { perVolumeIntervalMs: 0, snapshotsPerVolumeMax: 1000, pendingSnapshotsMax: 1000 },
  });
  const accepted = () => {
    for (let count = 0; ; count += 1) {
      if (codeOf(() => world.api(HOME).createSnapshot({ volumeId: id('vol', 1) })) === 'RequestLimitExceeded')
        return count;
    }
  };
  expect(accepted()).toBe(100);
  pass(2 * SECOND);
  expect(accepted()).toBe(10);
  pass(HOUR);
  expect(accepted()).toBe(100);
  expect(world.stats.apis().find(({ operation }) => operation === 'CreateSnapshot')).toMatchObject({
    calls: 213,
    throttled: 3,
  });
});

test('listings without filter and page size have a smaller bucket of their own', () => {
  const { world } = testWorld();
  const count = (call: () => unknown) => {
    for (let calls = 0; ; calls += 1) if (codeOf(call) === 'RequestLimitExceeded') return calls;
  };
  expect(count(() => world.api(HOME).describeVolumes())).toBe(50);
  expect(count(() => world.api(HOME).describeVolumes({ maxResults: 100 }))).toBe(100);
  expect(count(() => world.api(AWAY).describeVolumes())).toBe(50);
});

test('what the region counts follows snapshots to their end', () => {
  const { world, pass } = testWorld();
  const counters = () => world.stats.regions().find(({ region }) => region === HOME);
  world.api(HOME).createSnapshot({ volumeId: id('vol', 1) });
  expect(counters()).toMatchObject({ pending: 1, snapshots: 1, snapshotsStarted: 1, completed: 0 });
  pass(10 * MINUTE);
  expect(counters()).toMatchObject({ pending: 0, pendingMax: 1, snapshots: 1, completed: 1, deleted: 0 });
  const [snapshot] = world.api(HOME).describeSnapshots().items;
  world.api(HOME).deleteSnapshot({ snapshotId: snapshot?.id ?? '' });
  expect(counters()).toMatchObject({ snapshots: 0, deleted: 1 });
});
