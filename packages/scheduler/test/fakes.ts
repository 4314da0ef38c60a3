import {
  AppError,
  type Clock,
  type Instance,
  type InstanceCatalog,
  type InstanceId,
  type Log,
  type LogFields,
  type OutgoingMessage,
  parseSlot,
  type Region,
  type ScheduledRun,
  type Volume,
  type VolumeId,
  type WorkQueue,
} from '@smart-vault/core';
import type { ScheduleConfig, SchedulePorts } from '../src/index.ts';

export const REGION = 'us-east-1' as Region;
export const SLOT = parseSlot('2026-11-22T03:00:00Z');
export const START = Date.parse(SLOT) + 20_000;
export const CONFIG: ScheduleConfig = {
  vault: 'smart-vault',
  policy: 'default',
  sourceRegion: REGION,
  consistency: 'instance',
};
export const RUN: ScheduledRun = { v: 1, kind: 'scheduled-run', policy: 'default', slot: SLOT };

export const instanceId = (n: number) => `i-${n.toString(16).padStart(17, '0')}` as InstanceId;
export const volumeId = (n: number) => `vol-${n.toString(16).padStart(17, '0')}` as VolumeId;

/** A running, tagged instance `n` with these volumes. */
export function anInstance(
  n: number,
  volumes: readonly number[],
  override: Partial<Instance> = {},
): Instance {
  return {
    id: instanceId(n),
    region: REGION,
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
    ...override,
  };
}

export function aVolume(n: number, override: Partial<Volume> = {}): Volume {
  return {
    id: volumeId(n),
    region: REGION,
    state: 'in-use',
    tags: {},
    volumeType: 'gp3',
    sizeGiB: 8,
    encrypted: false,
    ...override,
  };
}

/** A queue that takes batches of ten, drops known deduplication ids, and can fail after so many batches. */
export class FakeQueue implements WorkQueue {
  readonly url: string;
  readonly fifo: boolean;
  readonly messages: OutgoingMessage[] = [];
  failsAfterBatches = Number.POSITIVE_INFINITY;

  constructor(name: string) {
    this.url = `http://queues/${name}`;
    this.fifo = name.endsWith('.fifo');
  }

  send(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const [index, message] of messages.entries()) {
      if (index >= this.failsAfterBatches * 10)
        return Promise.reject(new AppError('TRANSIENT', 'SQS is away'));
      if (this.fifo && message.groupId === undefined)
        return Promise.reject(new AppError('INVALID', 'no group'));
      const isKnown = (other: OutgoingMessage) => other.deduplicationId === message.deduplicationId;
      if (message.deduplicationId === undefined || !this.messages.some(isKnown)) this.messages.push(message);
    }
    return Promise.resolve();
  }

  receive = () => Promise.resolve([]);
  delete = () => Promise.resolve();
  changeVisibility = () => Promise.resolve();
  depth = () => Promise.resolve({ visible: this.messages.length, inFlight: 0, delayed: 0 });
}

/** The world of the scheduler: instances, volumes, three queues, a clock that stands, and what was logged. */
export class World implements SchedulePorts {
  instances: Instance[] = [];
  volumeList: Volume[] = [];
  now = START;
  readonly lines: (LogFields & { readonly event: string })[] = [];
  readonly volumes = new FakeQueue('volumes.fifo');
  readonly snapshotterWakeups = new FakeQueue('wakeups.fifo');
  readonly reports = new FakeQueue('reports');

  readonly clock: Clock = { now: () => this.now, sleep: () => Promise.resolve() };
  readonly log: Log = { debug: this.#line(), info: this.#line(), warn: this.#line(), error: this.#line() };
  readonly catalog: InstanceCatalog = {
    listInstancesTagged: (key, value) =>
      Promise.resolve(this.instances.filter((instance) => instance.tags[key] === value)),
    findInstances: (ids) => Promise.resolve(this.instances.filter((instance) => ids.includes(instance.id))),
    findVolumes: (ids) => Promise.resolve(this.volumeList.filter((volume) => ids.includes(volume.id))),
  };

  /** Adds an instance and its volumes. */
  has(instance: Instance): this {
    this.instances.push(instance);
    for (const { volumeId: id } of instance.devices) {
      if (!this.volumeList.some((volume) => volume.id === id)) this.volumeList.push({ ...aVolume(0), id });
    }
    return this;
  }

  logged(event: string): LogFields[] {
    return this.lines.filter((line) => line.event === event);
  }

  #line() {
    return (event: string, fields: LogFields = {}): void => {
      this.lines.push({ ...fields, event });
    };
  }
}
