import { createInstanceCatalog, createSnapshotStore } from '@smart-vault/aws';
import {
  encodeMessage,
  type InstanceId,
  type Region,
  type Slot,
  type SnapshotUnitMessage,
  type VolumeId,
} from '@smart-vault/core';
import type { PumpReport } from '@smart-vault/lambda-kit';
import type { Ec2Knobs } from '@smart-vault/simulator';
import { FakeQueue } from '../../lambda-kit/test/fakes.ts';
import { SimulatedEc2 } from '../../lambda-kit/test/simulated-ec2.ts';
import {
  createSnapshots,
  createWarmState,
  type SnapshotterConfig,
  type SnapshotterPorts,
} from '../src/index.ts';

export const SOURCE = 'us-east-1' as Region;
export const SLOT = '2026-11-22T12:00:00Z' as Slot;
const MAX_RECEIVES = 5;

export const volumeId = (n: number): VolumeId => `vol-${String(n).padStart(8, '0')}` as VolumeId;
export const instanceId = (n: number): InstanceId => `i-${String(n).padStart(8, '0')}` as InstanceId;

/** An instance with these volumes, the first one its root. */
export const anInstance = (
  n: number,
  volumes: readonly number[],
  tags: Readonly<Record<string, string>> = {},
) => ({
  InstanceId: instanceId(n),
  RootDeviceName: '/dev/xvda',
  BlockDeviceMappings: volumes.map((volume, index) => ({
    DeviceName: `/dev/xvd${String.fromCharCode(97 + index)}`,
    Ebs: { VolumeId: volumeId(volume), DeleteOnTermination: true },
  })),
  Tags: Object.entries({ backup: 'true', ...tags }).map(([Key, Value]) => ({ Key, Value })),
});

/** A message of the scheduler. */
export const aUnit = (
  instance: number,
  volumes: readonly number[],
  changes: Partial<SnapshotUnitMessage> = {},
): SnapshotUnitMessage => ({
  v: 1,
  kind: 'snapshot-unit',
  vault: 'smart-vault',
  policy: 'default',
  slot: SLOT,
  unit: instanceId(instance),
  instanceId: instanceId(instance),
  volumeIds: volumes.map(volumeId),
  firstSeenAt: Date.parse(SLOT),
  ...changes,
});

/** The snapshotter before a simulated EC2: real adapters, queues in memory. */
export class Stage {
  readonly ec2: SimulatedEc2;
  readonly queue: FakeQueue;
  readonly deadLetters: FakeQueue;
  readonly config: SnapshotterConfig;
  #ports: SnapshotterPorts;
  #sent = 0;

  constructor(options: { knobs?: Partial<Ec2Knobs>; config?: Partial<SnapshotterConfig> } = {}) {
    this.ec2 = new SimulatedEc2(options.knobs);
    this.config = {
      vault: 'smart-vault',
      pendingSnapshotsMax: 100,
      maxReceiveCount: MAX_RECEIVES,
      ...options.config,
    };
    const { clock } = this.ec2;
    this.deadLetters = new FakeQueue({ clock, fifo: true });
    const redrive = { to: this.deadLetters, maxReceiveCount: MAX_RECEIVES };
    this.queue = new FakeQueue({ clock, fifo: true, redrive });
    const connection = this.ec2.connection(SOURCE);
    this.#ports = {
      snapshots: createSnapshotStore(connection),
      instances: createInstanceCatalog(connection),
      queue: this.queue,
      deadLetters: this.deadLetters,
      wakeUps: new FakeQueue({ clock, fifo: true }),
      warm: createWarmState(clock),
    };
  }

  async schedule(...units: readonly SnapshotUnitMessage[]): Promise<void> {
    for (const unit of units) {
      this.#sent += 1;
      const body = encodeMessage(unit);
      await this.queue.send([{ body, groupId: unit.unit, deduplicationId: `sent-${this.#sent}` }]);
    }
  }

  pump(): Promise<PumpReport> {
    return createSnapshots(this.#ports, this.config, this.ec2.context());
  }

  /** Another execution environment takes over. */
  coldStart(): void {
    this.#ports = { ...this.#ports, warm: createWarmState(this.ec2.clock) };
  }

  /** Pumps at every event of EC2 and every five minutes, for as long as there is work. */
  async pumpUntilIdle(pumpsMax = 400): Promise<void> {
    for (let pump = 0; pump < pumpsMax && this.queue.messages.length > 0; pump += 1) {
      await this.pump();
      this.ec2.advanceToNextEvent();
    }
  }

  get snapshots() {
    return this.ec2.snapshots(SOURCE);
  }

  /** How many snapshots a volume has, by volume number. */
  countOf(...volumes: readonly number[]): readonly number[] {
    return volumes.map((n) => this.snapshots.filter((snapshot) => snapshot.volumeId === volumeId(n)).length);
  }
}
