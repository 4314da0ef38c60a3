import {
  READ_LAG_MS,
  type Region,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
} from '@smart-vault/core';
import { expect, it } from 'vitest';
import { RecentStarts } from '../src/index.ts';
import { FakeClock, NOON } from './fakes.ts';

const aSnapshot = (id: string, state: Snapshot['state'] = 'pending'): Snapshot => ({
  id: `snap-${id.padStart(8, '0')}` as SnapshotId,
  region: 'us-east-1' as Region,
  state,
  volumeId: 'vol-00000001',
  sizeGiB: 8,
  startedAt: NOON,
  description: '',
  encrypted: false,
  storageTier: 'standard',
  tags: {},
});

/** A region as its listings show it. */
const regionOf = (visible: readonly Snapshot[]): SnapshotStore =>
  ({
    listPendingSnapshots: async () => visible.filter(({ state }) => state === 'pending'),
    findSnapshots: async (ids: readonly SnapshotId[]) => visible.filter(({ id }) => ids.includes(id)),
  }) as unknown as SnapshotStore;

const all = (): boolean => true;

it('counts what it started and what the listing does not show yet', async () => {
  const recent = new RecentStarts(new FakeClock());
  recent.add(aSnapshot('1'));
  recent.add(aSnapshot('2'));

  expect(await recent.countPending(regionOf([aSnapshot('1'), aSnapshot('9')]), all)).toBe(3);
});

it('does not count what has ended already, nor what is of another kind', async () => {
  const recent = new RecentStarts(new FakeClock());
  recent.add(aSnapshot('1'));
  recent.add(aSnapshot('2'));
  const copy = { ...aSnapshot('3'), volumeId: 'vol-ffffffff' };
  const region = regionOf([aSnapshot('1', 'completed'), aSnapshot('2', 'error'), copy]);

  expect(await recent.countPending(region, ({ volumeId }) => volumeId !== 'vol-ffffffff')).toBe(0);
});

it('asks about an end once: EC2 never takes it back', async () => {
  const asked: (readonly SnapshotId[])[] = [];
  const recent = new RecentStarts(new FakeClock());
  recent.add(aSnapshot('1'));
  recent.add(aSnapshot('2'));
  const region = {
    ...regionOf([aSnapshot('1', 'completed')]),
    findSnapshots: async (ids: readonly SnapshotId[]) => {
      asked.push(ids);
      return [aSnapshot('1', 'completed')];
    },
  };

  expect(await recent.countPending(region, all)).toBe(1);
  expect(await recent.countPending(region, all)).toBe(1);
  expect(asked).toEqual([['snap-00000001', 'snap-00000002'], ['snap-00000002']]);
});

it('believes the listing once its lag is over', async () => {
  const clock = new FakeClock();
  const recent = new RecentStarts(clock);
  recent.add(aSnapshot('1'));

  clock.advance(READ_LAG_MS);
  expect(await recent.countPending(regionOf([]), all)).toBe(1);
  clock.advance(1);
  expect(await recent.countPending(regionOf([]), all)).toBe(0);
});

it('completes a listing with what it does not show, and leaves what it shows as it is', () => {
  const recent = new RecentStarts(new FakeClock());
  recent.add(aSnapshot('1'));
  recent.add(aSnapshot('2'));

  const complete = recent.complete([aSnapshot('1', 'error'), aSnapshot('7')]);

  expect(complete).toEqual([aSnapshot('1', 'error'), aSnapshot('7'), aSnapshot('2')]);
});
