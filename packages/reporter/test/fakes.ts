import {
  AppError,
  type Clock,
  copyTags,
  type ErrorCode,
  encodeMessage,
  HOUR_MS,
  type Instance,
  type InstanceCatalog,
  type InstanceId,
  type Log,
  type LogFields,
  type Metric,
  type MetricSink,
  type Notifier,
  type OutgoingMessage,
  pointOf,
  type ReceivedMessage,
  type Region,
  type RunMessage,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  slotAt,
  sourceTags,
  TAG,
  type VaultSnapshotFilter,
  type Volume,
  type VolumeId,
  type WorkQueue,
} from '@smart-vault/core';
import type { DeadLetterQueue } from '@smart-vault/lambda-kit';
import type { ReportConfig, ReportPorts } from '../src/index.ts';

export const SOURCE = 'us-east-1' as Region;
export const WEST = 'eu-west-1' as Region;
export const VAULT = 'smart-vault';
export const SLOT = slotAt(Date.parse('2026-11-22T03:00:00Z'));
export const START = Date.parse(SLOT) + 20_000;
export const CONFIG: ReportConfig = {
  vault: VAULT,
  policy: {
    name: 'default',
    tagKey: 'backup',
    tagValue: 'true',
    consistency: 'instance',
    retentionDays: 7,
    keepMin: 3,
    graceHours: 24,
    destinations: [WEST],
  },
  runDeadlineHours: 6,
  rpoHours: 26,
};

export const instanceId = (n: number) => `i-${n.toString(16).padStart(17, '0')}` as InstanceId;
export const volumeId = (n: number) => `vol-${n.toString(16).padStart(17, '0')}` as VolumeId;
export const snapshotId = (n: number) => `snap-${n.toString(16).padStart(17, '0')}` as SnapshotId;

/** Instance 1 with volumes 1 to `volumes`. */
export function anInstance(volumes: number): Instance {
  const devices = Array.from({ length: volumes }, (_, index) => ({
    volumeId: volumeId(index + 1),
    deviceName: `/dev/sd${String.fromCharCode(97 + index)}`,
    deleteOnTermination: true,
  }));
  return {
    id: instanceId(1),
    region: SOURCE,
    state: 'running',
    tags: { backup: 'true', Name: 'web-1' },
    instanceType: 't3.micro',
    architecture: 'x86_64',
    securityGroupIds: [],
    devices,
  };
}

const aVolume = (id: VolumeId): Volume => ({
  id,
  region: SOURCE,
  state: 'in-use',
  tags: {},
  volumeType: 'gp3',
  sizeGiB: 8,
  encrypted: false,
});

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
      volumes: [aVolume(volumeId(n))],
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

/** A queue with visibility, in memory: enough for peeking at dead letters and for re-sending a run. */
export class FakeQueue implements WorkQueue {
  readonly url = 'http://queues/any';
  readonly fifo = false;
  readonly sent: OutgoingMessage[] = [];
  readonly letters: ReceivedMessage[] = [];
  readonly hidden = new Set<string>();
  error: AppError | undefined;

  fails(code: ErrorCode): void {
    this.error = new AppError(code, `SQS says ${code}`);
  }
  /** Puts a letter in. */
  holds(body: string, attributes: Readonly<Record<string, string>> = {}): void {
    const id = `m-${this.letters.length}`;
    this.letters.push({ id, body, receipt: id, receiveCount: 1, sentAt: START, attributes });
  }
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.error) throw this.error;
    this.sent.push(...messages);
  }
  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    if (this.error) throw this.error;
    const visible = this.letters.filter(({ id }) => !this.hidden.has(id)).slice(0, max);
    for (const { id } of visible) this.hidden.add(id);
    return visible;
  }
  async changeVisibility(message: ReceivedMessage, seconds: number): Promise<void> {
    if (seconds === 0) this.hidden.delete(message.id);
  }
  async delete(message: ReceivedMessage): Promise<void> {
    this.letters.splice(
      this.letters.findIndex(({ id }) => id === message.id),
      1,
    );
  }
  depth = async () => ({
    visible: this.letters.length - this.hidden.size,
    inFlight: this.hidden.size,
    delayed: 0,
  });
}

const unused = (): Promise<never> => Promise.reject(new Error('not the reporter’s'));

export class FakeStore implements SnapshotStore {
  readonly region: Region;
  snapshots: Snapshot[] = [];
  error: AppError | undefined;

  constructor(region: Region) {
    this.region = region;
  }
  fails(code: ErrorCode): void {
    this.error = new AppError(code, `EC2 says ${code}`);
  }
  async listVaultSnapshots(vault: string, filter: VaultSnapshotFilter = {}): Promise<readonly Snapshot[]> {
    if (this.error) throw this.error;
    return this.snapshots.filter(
      ({ tags }) =>
        tags[TAG.vault] === vault &&
        (filter.slot === undefined || tags[TAG.slot] === filter.slot) &&
        (filter.policy === undefined || tags[TAG.policy] === filter.policy),
    );
  }
  findSnapshots = unused;
  listPendingSnapshots = unused;
  findSnapshotsInImages = unused;
  listLockedSnapshotIds = unused;
  createSnapshot = unused;
  createSnapshotSet = unused;
  copySnapshot = unused;
  deleteSnapshot = unused;
  addTags = unused;
  removeTags = unused;
}

/** Instance 1, two regions, the queues, and what was published; the clock stands 40 minutes after the start. */
export class World implements ReportPorts {
  now = START + 40 * 60_000;
  instances: Instance[] = [];
  readonly lines: (LogFields & { readonly event: string })[] = [];
  readonly source = new FakeStore(SOURCE);
  readonly west = new FakeStore(WEST);
  readonly destinations = [this.west];
  readonly reports = new FakeQueue();
  readonly volumesDlq = new FakeQueue();
  readonly copiesDlq = new FakeQueue();
  readonly deadLetters: readonly DeadLetterQueue[] = [
    { name: 'smart-vault-volumes-dlq.fifo', holds: 'snapshot-units', queue: this.volumesDlq },
    { name: 'smart-vault-copies-eu-west-1-dlq', holds: 'copies', queue: this.copiesDlq },
  ];
  readonly published: { subject: string; body: string }[] = [];
  readonly metricValues: Record<string, number> = {};
  topicError: AppError | undefined;

  readonly clock: Clock = { now: () => this.now, sleep: async () => {} };
  readonly log: Log = { debug: this.#line(), info: this.#line(), warn: this.#line(), error: this.#line() };
  readonly catalog: InstanceCatalog = {
    listInstancesTagged: async () => this.instances,
    findInstances: async () => [],
    findVolumes: async (ids) => ids.map(aVolume),
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

  #line() {
    return (event: string, fields: LogFields = {}): void => {
      this.lines.push({ ...fields, event });
    };
  }
}

export const bodyOf = (run: RunMessage): string => encodeMessage(run);
