import { expect, test } from 'vitest';
import { Rng } from '../../src/index.ts';
import { AWAY, codeOf, disk, HOME, id, MINUTE, machine, SECOND, testWorld } from './world.ts';

const VOLUMES = [1, 2, 3, 4, 5, 6];
const CHAOS = { readLagMaxMs: 2 * MINUTE, pageSizeMax: 3, emptyPageShare: 0.2, copiesInFlightMax: 3 };

/** A busy afternoon: everything that happened, as text. */
function trace(seed: number, without?: number): string[] {
  const it = testWorld({
    seed,
    knobs: CHAOS,
    instances: [machine(1, { volumes: VOLUMES })],
    volumes: VOLUMES.map((number) => disk(number, { Size: number * 10 })),
  });
  const { world, events, pass } = it;
  world.faults.throttle('CopySnapshot', { share: 0.3 });
  world.faults.failSnapshots(({ volumeId }) => volumeId === id('vol', 2));
  const rng = new Rng(seed).fork('driver');
  const lines: string[] = [];
  for (let step = 0; step < 120; step += 1) {
    const volumeId = id('vol', rng.int(1, 6));
    if (volumeId !== id('vol', without ?? 0)) codeOf(() => world.api(HOME).createSnapshot({ volumeId }));
    const seen = world.api(HOME).describeSnapshots({ maxResults: 5 });
    lines.push(`${step} ${seen.items.map((snapshot) => snapshot.id).join()} ${seen.nextToken ?? ''}`);
    for (const { id: sourceSnapshotId } of seen.items.slice(0, 1)) {
      codeOf(() => world.api(AWAY).copySnapshot({ sourceRegion: HOME, sourceSnapshotId }));
    }
    pass(rng.int(1, 60) * SECOND);
  }
  return [
    ...lines,
    ...events.map((event) => JSON.stringify(event)),
    JSON.stringify([world.stats.apis(), world.stats.regions()]),
  ];
}

test('the same seed makes the same world, another seed another one', () => {
  expect(trace(11)).toEqual(trace(11));
  expect(trace(11)).not.toEqual(trace(12));
});

test('leaving one volume out leaves ids and durations of the others as they were', () => {
  const started = (without?: number) =>
    trace(11, without)
      .filter((line) => line.includes('"createSnapshot"') && !line.includes(id('vol', 3)))
      .map((line) => JSON.parse(line) as { id: string; detail: { startTime: string; endTime: string } })
      .map((event) => `${event.id} ${event.detail.startTime} ${event.detail.endTime}`);
  expect(started(3)).toEqual(started());
  expect(started().length).toBeGreaterThan(5);
});
