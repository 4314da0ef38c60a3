import { type AppError, type Snapshot, TAG } from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { pruneSnapshots } from '../src/index.ts';
import { aSnapshot, CONFIG, condemned, DESTINATION, idOf, JOB, NOW, POLICY, SOURCE, World } from './fakes.ts';

const WEEK = [0, 1, 2, 3, 4, 5, 6];
const DAY_MS = 86_400_000;
const copyOf = (n: number, ageDays: number) => idOf(n, ageDays, DESTINATION);

describe('the two phases', () => {
  it('condemns what has expired and deletes nothing yet', async () => {
    const world = new World().protects(1, [...WEEK, 7]);

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toHaveLength(8);
    expect(world.source.condemnedIds()).toEqual([idOf(1, 7)]);
    expect(world.source.snapshots.get(idOf(1, 7))?.tags[TAG.condemnedAt]).toBe('2026-11-22T05:00:00Z');
  });

  it('deletes what has been condemned for the grace period, here and in the destination', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toEqual(WEEK.map((age) => idOf(1, age)));
    expect(world.destination.ids()).toEqual(WEEK.map((age) => copyOf(1, age)));
    expect(outcomes.map(({ kind, region }) => [kind, region])).toEqual([
      ['deleted', SOURCE],
      ['deleted', DESTINATION],
    ]);
  });

  it('leaves alone what is still in its grace period', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(23));

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.mutations()).toEqual([]);
  });

  it('takes the condemnation back when retention has become longer', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));

    await pruneSnapshots(world, { ...CONFIG, policy: { ...POLICY, retentionDays: 30 } }, JOB);

    expect(world.source.condemnedIds()).toEqual([]);
    expect(world.source.ids()).toHaveLength(8);
  });

  it('takes condemnations back before it condemns anything', async () => {
    const world = new World().protects(1, WEEK).protects(2, [...WEEK, 7]);
    world.source.holds(aSnapshot(1, 6, { tags: condemned(30) }));

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.mutations).toEqual([`untag ${idOf(1, 6)}`, `tag ${idOf(2, 7)}`]);
  });

  it('ends with the newest snapshots only when it runs every day', async () => {
    const world = new World().protects(1, [...WEEK, 7, 8]);

    for (let day = 0; day < 3; day += 1) {
      await pruneSnapshots(world, CONFIG, JOB);
      world.now += DAY_MS;
    }

    expect(world.source.ids()).toEqual(WEEK.slice(0, 6).map((age) => idOf(1, age)));
    expect(world.destination.ids()).toEqual(WEEK.slice(0, 6).map((age) => copyOf(1, age)));
  });

  it('needs one more run and no waiting when the grace period is 0', async () => {
    const world = new World().protects(1, [...WEEK, 7]);
    const config = { ...CONFIG, policy: { ...POLICY, graceHours: 0 } };

    await pruneSnapshots(world, config, JOB);
    world.now += 60_000;
    await pruneSnapshots(world, config, JOB);
    world.now += 60_000;
    await pruneSnapshots(world, config, JOB);

    expect(world.source.ids()).toEqual(WEEK.map((age) => idOf(1, age)));
    expect(world.destination.ids()).toEqual(WEEK.map((age) => copyOf(1, age)));
  });

  it('changes nothing more once everything is done', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    await pruneSnapshots(world, CONFIG, JOB);
    const before = world.mutations();

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.mutations()).toEqual(before);
  });
});

describe('dry-run', () => {
  it('makes no call that changes anything and logs the plan that live mode would follow', async () => {
    const build = () =>
      new World()
        .protects(1, [...WEEK, 7])
        .protects(2, WEEK)
        .protects(2, [8], condemned(25));
    const [dry, live] = [build(), build()];

    const dryReport = await pruneSnapshots(dry, { ...CONFIG, mode: 'dry-run' }, JOB);
    const liveReport = await pruneSnapshots(live, CONFIG, JOB);

    expect(dry.mutations()).toEqual([]);
    expect(dryReport.plan).toEqual(liveReport.plan);
    expect(dry.log.logged('prune.decision')).toEqual(live.log.logged('prune.decision'));
    expect(dryReport.plan.decisions.map(({ kind }) => kind).filter((kind) => kind !== 'keep')).toEqual([
      'delete',
      'condemn',
      'delete',
      'condemn',
    ]);
    expect(live.mutations().length).toBeGreaterThan(0);
  });
});

describe('what it keeps its hands off', () => {
  it.each([
    [
      'without our tag',
      (world: World) => world.source.retag(idOf(1, 8), ({ [TAG.vault]: _, ...rest }) => rest),
    ],
    [
      'of another vault',
      (world: World) => world.source.retag(idOf(1, 8), (t) => ({ ...t, [TAG.vault]: 'other' })),
    ],
    [
      'held by an operator',
      (world: World) => world.source.retag(idOf(1, 8), (t) => ({ ...t, [TAG.hold]: 'ever' })),
    ],
    ['locked', (world: World) => world.source.locked.add(idOf(1, 8))],
    ['in an AMI', (world: World) => world.source.images.add(idOf(1, 8))],
  ] as const)('keeps a snapshot %s', async (_name, arrange) => {
    const world = new World()
      .protects(1, WEEK)
      .protects(1, [8], condemned(25))
      .protects(2, WEEK)
      .protects(2, [8], condemned(25));
    arrange(world);

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toContain(idOf(1, 8));
    expect(world.source.ids()).not.toContain(idOf(2, 8));
  });
});

describe('the look right before a delete', () => {
  it.each([
    ['is not ours any more', (t: Readonly<Record<string, string>>) => ({ ...t, [TAG.vault]: 'other' })],
    ['is held now', (t: Readonly<Record<string, string>>) => ({ ...t, [TAG.hold]: 'forever' })],
    ['was pardoned by hand', ({ [TAG.condemnedAt]: _, ...rest }: Readonly<Record<string, string>>) => rest],
    ['was condemned anew', (t: Readonly<Record<string, string>>) => ({ ...t, ...condemned(1) })],
  ] as const)('spares a snapshot that %s, and so its copy', async (_name, change) => {
    const world = new World()
      .protects(1, WEEK)
      .protects(1, [8], condemned(25))
      .protects(2, WEEK)
      .protects(2, [8], condemned(25));
    world.source.beforeLook = () => world.source.retag(idOf(1, 8), change);

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toContain(idOf(1, 8));
    expect(world.source.ids()).not.toContain(idOf(2, 8));
    expect(outcomes.filter(({ kind }) => kind === 'kept').map(({ snapshotId }) => snapshotId)).toEqual([
      idOf(1, 8),
      copyOf(1, 8),
    ]);
  });

  it('counts a snapshot that is gone by then as gone', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    world.source.beforeLook = () => world.source.snapshots.delete(idOf(1, 8));

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(outcomes.map(({ kind, region }) => [kind, region])).toEqual([
      ['gone', SOURCE],
      ['deleted', DESTINATION],
    ]);
  });

  it('is repeated when deletes are so slow that it is a minute old', async () => {
    const world = new World();
    for (let n = 1; n <= 12; n += 1) world.protects(n, WEEK).protects(n, [8], condemned(25));
    const lookedAt = new Map<string, number>();
    const ages: number[] = [];
    const { source } = world;
    source.beforeLook = () => lookedAt.set('last', world.now);
    source.onDelete = () => {
      ages.push(world.now - (lookedAt.get('last') ?? 0));
      world.now += 9_000;
    };

    await pruneSnapshots(world, CONFIG, JOB);

    expect(ages).toHaveLength(12);
    expect(Math.max(...ages)).toBeLessThanOrEqual(60_000);
    expect(source.looks.map((ids) => ids.length)).toEqual([12, 5]);
  });

  it('asks for fifty at a time', async () => {
    const world = new World();
    for (let n = 1; n <= 60; n += 1) world.protects(n, WEEK).protects(n, [8], condemned(25));

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.looks.map((ids) => ids.length)).toEqual([50, 10]);
    expect(world.source.ids()).toHaveLength(60 * 7);
  });

  it('deletes nothing in a region where it fails', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    world.source.fails('findSnapshots', 'TRANSIENT');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toContain(idOf(1, 8));
    expect(outcomes.find(({ region }) => region === SOURCE)).toMatchObject({
      kind: 'failed',
      reason: 'it could not be looked at again (TRANSIENT: EC2 says TRANSIENT)',
    });
  });

  it.each([
    ['DENIED', 60, 'failed'],
    ['THROTTLED', 0, 'deferred'],
  ] as const)('that ends with %s counts %i failures: all are %s', async (code, count, kind) => {
    const world = new World();
    for (let n = 1; n <= 60; n += 1) world.protects(n, WEEK).protects(n, [8], condemned(25));
    world.source.fails('findSnapshots', code);

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toHaveLength(60 * 8);
    expect(world.counts['RecordsFailed'] ?? 0).toBe(count);
    expect(outcomes.filter(({ region }) => region === SOURCE).map((each) => each.kind)).toEqual(
      Array.from({ length: 60 }, () => kind),
    );
  });
});

describe('deleting', () => {
  const tenExpired = () => {
    const world = new World();
    for (let n = 1; n <= 10; n += 1) world.protects(n, WEEK).protects(n, [8], condemned(25));
    return world;
  };
  const leftIn = (world: World) => world.source.ids().filter((id) => id.endsWith('8'));

  it('goes on when one of ten is denied, and counts it', async () => {
    const world = tenExpired();
    world.source.fails(`delete ${idOf(4, 8)}`, 'DENIED');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(leftIn(world)).toEqual([idOf(4, 8)]);
    expect(outcomes.filter(({ kind }) => kind === 'failed').map(({ reason }) => reason)).toEqual([
      'DENIED: EC2 says DENIED',
    ]);
    expect(world.counts['RecordsFailed']).toBe(1);
  });

  it('keeps the copy of a source that could not be deleted', async () => {
    const world = tenExpired();
    world.source.fails(`delete ${idOf(4, 8)}`, 'DENIED');

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.destination.ids().filter((id) => id.endsWith('8'))).toEqual([copyOf(4, 8)]);
  });

  it.each([
    ['IN_USE', 'refused'],
    ['NOT_FOUND', 'gone'],
  ] as const)('takes %s as an outcome and counts no failure', async (code, kind) => {
    const world = tenExpired();
    world.source.fails(`delete ${idOf(4, 8)}`, code);

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(outcomes.filter((outcome) => outcome.region === SOURCE && outcome.kind === kind)).toHaveLength(1);
    expect(leftIn(world)).toEqual([idOf(4, 8)]);
    expect(world.counts['RecordsFailed']).toBe(0);
  });

  it('stops politely when it is throttled, and the next run goes on', async () => {
    const world = tenExpired();
    world.source.fails(`delete ${idOf(4, 8)}`, 'THROTTLED');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);
    expect(leftIn(world)).toHaveLength(7);
    expect(outcomes.filter(({ kind }) => kind === 'deferred')).toHaveLength(7);
    expect(world.counts['RecordsFailed']).toBe(0);

    world.source.errors.clear();
    await pruneSnapshots(world, CONFIG, JOB);
    expect(leftIn(world)).toEqual([]);
  });

  it('stops when less than a minute is left, and the next run goes on', async () => {
    const world = tenExpired();
    const deletes = () => world.source.mutations.filter((each) => each.startsWith('delete'));
    world.remaining = () => 62_000 - 1_000 * deletes().length;

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);
    expect(deletes()).toHaveLength(3);
    expect(leftIn(world)).toHaveLength(7);
    expect(outcomes.filter(({ kind, region }) => kind === 'deferred' && region === SOURCE)).toHaveLength(7);

    world.remaining = () => 900_000;
    await pruneSnapshots(world, CONFIG, JOB);
    expect(leftIn(world)).toEqual([]);
  });

  it('sends five deletes a second', async () => {
    const world = tenExpired();

    await pruneSnapshots(world, { ...CONFIG, policy: { ...POLICY, destinations: [DESTINATION] } }, JOB);

    // 5 at once and 5 paced, in each of two regions.
    expect(world.now - NOW).toBe(2_000);
  });

  it('logs each delete with its rule and reason before the call', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    let loggedBefore: unknown;
    world.source.onDelete = () => {
      loggedBefore = world.log.logged('snapshot.deleting').map(({ snapshotId, rule }) => [snapshotId, rule]);
    };

    await pruneSnapshots(world, CONFIG, JOB);

    expect(loggedBefore).toEqual([[idOf(1, 8), 'expired']]);
  });

  it('takes what a run had marked and not deleted when it died for what came back: it waits once more', async () => {
    const world = tenExpired();
    world.source.errors.set(`delete ${idOf(4, 8)}`, new Error('the process died'));

    await expect(pruneSnapshots(world, CONFIG, JOB)).rejects.toThrow('the process died');
    expect(leftIn(world)).toHaveLength(7);
    world.source.errors.clear();
    world.now += 6 * 3_600_000;

    await pruneSnapshots(world, CONFIG, JOB);
    expect(leftIn(world)).toHaveLength(7);
    expect(world.source.condemnedIds()).toEqual([]);

    await pruneSnapshots(world, CONFIG, JOB);
    world.now += 25 * 3_600_000;
    await pruneSnapshots(world, CONFIG, JOB);
    expect(leftIn(world)).toEqual([]);
    expect(world.source.ids()).toHaveLength(70);
  });

  it('marks it first, so that what comes back from the Recycle Bin is not simply deleted again', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    const binned: Snapshot[] = [];
    world.destination.onDelete = (id) => {
      const snapshot = world.destination.snapshots.get(id);
      if (snapshot) binned.push(snapshot);
    };
    await pruneSnapshots(world, CONFIG, JOB);
    world.destination.holds(...binned);
    world.now += 6 * 3_600_000;

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(binned.map(({ tags }) => tags[TAG.condemnedAt])).toEqual([
      '2026-11-21T04:00:00Z, deleted 2026-11-22T05:00:00Z',
    ]);
    expect(outcomes).toMatchObject([
      {
        kind: 'pardoned',
        snapshotId: copyOf(1, 8),
        reason: expect.stringContaining('taken back from the Recycle Bin'),
      },
    ]);
    expect(world.destination.condemnedIds()).toEqual([]);
  });

  it('takes the mark from what EC2 did not delete: the next run tries again', async () => {
    const world = tenExpired();
    world.source.fails(`delete ${idOf(4, 8)}`, 'DENIED');

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.snapshots.get(idOf(4, 8))?.tags[TAG.condemnedAt]).toBe('2026-11-21T04:00:00Z');
  });

  it('does not delete what it could not mark', async () => {
    const world = tenExpired();
    world.source.fails(idOf(4, 8), 'DENIED');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(leftIn(world)).toEqual([idOf(4, 8)]);
    expect(world.source.mutations).not.toContain(`delete ${idOf(4, 8)}`);
    expect(outcomes.filter(({ kind }) => kind === 'failed')).toHaveLength(1);
  });

  it('deletes the oldest slots first', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8, 9], condemned(25));

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.mutations).toEqual([
      `tag ${idOf(1, 9)} ${idOf(1, 8)}`,
      `delete ${idOf(1, 9)}`,
      `delete ${idOf(1, 8)}`,
    ]);
  });
});

describe('condemning', () => {
  it('condemns the others one by one when one of them is gone', async () => {
    const world = new World();
    for (let n = 1; n <= 3; n += 1) world.protects(n, [...WEEK, 7]);
    world.source.fails(idOf(2, 7), 'NOT_FOUND');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.condemnedIds()).toEqual([idOf(1, 7), idOf(3, 7)]);
    expect(outcomes.filter(({ region }) => region === SOURCE).map(({ kind }) => kind)).toEqual([
      'condemned',
      'gone',
      'condemned',
    ]);
  });

  it('stops politely when it is throttled, and the next run condemns the rest', async () => {
    const world = new World();
    for (let n = 1; n <= 3; n += 1) world.protects(n, [...WEEK, 7]);
    world.source.fails(idOf(2, 7), 'THROTTLED');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);
    expect(outcomes.filter(({ region }) => region === SOURCE).map(({ kind }) => kind)).toEqual([
      'deferred',
      'deferred',
      'deferred',
    ]);
    expect(world.counts['RecordsFailed']).toBe(0);

    world.source.errors.clear();
    await pruneSnapshots(world, CONFIG, JOB);
    expect(world.source.condemnedIds()).toEqual([idOf(1, 7), idOf(2, 7), idOf(3, 7)]);
  });

  it('reports every one when tagging is denied', async () => {
    const world = new World();
    for (let n = 1; n <= 3; n += 1) world.protects(n, [...WEEK, 7]);
    for (let n = 1; n <= 3; n += 1) world.source.fails(idOf(n, 7), 'DENIED');

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.condemnedIds()).toEqual([]);
    expect(world.counts['RecordsFailed']).toBe(3);
    expect(world.destination.condemnedIds()).not.toEqual([]);
  });
});

describe('failing closed', () => {
  it.each(['listVaultSnapshots', 'findSnapshotsInImages', 'listLockedSnapshotIds'])(
    'deletes neither there nor in the source region when the destination fails at %s',
    async (method) => {
      const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
      world.destination.fails(method, 'DENIED');

      await pruneSnapshots(world, CONFIG, JOB);

      expect(world.source.ids()).toContain(idOf(1, 8));
      expect(world.destination.mutations).toEqual([]);
      expect(world.counts['RecordsFailed']).toBe(1);
    },
  );

  it('does not delete sources that nothing but an unreadable destination could vouch for', async () => {
    const world = new World().protects(1, WEEK).protects(1, [20], condemned(25));
    world.destination.fails('listVaultSnapshots', 'DENIED');

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.ids()).toContain(idOf(1, 20));
  });

  it('does not even delete a failed source while a destination cannot be read', async () => {
    const world = new World().protects(1, WEEK);
    world.source.holds(aSnapshot(1, 9, { state: 'error', tags: condemned(25) }));
    world.destination.fails('listVaultSnapshots', 'DENIED');

    const { outcomes } = await pruneSnapshots(world, CONFIG, JOB);
    expect(world.source.ids()).toContain(idOf(1, 9));
    expect(outcomes.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['deferred', 'the copies cannot be seen: eu-west-1 could not be read'],
    ]);

    world.destination.errors.clear();
    await pruneSnapshots(world, CONFIG, JOB);
    expect(world.source.ids()).not.toContain(idOf(1, 9));
  });

  it('does nothing in the source region when it cannot be read', async () => {
    const world = new World().protects(1, WEEK).protects(1, [8], condemned(25));
    world.source.fails('listVaultSnapshots', 'TRANSIENT');

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.source.mutations).toEqual([]);
    expect(world.source.ids()).toHaveLength(8);
  });

  it('refuses a plan that ageing does not explain, does nothing there, and raises the alarm', async () => {
    const world = new World();
    for (let n = 1; n <= 3; n += 1) world.protects(n, [...WEEK, 30, 31, 32, 33, 34, 35], condemned(25));

    const { plan } = await pruneSnapshots(world, CONFIG, JOB);

    expect(plan.refusals.map(({ region }) => region)).toEqual([SOURCE, DESTINATION]);
    expect(world.mutations().filter((call) => call.startsWith('delete'))).toEqual([]);
    expect(world.counts['PruneRefused']).toBe(1);
    expect(world.log.logged('prune.refused')).toHaveLength(2);
  });

  it('says 0 when nothing was refused', async () => {
    const world = new World().protects(1, WEEK);

    await pruneSnapshots(world, CONFIG, JOB);

    expect(world.counts).toEqual({ PruneRefused: 0, RecordsFailed: 0 });
  });

  it('does not run for another job', async () => {
    const world = new World().protects(1, [...WEEK, 7]);

    await expect(pruneSnapshots(world, CONFIG, { ...JOB, job: 'reconcile' })).rejects.toMatchObject({
      code: 'CONTRACT',
    } satisfies Partial<AppError>);

    expect(world.mutations()).toEqual([]);
  });
});

it('sums up each region', async () => {
  const world = new World()
    .protects(1, WEEK)
    .protects(1, [8], condemned(25))
    .protects(2, [...WEEK, 7]);

  await pruneSnapshots(world, CONFIG, JOB);

  expect(world.log.logged('prune.summary')[0]).toMatchObject({
    region: SOURCE,
    mode: 'live',
    snapshots: 16,
    outcomes: { deleted: 1, condemned: 1 },
    deletedGiB: 10,
  });
});
