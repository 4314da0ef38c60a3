import { expect, test } from 'vitest';
import {
  AWAY,
  codeOf,
  DAY,
  disk,
  HOME,
  HOUR,
  id,
  machine,
  SECOND,
  type TestWorld,
  testWorld,
} from './world.ts';

const VOLUME = id('vol', 1);

/** Takes a snapshot and lets it be completed. */
function completed({ world, pass }: TestWorld, volumeId = VOLUME): string {
  const { id: snapshotId } = world.api(HOME).createSnapshot({ volumeId });
  pass(HOUR);
  return snapshotId;
}

const copy = ({ world }: TestWorld, sourceSnapshotId: string, more = {}) =>
  world.api(AWAY).copySnapshot({ sourceRegion: HOME, sourceSnapshotId, ...more });

test('a pending copy tells nothing of its source; a completed one has size and transfer type', () => {
  const it = testWorld();
  const source = completed(it);
  const made = copy(it, source, { description: 'd', tags: [{ key: 'a', value: 'b' }] });
  const api = it.world.api(AWAY);
  expect(api.describeSnapshots().items[0]).toMatchObject({
    volumeId: 'vol-ffffffff',
    state: 'pending',
    stateMessage: 'Metadata not updated',
    sizeGiB: 0,
    encrypted: false,
    description: 'd',
  });
  it.pass(HOUR);
  const done = api.describeSnapshots().items[0];
  expect(done).toMatchObject({
    id: made.id,
    volumeId: 'vol-ffffffff',
    state: 'completed',
    sizeGiB: 10,
    transferType: 'standard',
  });
  expect(done?.stateMessage).toBeUndefined();
  expect([...(done?.tags ?? [])]).toEqual([['a', 'b']]);
  expect(done?.fullSizeBytes).toBe(it.world.api(HOME).describeSnapshots().items[0]?.fullSizeBytes);
});

test('tags and description of the source are not copied', () => {
  const it = testWorld();
  const { id: source } = it.world
    .api(HOME)
    .createSnapshot({ volumeId: VOLUME, description: 'd', tags: [{ key: 'a', value: 'b' }] });
  it.pass(HOUR);
  const made = copy(it, source);
  expect([...made.tags]).toEqual([]);
  expect(made.description).toBe('');
});

test('the event of a copy is in the destination region, with the source in its own and a textual "incremental"', () => {
  const it = testWorld();
  const source = completed(it);
  const made = copy(it, source);
  it.pass(HOUR);
  expect(it.events.map(({ region }) => region)).toEqual([HOME, AWAY]);
  expect(it.events[1]).toMatchObject({
    'detail-type': 'EBS Snapshot Notification',
    region: AWAY,
    resources: [`arn:aws:ec2::eu-west-1:snapshot/${made.id}`],
    detail: {
      event: 'copySnapshot',
      result: 'succeeded',
      cause: '',
      'request-id': '',
      snapshot_id: `arn:aws:ec2::eu-west-1:snapshot/${made.id}`,
      source: `arn:aws:ec2::us-east-1:snapshot/${source}`,
      incremental: 'false',
      transferType: 'standard',
      completionDurationStartTime: new Date(made.startedAt).toISOString(),
    },
  });
});

test('a copy of a pending source is accepted, counted as a mistake, and fails', () => {
  const it = testWorld();
  const { id: source } = it.world.api(HOME).createSnapshot({ volumeId: VOLUME });
  copy(it, source);
  expect(it.world.stats.copiesOfUnfinishedSources).toBe(1);
  it.pass(HOUR);
  expect(it.world.api(AWAY).describeSnapshots().items[0]).toMatchObject({
    state: 'error',
    stateMessage: 'Source snapshot is not complete',
    sizeGiB: 0,
  });
  expect(it.events.at(0)?.detail).toMatchObject({
    result: 'failed',
    cause: 'Source snapshot is not complete',
    incremental: 'false',
  });
  expect(it.events.at(0)?.detail).not.toHaveProperty('completionDurationStartTime');
});

test.each([
  ['missing', id('snap', 99), HOME],
  ['in another region', undefined, 'us-west-2'],
])('a copy of a source that is %s is accepted and fails', (_, snapshotId, sourceRegion) => {
  const it = testWorld();
  const sourceSnapshotId = snapshotId ?? completed(it);
  it.world.api(AWAY).copySnapshot({ sourceRegion, sourceSnapshotId });
  it.pass(HOUR);
  const [failed] = it.world.api(AWAY).describeSnapshots().items;
  expect(failed).toMatchObject({ state: 'error', stateMessage: 'Source snapshot is not found' });
});

test.each([
  [{ sourceRegion: 'mars-1' }, 'InvalidRegion'],
  [{ sourceRegion: undefined }, 'MissingParameter'],
  [{ sourceSnapshotId: 'snap-1' }, 'InvalidSnapshotID.Malformed'],
  [{ sourceSnapshotId: 'snap-00000000000000000' }, 'InvalidParameterValue'],
  [{ destinationRegion: 'us-west-2' }, 'InvalidParameterValue'],
  [{ kmsKeyId: 'key' }, 'InvalidParameterDependency'],
  [{ completionDurationMinutes: 20 }, 'InvalidParameterValue'],
  [{ dryRun: true }, 'DryRunOperation'],
])('copy with %j is refused at once with %s', (wrong, code) => {
  const it = testWorld();
  const source = completed(it);
  expect(codeOf(() => copy(it, source, wrong))).toBe(code);
  expect(it.world.api(AWAY).describeSnapshots().items).toEqual([]);
});

test('at most 20 copies are in flight to a region, with the text of AWS', () => {
  const it = testWorld();
  const source = completed(it);
  for (let count = 0; count < 20; count += 1) copy(it, source);
  expect(() => copy(it, source)).toThrow(
    'Too many snapshot copies in progress. The limit is 20 for this destination region.',
  );
  expect(codeOf(() => copy(it, source))).toBe('ResourceLimitExceeded');
  expect(
    new Set(
      it.world
        .api(AWAY)
        .describeSnapshots()
        .items.map((made) => made.id),
    ).size,
  ).toBe(20);
  expect(it.world.stats.regions().find(({ region }) => region === AWAY)).toMatchObject({
    copiesInFlight: 20,
    copiesInFlightMax: 20,
  });
  expect(
    codeOf(() => it.world.api('us-west-2').copySnapshot({ sourceRegion: HOME, sourceSnapshotId: source })),
  ).toMatchObject({ state: 'pending' });
  it.pass(HOUR);
  expect(copy(it, source).state).toBe('pending');
});

test('only the first copy of a volume to a region is full', () => {
  const it = testWorld();
  copy(it, completed(it));
  it.pass(DAY);
  const second = copy(it, completed(it));
  expect(second.truth.incremental).toBe(true);
  it.pass(DAY);
  expect(it.events.at(-1)?.detail['incremental']).toBe('true');
  expect(it.world.stats.regions().find(({ region }) => region === AWAY)?.incrementalCopies).toBe(1);
});

test('when the newest copy is deleted, the next one is full again; an older one does not matter', () => {
  const it = testWorld();
  const made = [0, 1].map(() => {
    const { id: copyId } = copy(it, completed(it));
    it.pass(DAY);
    return copyId;
  });
  const remove = (snapshotId = '') => it.world.api(AWAY).deleteSnapshot({ snapshotId });
  remove(made[0]);
  const third = copy(it, completed(it));
  expect(third.truth.incremental).toBe(true);
  it.pass(DAY);
  remove(third.id);
  expect(copy(it, completed(it)).truth.incremental).toBe(false);
});

test('a copy with another key is full', () => {
  const it = testWorld();
  copy(it, completed(it));
  it.pass(DAY);
  expect(copy(it, completed(it), { encrypted: true, kmsKeyId: 'key-b' }).truth.incremental).toBe(false);
});

test('a copy of an encrypted source is encrypted with the key of the destination once it is completed', () => {
  const key = 'arn:aws:kms:us-east-1:000000000000:key/one';
  const it = testWorld({ volumes: [disk(1, { Encrypted: true, KmsKeyId: key })] });
  const source = completed(it);
  expect(it.world.api(HOME).describeSnapshots().items[0]).toMatchObject({ encrypted: true, kmsKeyId: key });
  expect(copy(it, source, { encrypted: true, kmsKeyId: 'two' }).encrypted).toBe(false);
  it.pass(HOUR);
  expect(it.world.api(AWAY).describeSnapshots().items[0]).toMatchObject({ encrypted: true, kmsKeyId: 'two' });
});

test('a disabled key is refused at once, an inaccessible one lets the copy fail', () => {
  const it = testWorld();
  const source = completed(it);
  const encrypted = { encrypted: true, kmsKeyId: 'two' };
  it.world.operator.setKeyState(AWAY, 'two', 'disabled');
  expect(codeOf(() => copy(it, source, encrypted))).toBe('InvalidParameterValue');
  it.world.operator.setKeyState(AWAY, 'two', 'inaccessible');
  copy(it, source, encrypted);
  it.pass(HOUR);
  const [failed] = it.world.api(AWAY).describeSnapshots().items;
  expect(failed).toMatchObject({ state: 'error', stateMessage: 'Given key ID is not accessible' });
});

test('a copy whose source is deleted meanwhile fails, unless the knob says otherwise', () => {
  for (const [copiesSurviveSourceDeletion, state] of [
    [false, 'error'],
    [true, 'completed'],
  ] as const) {
    const it = testWorld({ knobs: { copiesSurviveSourceDeletion } });
    const source = completed(it);
    copy(it, source);
    it.world.api(HOME).deleteSnapshot({ snapshotId: source });
    it.pass(HOUR);
    expect(it.world.api(AWAY).describeSnapshots().items[0]?.state).toBe(state);
  }
});

test('a copy that is deleted in flight keeps its place until it would have ended, and says nothing', () => {
  const it = testWorld({ knobs: { copiesInFlightMax: 1 } });
  const source = completed(it);
  const { id: snapshotId } = copy(it, source);
  it.world.api(AWAY).deleteSnapshot({ snapshotId });
  expect(codeOf(() => copy(it, source))).toBe('ResourceLimitExceeded');
  it.pass(HOUR);
  expect(it.world.api(AWAY).describeSnapshots().items).toEqual([]);
  expect(it.events.filter(({ region }) => region === AWAY)).toEqual([]);
  expect(copy(it, source).state).toBe('pending');
});

test('an archived source cannot be copied', () => {
  const it = testWorld();
  const source = completed(it);
  it.world.operator.setStorageTier(HOME, source, 'archive');
  copy(it, source);
  it.pass(HOUR);
  expect(it.world.api(AWAY).describeSnapshots().items[0]?.state).toBe('error');
});

test('copies named by a fault fail, others do not', () => {
  const it = testWorld({ instances: [machine(1, { volumes: [1, 2] })], volumes: [disk(1), disk(2)] });
  const sources = [completed(it, id('vol', 1)), completed(it, id('vol', 2))];
  it.world.faults.failCopies(({ volumeId }) => volumeId === id('vol', 2));
  for (const source of sources) copy(it, source);
  it.pass(10 * SECOND);
  it.world.faults.liftAll();
  it.pass(HOUR);
  expect(
    it.world
      .api(AWAY)
      .describeSnapshots()
      .items.map(({ state }) => state),
  ).toEqual(['completed', 'error']);
});
