import {
  AppError,
  type Clock,
  type CopyMessage,
  copyTags,
  type ErrorCode,
  encodeMessage,
  HOUR_MS,
  type Instance,
  type InstanceCatalog,
  type InstanceId,
  type Log,
  type LogFields,
  type OutgoingMessage,
  parseSchedule,
  pointOf,
  type ReceivedMessage,
  type Region,
  type ScheduledJob,
  type Snapshot,
  type SnapshotId,
  type SnapshotStore,
  type SnapshotUnitMessage,
  slotAt,
  sourceTags,
  type Volume,
  type VolumeId,
  type WorkQueue,
} from '@smart-vault/core';
import type { DeadLetterQueue } from '@smart-vault/lambda-kit';
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
  policy: {
    name: 'default',
    tagKey: 'backup',
    tagValue: 'true',
    consistency: 'instance',
    retentionDays: 7,
    keepMin: 3,
    graceHours: 24,
    destinations: [WEST, NORTH],
  },
  sourceRegion: SOURCE,
  schedule: parseSchedule('cron(0 3 * * ? *)', 'UTC'),
};

export const instanceId = (n: number) => `i-${n.toString(16).padStart(17, '0')}` as InstanceId;
export const volumeId = (n: number) => `vol-${n.toString(16).padStart(17, '0')}` as VolumeId;
export const snapshotId = (n: number) => `snap-${n.toString(16).padStart(17, '0')}` as SnapshotId;

export function anInstance(n: number, volumes: readonly number[]): Instance {
  return {
    id: instanceId(n),
    region: SOURCE,
    state: 'running',
    tags: { backup: 'true' },
    instanceType: 't3.micro',
    architecture: 'x86_64',
    securityGroupIds: [],
    devices: volumes.map((volume, index) => ({
      volumeId: volumeId(volume),
      deviceName: `/dev/sd${String.fromCharCode(97 + index)}`,
      deleteOnTermination: true,
    })),
  };
}

export const aVolume = (id: VolumeId): Volume => ({
  id,
  region: SOURCE,
  state: 'in-use',
  tags: {},
  volumeType: 'gp3',
  sizeGiB: 8,
  encrypted: false,
});

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
      volumes: [aVolume(volumeId(n))],
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

const unused = (): Promise<never> => Promise.reject(new Error('not the reconciler’s'));

export class FakeQueue implements WorkQueue {
  readonly url = 'http://queues/any';
  readonly fifo = true;
  readonly messages: OutgoingMessage[] = [];
  /** Messages that were there before the test. */
  waiting = 0;
  error: AppError | undefined;

  fails(code: ErrorCode): void {
    this.error = new AppError(code, `SQS says ${code}`);
  }
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.error) throw this.error;
    this.messages.push(...messages);
  }
  depth = async () => ({ visible: this.waiting, inFlight: 0, delayed: 0 });
  receive = async (): Promise<readonly ReceivedMessage[]> => [];
  delete = async (): Promise<void> => {};
  changeVisibility = async (): Promise<void> => {};
}

/** A dead-letter queue: letters are seen once, until they are given back. */
export class FakeDeadLetters implements WorkQueue {
  readonly url = 'http://queues/any-dlq';
  readonly fifo = false;
  readonly hidden = new Set<string>();
  letters: readonly ReceivedMessage[] = [];
  error: AppError | undefined;
  #count = 0;

  fails(code: ErrorCode): void {
    this.error = new AppError(code, `SQS says ${code}`);
  }
  holds(message: CopyMessage | SnapshotUnitMessage): void {
    this.#count += 1;
    const id = `letter-${this.#count}`;
    const letter = {
      id,
      body: encodeMessage(message),
      receipt: id,
      receiveCount: 1,
      sentAt: NOW,
      attributes: {},
    };
    this.letters = [...this.letters, letter];
  }
  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    if (this.error) throw this.error;
    const seen = this.letters.filter(({ id }) => !this.hidden.has(id)).slice(0, max);
    for (const { id } of seen) this.hidden.add(id);
    return seen;
  }
  async changeVisibility({ id }: ReceivedMessage): Promise<void> {
    this.hidden.delete(id);
  }
  depth = async () => ({ visible: this.letters.length, inFlight: this.hidden.size, delayed: 0 });
  delete = unused;
  send = unused;
}

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
  async listVaultSnapshots(): Promise<readonly Snapshot[]> {
    if (this.error) throw this.error;
    return this.snapshots;
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

/** One instance with its volumes, three regions, the queues, and a clock that stands at the sweep. */
export class World implements ReconcilePorts {
  now = NOW;
  instances: Instance[] = [];
  readonly lines: (LogFields & { readonly event: string })[] = [];
  readonly counts: Record<string, number> = {};
  readonly source = new FakeStore(SOURCE);
  readonly west = new FakeStore(WEST);
  readonly north = new FakeStore(NORTH);
  readonly destinations = [this.west, this.north];
  readonly volumes = new FakeQueue();
  readonly copies = new Map([
    [WEST, new FakeQueue()],
    [NORTH, new FakeQueue()],
  ]);
  readonly volumesDlq = new FakeDeadLetters();
  readonly copiesDlq = new FakeDeadLetters();
  readonly volumesDeadLetters: DeadLetterQueue = {
    name: 'smart-vault-volumes-dlq.fifo',
    holds: 'snapshot-units',
    queue: this.volumesDlq,
  };
  /** Letters of the north only. */
  readonly copiesDeadLetters: ReadonlyMap<Region, DeadLetterQueue> = new Map([
    [NORTH, { name: 'smart-vault-copies-eu-north-1-dlq', holds: 'copies', queue: this.copiesDlq }],
  ]);
  readonly snapshotterWakeups = new FakeQueue();
  readonly copierWakeups = new FakeQueue();

  readonly clock: Clock = { now: () => this.now, sleep: async () => {} };
  readonly log: Log = { debug: this.#line(), info: this.#line(), warn: this.#line(), error: this.#line() };
  readonly catalog: InstanceCatalog = {
    listInstancesTagged: async () => this.instances,
    findInstances: async () => [],
    findVolumes: async (ids) => ids.map(aVolume),
  };

  count(name: string, value: number): void {
    this.counts[name] = (this.counts[name] ?? 0) + value;
  }

  copiesTo(region: Region): FakeQueue {
    const queue = this.copies.get(region);
    if (!queue) throw new Error(`no queue for ${region}`);
    return queue;
  }

  wakeUps(): readonly (string | undefined)[] {
    return [...this.snapshotterWakeups.messages, ...this.copierWakeups.messages].map(
      ({ groupId }) => groupId,
    );
  }

  #line() {
    return (event: string, fields: LogFields = {}): void => {
      this.lines.push({ ...fields, event });
    };
  }
}
