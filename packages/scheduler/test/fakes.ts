import {
  AppError,
  type Clock,
  type Instance,
  type InstanceCatalog,
  type OutgoingMessage,
  parseSlot,
  type Region,
  type ScheduledRun,
  type Volume,
} from '@smart-vault/core';
import { aVolume } from '../../core/test/builders.ts';
import { createFakeLog, FakeQueue } from '../../lambda-kit/test/fakes.ts';
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

/** A queue that fails after so many batches of ten. */
class FailingQueue extends FakeQueue {
  failsAfterBatches = Number.POSITIVE_INFINITY;

  override async send(messages: readonly OutgoingMessage[]): Promise<void> {
    await super.send(messages.slice(0, this.failsAfterBatches * 10));
    if (messages.length > this.failsAfterBatches * 10) throw new AppError('TRANSIENT', 'SQS is away');
  }
}

/** The world of the scheduler: instances, volumes, three queues, a clock that stands, and what was logged. */
export class World implements SchedulePorts {
  instances: Instance[] = [];
  volumeList: Volume[] = [];
  now = START;
  readonly clock: Clock = { now: () => this.now, sleep: () => Promise.resolve() };
  readonly volumes = new FailingQueue({ clock: this.clock, fifo: true });
  readonly snapshotterWakeups = new FakeQueue({
    clock: this.clock,
    fifo: true,
    contentBasedDeduplication: true,
  });
  readonly reports = new FakeQueue({ clock: this.clock });

  readonly log = createFakeLog();
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
}
