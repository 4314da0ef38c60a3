import {
  type Clock,
  copyTags,
  HOUR_MS,
  type Instance,
  type InstanceCatalog,
  type OutgoingMessage,
  parseSchedule,
  pointOf,
  type Region,
  type ScheduledJob,
  type Snapshot,
  slotAt,
  sourceTags,
} from '@smart-vault/core';
import type { DeadLetterQueue } from '@smart-vault/lambda-kit';
import { anInstance, aPolicy, aVolume, snapshotId, volumeId } from '../../core/test/builders.ts';
import { FakeStore } from '../../lambda-kit/test/fake-store.ts';
import { createFakeLog, FakeQueue } from '../../lambda-kit/test/fakes.ts';
import type { ReconcileConfig, ReconcilePorts } from '../src/index.ts';

export const SOURCE = 'us-east-1' as Region;
export const WEST = 'eu-west-1' as Region;
export const NORTH = 'eu-north-1' as Region;
export const VAULT = 'smart-vault';
/** The slot of the day, and the sweep five hours later. */
export const SLOT = slotAt(Date.parse('2026-11-22T03:00:00Z'));
export const NOW = Date.parse(SLOT) + 5 * HOUR_MS;
export const JOB: ScheduledJob = { v: 1, kind: 'scheduled-job', job: 'reconcile', at: slotAt(NOW) };
export const CONFIG: ReconcileConfig = {
  vault: VAULT,
  policy: aPolicy({ destinations: [WEST, NORTH] }),
  sourceRegion: SOURCE,
  schedule: parseSchedule('cron(0 3 * * ? *)', 'UTC'),
};

/** The good snapshot `n` of volume `n` of instance 1, for the slot of the day. */
export function aSnapshot(n: number, override: Partial<Snapshot> = {}): Snapshot {
  const startedAt = Date.parse(SLOT) + 60_000;
  return {
    id: snapshotId(n),
    region: SOURCE,
    state: 'completed',
    volumeId: volumeId(n),
    sizeGiB: 8,
    startedAt,
    completedAt: startedAt + 600_000,
    description: '',
    encrypted: false,
    storageTier: 'standard',
    tags: sourceTags({
      vault: VAULT,
      policy: 'default',
      slot: SLOT,
      instance: anInstance(1, [n]),
      volumes: [aVolume(n)],
    }),
    ...override,
  };
}

/** The good copy of snapshot `n` in a region. */
export function aCopy(n: number, region: Region): Snapshot {
  const source = aSnapshot(n);
  const ownership = pointOf(source, VAULT);
  if (ownership.kind !== 'owned') throw new Error('the source is not ours');
  return {
    ...source,
    id: snapshotId(1000 + n),
    region,
    volumeId: 'vol-ffffffff',
    tags: copyTags(source, ownership.point),
  };
}

/** A work queue whose pump is quick: what was sent is known, nothing of it waits. */
class QuickQueue extends FakeQueue {
  readonly sent: OutgoingMessage[] = [];

  override async send(messages: readonly OutgoingMessage[]): Promise<void> {
    this.before('send');
    this.sent.push(...messages);
  }
  /** Puts in so many messages that no pump has taken. */
  async waits(count: number): Promise<void> {
    await super.send(Array.from({ length: count }, () => ({ body: 'waiting' })));
  }
}

/** One instance with its volumes, three regions, the queues, and a clock that stands at the sweep. */
export class World implements ReconcilePorts {
  now = NOW;
  readonly clock: Clock = { now: () => this.now, sleep: async () => {} };
  instances: Instance[] = [];
  readonly counts: Record<string, number> = {};
  readonly source = new FakeStore(SOURCE);
  readonly west = new FakeStore(WEST);
  readonly north = new FakeStore(NORTH);
  readonly destinations = [this.west, this.north];
  readonly volumes = new QuickQueue({ clock: this.clock });
  readonly copies = new Map([
    [WEST, new QuickQueue({ clock: this.clock })],
    [NORTH, new QuickQueue({ clock: this.clock })],
  ]);
  readonly volumesDlq = new FakeQueue({ clock: this.clock });
  readonly copiesDlq = new FakeQueue({ clock: this.clock });
  readonly volumesDeadLetters: DeadLetterQueue = {
    name: 'smart-vault-volumes-dlq.fifo',
    holds: 'snapshot-units',
    queue: this.volumesDlq,
  };
  /** Letters of the north only. */
  readonly copiesDeadLetters: ReadonlyMap<Region, DeadLetterQueue> = new Map([
    [NORTH, { name: 'smart-vault-copies-eu-north-1-dlq', holds: 'copies', queue: this.copiesDlq }],
  ]);
  readonly #wakeUps = { clock: this.clock, fifo: true, contentBasedDeduplication: true };
  readonly snapshotterWakeups = new FakeQueue(this.#wakeUps);
  readonly copierWakeups = new FakeQueue(this.#wakeUps);

  readonly log = createFakeLog();
  readonly catalog: InstanceCatalog = {
    listInstancesTagged: async () => this.instances,
    findInstances: async () => [],
    findVolumes: async (ids) => ids.map((id) => aVolume(1, { id })),
  };

  count(name: string, value: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + value;
  }

  copiesTo(region: Region): QuickQueue {
    const queue = this.copies.get(region);
    if (!queue) throw new Error(`no queue for ${region}`);
    return queue;
  }

  wakeUps(): readonly (string | undefined)[] {
    return [...this.snapshotterWakeups.messages, ...this.copierWakeups.messages].map(
      ({ groupId }) => groupId,
    );
  }
}
