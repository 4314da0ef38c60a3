import { expect, test } from 'vitest';
import {
  AWAY,
  codeOf,
  DAY,
  disk,
  HOME,
  HOUR,
  id,
  MINUTE,
  machine,
  SECOND,
  START,
  testWorld,
} from './world.ts';

const VOLUME = id('vol', 1);

test('a snapshot is pending with its size, gains progress, and is completed in time', () => {
  const { world, clock, pass } = testWorld();
  const api = world.api(HOME);
  const created = api.createSnapshot({
    volumeId: VOLUME,
    description: 'first',
    tags: [{ key: 'a', value: 'b' }],
  });
  expect(created).toMatchObject({ state: 'pending', sizeGiB: 10, description: 'first', startedAt: START });
  expect(api.progressOf(created)).toBe('');
  expect(created.fullSizeBytes).toBeUndefined();
  clock.advanceTo((created.startedAt + created.truth.endsAt) / 2);
  const seen = api.describeSnapshots().items[0];
  expect(seen?.state).toBe('pending');
  expect(seen && api.progressOf(seen)).toBe('50%');
  pass(10 * MINUTE);
  const done = api.describeSnapshots().items[0];
  expect(done).toMatchObject({ id: created.id, state: 'completed', completedAt: created.truth.endsAt });
  expect(done && api.progressOf(done)).toBe('100%');
  expect((done?.fullSizeBytes ?? 1) % 524_288).toBe(0);
});

test('a second snapshot of a volume moves only what changed, so it takes less time', () => {
  const { world, pass } = testWorld({ volumes: [disk(1, { Size: 1000 })], knobs: { throttling: false } });
  const api = world.api(HOME);
  const first = api.createSnapshot({ volumeId: VOLUME });
  pass(DAY);
  const second = api.createSnapshot({ volumeId: VOLUME });
  expect(first.truth.incremental).toBe(false);
  expect(second.truth.incremental).toBe(true);
  const duration = ({ startedAt, truth }: typeof first) => truth.endsAt - startedAt;
  expect(duration(second)).toBeLessThan(duration(first) / 5);
});

test('durations can be spread: lognormal around the median, within bounds', () => {
  const volumes = Array.from({ length: 400 }, (_, index) => disk(index + 1, { Size: 10 }));
  const spread = { sigma: 0.7, minSeconds: 30, maxSeconds: 600 };
  const snapshotDuration = { baseSeconds: 120, secondsPerGiB: 0, jitter: 0, spread };
  const { world } = testWorld({
    volumes,
    knobs: { throttling: false, pendingSnapshotsMax: 1_000, snapshotDuration },
  });
  const seconds = volumes
    .map((_, index) => world.api(HOME).createSnapshot({ volumeId: id('vol', index + 1) }))
    .map(({ startedAt, truth }) => (truth.endsAt - startedAt) / 1000)
    .sort((a, b) => a - b);
  expect(Math.min(...seconds)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
  // Median, and one standard deviation of the logarithm to either side.
  expect(seconds[200]).toBeGreaterThan(105);
  expect(seconds[200]).toBeLessThan(137);
  expect((seconds[336] ?? 0) / (seconds[64] ?? 1)).toBeGreaterThan(Math.exp(1.2));
  expect((seconds[336] ?? 0) / (seconds[64] ?? 1)).toBeLessThan(Math.exp(1.6));
});

test('repeating a request makes another snapshot with an id of its own', () => {
  const { world, pass } = testWorld();
  const first = world.api(HOME).createSnapshot({ volumeId: VOLUME });
  pass(15 * SECOND);
  const second = world.api(HOME).createSnapshot({ volumeId: VOLUME });
  expect(second.id).not.toBe(first.id);
  expect(second.id).toMatch(/^snap-0[0-9a-f]{16}$/);
});

test('a volume takes one snapshot per 15 seconds', () => {
  const { world, pass } = testWorld();
  const create = () => codeOf(() => world.api(HOME).createSnapshot({ volumeId: VOLUME }));
  create();
  pass(15 * SECOND - 1);
  expect(create()).toBe('SnapshotCreationPerVolumeRateExceeded');
  pass(1);
  expect(create()).toMatchObject({ state: 'pending' });
});

test.each([
  ['gp3', 5],
  ['st1', 1],
  ['sc1', 1],
])('a %s volume has at most %i snapshots in progress', (VolumeType, most) => {
  const slow = { baseSeconds: 3600, secondsPerGiB: 0, jitter: 0 };
  const { world, pass } = testWorld({
    volumes: [disk(1, { VolumeType })],
    knobs: { snapshotDuration: slow },
  });
  const create = () => {
    pass(15 * SECOND);
    return codeOf(() => world.api(HOME).createSnapshot({ volumeId: VOLUME }));
  };
  for (let count = 0; count < most; count += 1) expect(create()).toMatchObject({ state: 'pending' });
  expect(create()).toBe('ConcurrentSnapshotLimitExceeded');
  pass(HOUR);
  expect(create()).toMatchObject({ state: 'pending' });
});

test('failed snapshots count as in progress until they are deleted', () => {
  const { world, pass } = testWorld({ volumes: [disk(1, { VolumeType: 'st1' })] });
  const api = world.api(HOME);
  const fault = world.faults.failSnapshots();
  const failed = api.createSnapshot({ volumeId: VOLUME });
  world.faults.lift(fault);
  pass(HOUR);
  expect(api.describeSnapshots().items[0]).toMatchObject({ state: 'error' });
  expect(codeOf(() => api.createSnapshot({ volumeId: VOLUME }))).toBe('ConcurrentSnapshotLimitExceeded');
  api.deleteSnapshot({ snapshotId: failed.id });
  expect(api.createSnapshot({ volumeId: VOLUME }).state).toBe('pending');
});

test('a region has at most so many pending snapshots, and so many snapshots', () => {
  const volumes = [1, 2, 3, 4];
  const { world, pass } = testWorld({
    instances: [machine(1, { volumes })],
    volumes: volumes.map((number) => disk(number)),
    knobs: { pendingSnapshotsMax: 2, snapshotsPerRegionMax: 3 },
  });
  const create = (number: number) =>
    codeOf(() => world.api(HOME).createSnapshot({ volumeId: id('vol', number) }));
  create(1);
  create(2);
  expect(create(3)).toBe('PendingSnapshotLimitExceeded');
  pass(HOUR);
  expect(create(3)).toMatchObject({ state: 'pending' });
  expect(create(4)).toBe('SnapshotLimitExceeded');
  expect(world.stats.regions()[0]).toMatchObject({ pending: 1, pendingMax: 2, snapshots: 3 });
});

test.each([
  ['available', undefined],
  ['creating', 'IncorrectState'],
  ['deleting', 'IncorrectState'],
  ['deleted', 'InvalidVolume.NotFound'],
] as const)('a volume that is %s: %s', (state, code) => {
  const { world } = testWorld();
  world.operator.setVolumeState(HOME, VOLUME, state);
  const result = codeOf(() => world.api(HOME).createSnapshot({ volumeId: VOLUME }));
  if (code === undefined) expect(result).toMatchObject({ state: 'pending' });
  else expect(result).toBe(code);
});

test.each([
  [undefined, 'MissingParameter'],
  ['volume', 'InvalidParameterValue'],
  ['vol-xyz', 'InvalidVolumeID.Malformed'],
  [id('vol', 99), 'InvalidVolume.NotFound'],
])('volume id %s is refused with %s', (volumeId, code) => {
  const { world } = testWorld();
  const input = volumeId === undefined ? {} : { volumeId };
  expect(codeOf(() => world.api(HOME).createSnapshot(input))).toBe(code);
});

test('a dry run makes nothing and spends no quota', () => {
  const { world } = testWorld();
  const api = world.api(HOME);
  expect(codeOf(() => api.createSnapshot({ volumeId: VOLUME, dryRun: true }))).toBe('DryRunOperation');
  expect(api.describeSnapshots().items).toEqual([]);
  expect(api.createSnapshot({ volumeId: VOLUME }).state).toBe('pending');
});

test('a deleted pending snapshot goes on, counts, and is gone when it would have ended, without an event', () => {
  const { world, events, pass } = testWorld({ knobs: { pendingSnapshotsMax: 1 } });
  const api = world.api(HOME);
  const { id: snapshotId } = api.createSnapshot({ volumeId: VOLUME });
  api.deleteSnapshot({ snapshotId });
  api.deleteSnapshot({ snapshotId });
  pass(15 * SECOND);
  expect(api.describeSnapshots().items[0]).toMatchObject({ id: snapshotId, state: 'pending' });
  expect(codeOf(() => api.createSnapshot({ volumeId: VOLUME }))).toBe('PendingSnapshotLimitExceeded');
  pass(HOUR);
  expect(api.describeSnapshots().items).toEqual([]);
  expect(events).toEqual([]);
  expect(codeOf(() => api.deleteSnapshot({ snapshotId }))).toBe('InvalidSnapshot.NotFound');
  expect(api.createSnapshot({ volumeId: VOLUME }).state).toBe('pending');
});

test('the event of a snapshot has the malformed ARNs, the empty request id and milliseconds of AWS', () => {
  const { world, events, pass } = testWorld();
  const created = world.api(HOME).createSnapshot({ volumeId: VOLUME });
  pass(HOUR);
  const arn = `arn:aws:ec2::us-east-1:snapshot/${created.id}`;
  const endTime = new Date(created.truth.endsAt).toISOString();
  expect(events).toEqual([
    {
      version: '0',
      id: events[0]?.id,
      'detail-type': 'EBS Snapshot Notification',
      source: 'aws.ec2',
      account: '000000000000',
      time: `${endTime.slice(0, 19)}Z`,
      region: 'us-east-1',
      resources: [arn],
      detail: {
        event: 'createSnapshot',
        result: 'succeeded',
        cause: '',
        'request-id': '',
        snapshot_id: arn,
        source: `arn:aws:ec2::us-east-1:volume/${VOLUME}`,
        startTime: '2026-11-22T03:00:00.000Z',
        endTime,
      },
    },
  ]);
  expect(events[0]?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test('a snapshot that fails says why, in its state and in its event', () => {
  const { world, events, pass } = testWorld();
  world.faults.failSnapshots(({ volumeId }) => volumeId === VOLUME, 'The disk broke');
  world.api(HOME).createSnapshot({ volumeId: VOLUME });
  pass(HOUR);
  expect(world.api(HOME).describeSnapshots().items[0]).toMatchObject({
    state: 'error',
    stateMessage: 'The disk broke',
  });
  expect(events[0]?.detail).toMatchObject({
    event: 'createSnapshot',
    result: 'failed',
    cause: 'The disk broke',
  });
});

const THREE = {
  instances: [machine(1, { volumes: [1, 2, 3] })],
  volumes: [
    disk(1, {
      Tags: [
        { Key: 'role', Value: 'root' },
        { Key: 'aws:cf', Value: 'x' },
      ],
    }),
    disk(2),
    disk(3),
  ],
};

test('a set has one snapshot per volume, one start, one end and one event', () => {
  const { world, events, pass } = testWorld(THREE);
  const set = world.api(HOME).createSnapshots({ instanceId: id('i', 1), tags: [{ key: 'a', value: 'b' }] });
  expect(set.map(({ volumeId }) => volumeId)).toEqual([id('vol', 1), id('vol', 2), id('vol', 3)]);
  expect(new Set(set.map(({ startedAt }) => startedAt)).size).toBe(1);
  pass(HOUR);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    'detail-type': 'EBS Multi-Volume Snapshots Completion Status',
    resources: set.map((member) => `arn:aws:ec2::us-east-1:snapshot/${member.id}`),
    detail: { event: 'createSnapshots', result: 'succeeded', cause: '', 'request-id': '' },
  });
  expect(events[0]?.detail['snapshots']).toEqual(
    set.map((member) => ({
      snapshot_id: `arn:aws:ec2::us-east-1:snapshot/${member.id}`,
      source: `arn:aws:ec2::us-east-1:volume/${member.volumeId}`,
      status: 'completed',
    })),
  );
});

test('one failing member of a set makes all of them fail', () => {
  const { world, events, pass } = testWorld(THREE);
  world.faults.failSnapshots(({ volumeId }) => volumeId === id('vol', 2), 'broken');
  const set = world.api(HOME).createSnapshots({ instanceId: id('i', 1) });
  pass(HOUR);
  const states = world
    .api(HOME)
    .describeSnapshots()
    .items.map(({ state }) => state);
  expect(states).toEqual(['error', 'error', 'error']);
  expect(events).toHaveLength(1);
  expect(events[0]?.detail).toMatchObject({
    result: 'failed',
    cause: `Snapshot ${set[1]?.id} is in status error`,
  });
});

test('deleting one pending member of a set leaves the others', () => {
  const { world, events, pass } = testWorld(THREE);
  const set = world.api(HOME).createSnapshots({ instanceId: id('i', 1) });
  world.api(HOME).deleteSnapshot({ snapshotId: set[0]?.id ?? '' });
  pass(HOUR);
  expect(
    world
      .api(HOME)
      .describeSnapshots()
      .items.map((snapshot) => snapshot.id),
  ).toEqual([set[1]?.id, set[2]?.id]);
  expect(events[0]?.resources).toHaveLength(2);
});

test('a set leaves out the root and named data volumes, and copies volume tags under the given ones', () => {
  const { world } = testWorld(THREE);
  const api = world.api(HOME);
  const root = api.createSnapshots({
    instanceId: id('i', 1),
    excludeDataVolumeIds: [id('vol', 2), id('vol', 3)],
    tags: [{ key: 'a', value: 'b' }],
    copyTagsFromVolumes: true,
  });
  expect(root.map(({ volumeId, tags }) => [volumeId, [...tags]])).toEqual([
    [
      id('vol', 1),
      [
        ['role', 'root'],
        ['a', 'b'],
      ],
    ],
  ]);
  const data = api.createSnapshots({ instanceId: id('i', 1), excludeBootVolume: true });
  expect(data.map(({ volumeId }) => volumeId)).toEqual([id('vol', 2), id('vol', 3)]);
});

test('a set with one busy volume starts nothing', () => {
  const { world } = testWorld(THREE);
  const api = world.api(HOME);
  api.createSnapshot({ volumeId: id('vol', 2) });
  expect(codeOf(() => api.createSnapshots({ instanceId: id('i', 1) }))).toBe(
    'SnapshotCreationPerVolumeRateExceeded',
  );
  expect(api.describeSnapshots().items).toHaveLength(1);
});

test.each([
  [{ instanceId: id('i', 9) }, 'InvalidInstanceID.NotFound'],
  [{ instanceId: 'i-1' }, 'InvalidInstanceID.Malformed'],
  [{ instanceId: id('i', 1), excludeDataVolumeIds: [id('vol', 1)] }, 'InvalidParameterValue'],
  [{ instanceId: id('i', 1), excludeDataVolumeIds: [id('vol', 9)] }, 'InvalidParameterValue'],
  [
    {
      instanceId: id('i', 1),
      excludeDataVolumeIds: Array.from({ length: 41 }, (_, at) => id('vol', at + 2)),
    },
    'InvalidParameterValue',
  ],
  [
    { instanceId: id('i', 1), excludeBootVolume: true, excludeDataVolumeIds: [id('vol', 2), id('vol', 3)] },
    'InvalidParameterCombination',
  ],
])('set %j is refused with %s', (input, code) => {
  const { world } = testWorld(THREE);
  expect(codeOf(() => world.api(HOME).createSnapshots(input))).toBe(code);
});

test('a terminated instance cannot be snapshotted, and its volumes are detached or gone', () => {
  const { world } = testWorld(THREE);
  const api = world.api(HOME);
  world.operator.terminateInstance(HOME, id('i', 1));
  expect(codeOf(() => api.createSnapshots({ instanceId: id('i', 1) }))).toBe('IncorrectInstanceState');
  expect(api.describeVolumes().items.map((volume) => [volume.id, volume.state])).toEqual([
    [id('vol', 2), 'available'],
    [id('vol', 3), 'available'],
  ]);
});

test('what holds a snapshot keeps it: an AMI, a lock, AWS Backup; a dry run does not look', () => {
  const { world, pass } = testWorld();
  const api = world.api(HOME);
  const { id: snapshotId } = api.createSnapshot({ volumeId: VOLUME });
  pass(HOUR);
  const remove = () => codeOf(() => api.deleteSnapshot({ snapshotId }));
  const devices = [{ deviceName: '/dev/xvda', snapshotId }];
  world.operator.registerImage(HOME, { id: id('ami', 1), devices });
  expect(() => api.deleteSnapshot({ snapshotId })).toThrow(
    `The snapshot ${snapshotId} is currently in use by ${id('ami', 1)}`,
  );
  expect(remove()).toBe('InvalidSnapshot.InUse');
  expect(codeOf(() => api.deleteSnapshot({ snapshotId, dryRun: true }))).toBe('DryRunOperation');
  world.operator.deregisterImage(HOME, id('ami', 1));
  world.operator.lockSnapshot(HOME, snapshotId, 1);
  expect(remove()).toBe('OperationNotPermitted');
  expect(api.describeLockedSnapshots().items).toMatchObject([{ snapshotId, state: 'governance' }]);
  pass(DAY);
  expect(api.describeLockedSnapshots().items).toMatchObject([{ snapshotId, state: 'expired' }]);
  world.operator.setTags(HOME, snapshotId, { 'aws:backup:source-resource': 'x' });
  expect(remove()).toBe('InvalidParameterValue');
  world.operator.setTags(HOME, snapshotId, { 'aws:backup:source-resource': undefined });
  expect(remove()).toBeUndefined();
  expect(api.describeSnapshots().items).toEqual([]);
});

test('a snapshot of somebody else can be seen, not deleted, and not listed as our own', () => {
  const { world } = testWorld();
  const api = world.api(HOME);
  world.operator.addSnapshot(HOME, { id: id('snap', 7), ownerId: '999999999999' });
  expect(api.describeSnapshots().items).toHaveLength(1);
  expect(api.describeSnapshots({ owners: ['self'] }).items).toEqual([]);
  expect(codeOf(() => api.deleteSnapshot({ snapshotId: id('snap', 7) }))).toBe('InvalidSnapshot.NotFound');
});

test('what was deleted can come back from the Recycle Bin with its tags', () => {
  const { world } = testWorld({ knobs: { recycleBin: true } });
  const api = world.api(HOME);
  world.operator.addSnapshot(HOME, { id: id('snap', 7), tags: { a: 'b' } });
  api.deleteSnapshot({ snapshotId: id('snap', 7) });
  expect(api.describeSnapshots().items).toEqual([]);
  world.operator.restoreFromRecycleBin(HOME, id('snap', 7));
  expect(api.describeSnapshots({ filters: [{ name: 'tag:a', values: ['b'] }] }).items).toHaveLength(1);
});

test('what was deleted comes back from the Recycle Bin in an account whose reads lag, too', () => {
  const { world, clock } = testWorld({ knobs: { recycleBin: true, readLagMaxMs: 5_000 } });
  world.operator.addSnapshot(HOME, { id: id('snap', 7) });
  clock.advanceTo(clock.now() + 60_000);
  world.operator.deleteSnapshot(HOME, id('snap', 7));
  clock.advanceTo(clock.now() + 60_000);
  world.operator.restoreFromRecycleBin(HOME, id('snap', 7));
  clock.advanceTo(clock.now() + 60_000);
  expect(world.api(HOME).describeSnapshots().items).toMatchObject([{ id: id('snap', 7) }]);
});

test('regions keep apart', () => {
  const { world } = testWorld();
  world.api(HOME).createSnapshot({ volumeId: VOLUME });
  expect(world.api(AWAY).describeSnapshots().items).toEqual([]);
});
