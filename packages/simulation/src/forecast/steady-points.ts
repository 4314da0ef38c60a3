import {
  COPY_VOLUME_ID,
  DAY_MS,
  HOUR_MS,
  parseSchedule,
  planPrune,
  type Region,
  type Schedule,
  type Snapshot,
  type SnapshotId,
  slotAt,
  type VolumeId,
} from '@smart-vault/core';
import type { ForecastSettings } from './settings.ts';

/** Snapshots per volume in each region once as many go as come. */
export interface SteadyPoints {
  /** Most at any time, by region. */
  readonly perVolume: Readonly<Record<string, number>>;
  /** Slots in 30 days. */
  readonly slotsPerMonth: number;
  /** Shortest and longest time between two slots within the next 30 days, hours. */
  readonly intervalHours: { readonly shortest: number; readonly longest: number };
}

/** The fixed time that schedules are looked at from; no change of summer time is near. */
const NOW_MS = Date.UTC(2027, 0, 15, 12);
const MONTH_MS = 30 * DAY_MS;
const VAULT = 'smart-vault';
const POLICY = 'default';
const VOLUME = 'vol-00000000000000001' as VolumeId;
const INSTANCE = 'i-00000000000000001';

/**
 * Lets the pruner's own plan decide about one volume, from a full history on, until nothing changes from day to day.
 * Volumes do not influence each other in it, so the fleet has so many times its number.
 */
export function steadyPoints(settings: ForecastSettings): SteadyPoints {
  const schedule = parseSchedule(settings.schedule, settings.timezone);
  return { perVolume: countsOf(settings, schedule), ...rhythm(schedule) };
}

function rhythm(schedule: Schedule): Pick<SteadyPoints, 'slotsPerMonth' | 'intervalHours'> {
  const slots = slotsBetween(schedule, NOW_MS, NOW_MS + MONTH_MS);
  let [shortest, longest] = [Number.POSITIVE_INFINITY, 0];
  const first = slots[0] ?? schedule.nextAfter(NOW_MS) ?? NOW_MS;
  for (let at = first, left = Math.max(1, slots.length); left > 0; left -= 1) {
    const next = schedule.nextAfter(at);
    if (next === undefined) break;
    shortest = Math.min(shortest, next - at);
    longest = Math.max(longest, next - at);
    at = next;
  }
  return {
    // Slots further apart than a month: their share of one.
    slotsPerMonth: longest > MONTH_MS / 2 ? MONTH_MS / longest : slots.length,
    intervalHours: { shortest: shortest / HOUR_MS, longest: longest / HOUR_MS },
  };
}

function slotsBetween(schedule: Schedule, fromMs: number, toMs: number): readonly number[] {
  const slots: number[] = [];
  for (let at = schedule.nextAfter(fromMs); at !== undefined && at <= toMs; at = schedule.nextAfter(at))
    slots.push(at);
  return slots;
}

function countsOf(settings: ForecastSettings, schedule: Schedule): SteadyPoints['perVolume'] {
  const { retentionDays, graceHours, sourceRegion, destinations } = settings;
  const regions = [sourceRegion, ...destinations];
  const interval = (schedule.nextAfter(NOW_MS) ?? NOW_MS) - (schedule.latestAt(NOW_MS) ?? NOW_MS);
  const historyMs = Math.max(retentionDays * DAY_MS + DAY_MS, (settings.keepMin + 1) * interval);
  // Condemning, grace, deleting; copies follow their sources.
  const replayMs = 3 * DAY_MS + 2 * graceHours * HOUR_MS + 2 * interval;
  let held = new Map<Region, Snapshot[]>(regions.map((region) => [region, []]));
  const most = new Map<Region, number>();
  const slots = slotsBetween(schedule, NOW_MS - historyMs, NOW_MS + replayMs);
  for (const slot of slots.filter((at) => at <= NOW_MS)) add(held, slot, sourceRegion);
  const pruning = parseSchedule(settings.pruneSchedule, settings.timezone);
  const coming = slots.filter((at) => at > NOW_MS);
  const settledMs = NOW_MS + replayMs - DAY_MS - interval;
  for (const now of slotsBetween(pruning, NOW_MS, NOW_MS + replayMs)) {
    while ((coming[0] ?? Number.POSITIVE_INFINITY) <= now) add(held, coming.shift() as number, sourceRegion);
    if (now >= settledMs)
      for (const [region, some] of held) most.set(region, Math.max(most.get(region) ?? 0, some.length));
    held = afterPrune(settings, held, now);
  }
  return Object.fromEntries(regions.map((region) => [region, most.get(region) ?? 0]));
}

function add(held: ReadonlyMap<Region, Snapshot[]>, slotMs: number, source: Region): void {
  const id = (place: number): SnapshotId =>
    `snap-${(Math.floor(slotMs / 1_000) * 16 + place).toString(16).padStart(17, '0')}` as SnapshotId;
  [...held].forEach(([region, snapshots], place) => {
    snapshots.push({
      id: id(place),
      region,
      state: 'completed',
      volumeId: region === source ? VOLUME : COPY_VOLUME_ID,
      sizeGiB: 1,
      startedAt: slotMs,
      completedAt: slotMs,
      description: '',
      encrypted: false,
      storageTier: 'standard',
      tags: {
        'smart-vault:vault': VAULT,
        'smart-vault:policy': POLICY,
        'smart-vault:slot': slotAt(slotMs),
        'smart-vault:instance': INSTANCE,
        'smart-vault:volume': VOLUME,
        ...(region === source
          ? {}
          : {
              CopiedFrom: source,
              OriginalSnapshotId: id(0),
              'smart-vault:started-at': new Date(slotMs).toISOString(),
            }),
      },
    });
  });
}

function afterPrune(
  settings: ForecastSettings,
  held: ReadonlyMap<Region, Snapshot[]>,
  now: number,
): Map<Region, Snapshot[]> {
  const { retentionDays, keepMin, graceHours, destinations, consistency, sourceRegion } = settings;
  const { decisions } = planPrune({
    now,
    vault: VAULT,
    source: sourceRegion,
    limits: { deletesPerRunMax: Number.MAX_SAFE_INTEGER, deleteShareMax: 1 },
    policy: {
      name: POLICY,
      tagKey: 'backup',
      tagValue: 'true',
      consistency,
      retentionDays,
      keepMin,
      graceHours,
      destinations,
    },
    regions: [...held].map(([region, snapshots]) => ({
      region,
      snapshots,
      inImages: new Set(),
      locked: new Set(),
    })),
  });
  const kinds = new Map(decisions.map(({ snapshotId, kind }) => [snapshotId, kind]));
  const condemned = { 'smart-vault:condemned-at': slotAt(now) };
  return new Map(
    [...held].map(([region, snapshots]) => [
      region,
      snapshots
        .filter(({ id }) => kinds.get(id) !== 'delete')
        .map((each) =>
          kinds.get(each.id) === 'condemn' ? { ...each, tags: { ...each.tags, ...condemned } } : each,
        ),
    ]),
  );
}
