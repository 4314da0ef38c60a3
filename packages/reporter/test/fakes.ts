import {
  type AppError,
  type Clock,
  copyTags,
  encodeMessage,
  HOUR_MS,
  type Instance,
  type InstanceCatalog,
  type Metric,
  type MetricSink,
  type Notifier,
  pointOf,
  type Region,
  type RunMessage,
  type Snapshot,
  slotAt,
  sourceTags,
} from '@smart-vault/core';
import type { DeadLetterQueue } from '@smart-vault/lambda-kit';
import {
  aPolicy,
  aVolume,
  instanceId,
  anInstance as instanceWith,
  snapshotId,
  volumeId,
} from '../../core/test/builders.ts';
import { FakeStore } from '../../lambda-kit/test/fake-store.ts';
import { createFakeLog, FakeQueue } from '../../lambda-kit/test/fakes.ts';
import type { ReportConfig, ReportPorts } from '../src/index.ts';

const SOURCE = 'us-east-1' as Region;
export const WEST = 'eu-west-1' as Region;
export const VAULT = 'smart-vault';
export const SLOT = slotAt(Date.parse('2026-11-22T03:00:00Z'));
export const START = Date.parse(SLOT) + 20_000;
export const CONFIG: ReportConfig = {
  vault: VAULT,
  policy: aPolicy({ destinations: [WEST] }),
  runDeadlineHours: 6,
  rpoHours: 26,
};

/** Instance 1 with volumes 1 to `volumes`. */
export const anInstance = (volumes: number): Instance =>
  instanceWith(
    1,
    Array.from({ length: volumes }, (_, index) => index + 1),
    { tags: { backup: 'true', Name: 'web-1' } },
  );

/** The run of the slot over `volumes` volumes of instance 1. */
export const aRun = (volumes: number, override: Partial<RunMessage> = {}): RunMessage => ({
  v: 1,
  kind: 'run',
  vault: VAULT,
  policy: 'default',
  slot: SLOT,
  startedAt: START,
  instances: volumes === 0 ? 0 : 1,
  units: volumes === 0 ? 0 : 1,
  volumes,
  scheduled:
    volumes === 0 ? {} : { [instanceId(1)]: anInstance(volumes).devices.map((device) => device.volumeId) },
  check: 0,
  ...override,
});

/** The good snapshot of volume `n`, of a slot so many days before the run's. */
export function aSnapshot(n: number, override: Partial<Snapshot> = {}, daysBefore = 0): Snapshot {
  const slot = slotAt(Date.parse(SLOT) - daysBefore * 24 * HOUR_MS);
  const startedAt = Date.parse(slot) + 60_000;
  return {
    id: snapshotId(100 * daysBefore + n),
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
      slot,
      instance: anInstance(n),
      volumes: [aVolume(n)],
    }),
    ...override,
  };
}

/** The good copy of that snapshot. */
export function aCopy(n: number, override: Partial<Snapshot> = {}, daysBefore = 0): Snapshot {
  const source = aSnapshot(n, {}, daysBefore);
  const ownership = pointOf(source, VAULT);
  if (ownership.kind !== 'owned') throw new Error('the source is not ours');
  return {
    ...source,
    id: snapshotId(10_000 + 100 * daysBefore + n),
    region: WEST,
    volumeId: 'vol-ffffffff',
    tags: copyTags(source, ownership.point),
    ...override,
  };
}

/** Instance 1, two regions, the queues, and what was published; the clock stands 40 minutes after the start. */
export class World implements ReportPorts {
  now = START + 40 * 60_000;
  readonly clock: Clock = { now: () => this.now, sleep: async () => {} };
  instances: Instance[] = [];
  readonly source = new FakeStore(SOURCE);
  readonly west = new FakeStore(WEST);
  readonly destinations = [this.west];
  readonly reports = new FakeQueue({ clock: this.clock });
  readonly volumesDlq = new FakeQueue({ clock: this.clock });
  readonly copiesDlq = new FakeQueue({ clock: this.clock });
  readonly deadLetters: readonly DeadLetterQueue[] = [
    { name: 'smart-vault-volumes-dlq.fifo', holds: 'snapshot-units', queue: this.volumesDlq },
    { name: 'smart-vault-copies-eu-west-1-dlq', holds: 'copies', queue: this.copiesDlq },
  ];
  readonly published: { subject: string; body: string }[] = [];
  readonly metricValues: Record<string, number> = {};
  topicError: AppError | undefined;

  readonly log = createFakeLog();
  readonly catalog: InstanceCatalog = {
    listInstancesTagged: async () => this.instances,
    findInstances: async () => [],
    findVolumes: async (ids) => ids.map((id) => aVolume(1, { id })),
  };
  readonly metrics: MetricSink = {
    put: async (metrics: readonly Metric[]) => {
      for (const { name, value } of metrics) this.metricValues[name] = value;
    },
  };
  readonly notifier: Notifier = {
    publish: async (message) => {
      if (this.topicError) throw this.topicError;
      this.published.push(message);
    },
  };

  /** Everything of `volumes` volumes is done. */
  protects(volumes: number): this {
    this.instances = [anInstance(volumes)];
    for (let n = 1; n <= volumes; n += 1) {
      this.source.snapshots.push(aSnapshot(n));
      this.west.snapshots.push(aCopy(n));
    }
    return this;
  }

  digest(): { subject: string; body: string } {
    return this.published[0] ?? { subject: '', body: '' };
  }
}

export const bodyOf = (run: RunMessage): string => encodeMessage(run);
