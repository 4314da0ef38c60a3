import {
  AppError,
  type Clock,
  copyTags,
  DAY_MS,
  type ErrorCode,
  HOUR_MS,
  type Policy,
  pointOf,
  type Region,
  type ScheduledJob,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  slotAt,
  TAG,
  type Tags,
} from '@smart-vault/core';
import { Pacer } from '@smart-vault/lambda-kit';
import { aPolicy, instanceId, volumeId } from '../../core/test/builders.ts';
import { createFakeLog } from '../../lambda-kit/test/fakes.ts';
import type { PruneConfig, PrunePorts } from '../src/index.ts';

export const VAULT = 'smart-vault';
export const SOURCE = 'us-east-1' as Region;
export const DESTINATION = 'eu-west-1' as Region;
export const NOW = Date.parse('2026-11-22T05:00:00Z');
export const POLICY: Policy = aPolicy({ destinations: [DESTINATION] });
export const CONFIG: PruneConfig = {
  vault: VAULT,
  policy: POLICY,
  limits: { deletesPerRunMax: 200, deleteShareMax: 0.2 },
  mode: 'live',
};
export const JOB: ScheduledJob = { v: 1, kind: 'scheduled-job', job: 'prune', at: slotAt(NOW) };

const hex = (n: number) => n.toString(16).padStart(8, '0');

/** The id of volume `n`'s snapshot that is so many days old; copies have their own. */
export const idOf = (n: number, ageDays: number, region: Region = SOURCE) =>
  `snap-${region === SOURCE ? '0' : '1'}${hex(n)}${hex(ageDays)}` as SnapshotId;

/** A good snapshot of volume `n` whose slot was 03:00, so many days ago. */
export function aSnapshot(n: number, ageDays: number, override: Partial<Snapshot> = {}): Snapshot {
  const slotMsAt = NOW - 2 * HOUR_MS - ageDays * DAY_MS;
  return {
    id: idOf(n, ageDays),
    region: SOURCE,
    state: 'completed',
    volumeId: volumeId(n),
    sizeGiB: 10,
    startedAt: slotMsAt + 60_000,
    completedAt: slotMsAt + HOUR_MS,
    description: '',
    encrypted: false,
    storageTier: 'standard',
    ...override,
    tags: {
      [TAG.vault]: VAULT,
      [TAG.policy]: 'default',
      [TAG.slot]: slotAt(slotMsAt),
      [TAG.instance]: instanceId(1),
      ...override.tags,
    },
  };
}

/** The good copy of that snapshot in the destination. */
export function aCopy(n: number, ageDays: number, override: Partial<Snapshot> = {}): Snapshot {
  const source = aSnapshot(n, ageDays);
  const ownership = pointOf(source, VAULT);
  if (ownership.kind !== 'owned') throw new Error('the source is not ours');
  return {
    ...source,
    id: idOf(n, ageDays, DESTINATION),
    region: DESTINATION,
    volumeId: 'vol-ffffffff',
    startedAt: source.startedAt + 2 * HOUR_MS,
    ...override,
    tags: { ...copyTags(source, ownership.point), ...override.tags },
  };
}

export const condemned = (hoursAgo: number): Tags => ({
  [TAG.condemnedAt]: slotAt(NOW - hoursAgo * HOUR_MS),
});

/** EC2's snapshots of one region, with what a test wants to go wrong. */
class VaultStore implements SnapshotStore {
  readonly region: Region;
  readonly snapshots = new Map<SnapshotId, Snapshot>();
  readonly images = new Set<SnapshotId>();
  readonly locked = new Set<SnapshotId>();
  /** Calls that changed something, or tried to. */
  readonly mutations: string[] = [];
  /** Errors by id (delete and tag calls) or by method. */
  readonly errors = new Map<string, Error>();
  /** What happens in the world right before a look by id. */
  beforeLook: () => void = () => {};
  /** What a delete costs: moves the clock. */
  onDelete: (id: SnapshotId) => void = () => {};
  readonly looks: (readonly SnapshotId[])[] = [];

  constructor(region: Region) {
    this.region = region;
  }

  holds(...snapshots: readonly Snapshot[]): this {
    for (const snapshot of snapshots) this.snapshots.set(snapshot.id, snapshot);
    return this;
  }

  fails(key: string, code: ErrorCode): this {
    this.errors.set(key, new AppError(code, `EC2 says ${code}`));
    return this;
  }

  retag(id: SnapshotId, change: (tags: Tags) => Tags): void {
    const snapshot = this.snapshots.get(id);
    if (snapshot) this.snapshots.set(id, { ...snapshot, tags: change(snapshot.tags) });
  }

  ids = (): SnapshotId[] => [...this.snapshots.keys()].sort();
  condemnedIds = (): SnapshotId[] =>
    [...this.snapshots.values()]
      .filter(({ tags }) => TAG.condemnedAt in tags)
      .map(({ id }) => id)
      .sort();

  async listVaultSnapshots(vault: string): Promise<readonly Snapshot[]> {
    this.#failOn('listVaultSnapshots');
    return [...this.snapshots.values()].filter((snapshot) => snapshot.tags[TAG.vault] === vault);
  }
  async findSnapshots(ids: readonly SnapshotId[]): Promise<readonly Snapshot[]> {
    this.#failOn('findSnapshots');
    this.beforeLook();
    this.looks.push(ids);
    return ids.flatMap((id) => this.snapshots.get(id) ?? []);
  }
  async findSnapshotsInImages(ids: readonly SnapshotId[]): Promise<ReadonlySet<SnapshotId>> {
    this.#failOn('findSnapshotsInImages');
    return new Set(ids.filter((id) => this.images.has(id)));
  }
  async listLockedSnapshotIds(): Promise<ReadonlySet<SnapshotId>> {
    this.#failOn('listLockedSnapshotIds');
    return new Set(this.locked);
  }
  async deleteSnapshot(id: SnapshotId): Promise<void> {
    this.mutations.push(`delete ${id}`);
    this.onDelete(id);
    this.#failOn(id);
    this.#failOn(`delete ${id}`);
    if (this.images.has(id) || this.locked.has(id)) throw new AppError('IN_USE', 'in use');
    if (!this.snapshots.delete(id)) throw new AppError('NOT_FOUND', 'gone');
  }
  async addTags(ids: readonly SnapshotId[], tags: Tags): Promise<void> {
    this.#tagAll('tag', ids, (old) => ({ ...old, ...tags }));
  }
  async removeTags(ids: readonly SnapshotId[], keys: readonly string[]): Promise<void> {
    const without = (old: Tags): Tags =>
      Object.fromEntries(Object.entries(old).filter(([key]) => !keys.includes(key)));
    this.#tagAll('untag', ids, without);
  }
  listPendingSnapshots = (): Promise<never> => Promise.reject(new Error('not the pruner’s'));
  createSnapshot = (): Promise<never> => Promise.reject(new Error('not the pruner’s'));
  createSnapshotSet = (): Promise<never> => Promise.reject(new Error('not the pruner’s'));
  copySnapshot = (): Promise<never> => Promise.reject(new Error('not the pruner’s'));

  /** As EC2: one id that is gone or denied fails the whole call. */
  #tagAll(verb: string, ids: readonly SnapshotId[], change: (tags: Tags) => Tags): void {
    this.mutations.push(`${verb} ${ids.join(' ')}`);
    for (const id of ids) {
      this.#failOn(id);
      if (!this.snapshots.has(id)) throw new AppError('NOT_FOUND', 'gone');
    }
    for (const id of ids) this.retag(id, change);
  }

  #failOn(key: string): void {
    const error = this.errors.get(key);
    if (error) throw error;
  }
}

/** Two regions, a clock that moves when somebody sleeps, and what was logged and counted. */
export class World implements PrunePorts {
  now = NOW;
  remaining: () => number = () => 900_000;
  readonly counts: Record<string, number> = {};
  readonly source = new VaultStore(SOURCE);
  readonly destination = new VaultStore(DESTINATION);
  readonly destinations = [this.destination];

  readonly clock: Clock = {
    now: () => this.now,
    sleep: async (ms) => {
      this.now += ms;
    },
  };
  readonly log = createFakeLog();
  readonly #pacers = new Map<Region, Pacer>();
  remainingMs = (): number => this.remaining();

  pacerOf(region: Region): Pacer {
    const pacer =
      this.#pacers.get(region) ?? new Pacer({ capacity: 5, refillPerSecond: 5, clock: this.clock });
    this.#pacers.set(region, pacer);
    return pacer;
  }

  count(name: string, value: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + value;
  }

  /** Volume `n` has a snapshot and a copy of each of these ages. */
  protects(n: number, agesDays: readonly number[], tags: Tags = {}): this {
    for (const age of agesDays) {
      this.source.holds(aSnapshot(n, age, { tags }));
      this.destination.holds(aCopy(n, age, { tags }));
    }
    return this;
  }

  mutations(): string[] {
    return [...this.source.mutations, ...this.destination.mutations];
  }
}
