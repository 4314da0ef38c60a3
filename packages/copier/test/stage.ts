import { createSnapshotStore } from '@smart-vault/aws';
import {
  type CopyMessage,
  encodeMessage,
  type Instance,
  type InstanceId,
  type Region,
  type Slot,
  type SnapshotId,
  sourceTags,
  type Volume,
  type VolumeId,
} from '@smart-vault/core';
import type { PumpReport } from '@smart-vault/lambda-kit';
import type { Ec2Knobs } from '@smart-vault/simulator';
import { FakeQueue } from '../../lambda-kit/test/fakes.ts';
import { SimulatedEc2 } from '../../lambda-kit/test/simulated-ec2.ts';
import { type CopierConfig, type CopierPorts, copySnapshots, createWarmState } from '../src/index.ts';

export const SOURCE = 'us-east-1' as Region;
export const TARGET = 'eu-west-1' as Region;
export const SLOT = '2026-11-22T12:00:00Z' as Slot;
const INSTANCE_ID = 'i-00000001' as InstanceId;
const MAX_RECEIVES = 5;

export interface StageOptions {
  readonly knobs?: Partial<Ec2Knobs>;
  readonly config?: Partial<CopierConfig>;
  readonly volumes?: number;
  /** KMS key of all volumes. */
  readonly kmsKeyId?: string;
}

/** The copier before a simulated EC2 of two regions: real adapters, queues in memory, one instance. */
export class Stage {
  readonly ec2: SimulatedEc2;
  readonly queue: FakeQueue;
  readonly deadLetters: FakeQueue;
  readonly config: CopierConfig;
  readonly volumeIds: readonly VolumeId[];
  #ports: CopierPorts;
  #told = 0;

  constructor(options: StageOptions = {}) {
    this.ec2 = new SimulatedEc2(options.knobs);
    this.config = {
      vault: 'smart-vault',
      copiesInFlightMax: 20,
      maxReceiveCount: MAX_RECEIVES,
      ...options.config,
    };
    const { clock } = this.ec2;
    this.deadLetters = new FakeQueue({ clock });
    this.queue = new FakeQueue({ clock, redrive: { to: this.deadLetters, maxReceiveCount: MAX_RECEIVES } });
    this.#ports = {
      source: createSnapshotStore(this.ec2.connection(SOURCE)),
      target: createSnapshotStore(this.ec2.connection(TARGET)),
      queue: this.queue,
      deadLetters: this.deadLetters,
      wakeUps: new FakeQueue({ clock, fifo: true }),
      warm: createWarmState(clock),
    };
    this.volumeIds = Array.from(
      { length: options.volumes ?? 3 },
      (_, n) => `vol-${String(n).padStart(8, '0')}` as VolumeId,
    );
    this.#loadFleet(options.kmsKeyId);
  }

  /** Starts a snapshot of each of these volumes, as the snapshotter would. */
  async startSnapshots(volumes: readonly number[], vault = 'smart-vault'): Promise<readonly SnapshotId[]> {
    const ids: SnapshotId[] = [];
    for (const n of volumes) {
      const volumeId = this.volumeIds[n] as VolumeId;
      const tags = this.#tagsOf(volumeId, vault);
      ids.push((await this.#ports.source.createSnapshot({ volumeId, description: 'Backup', tags })).id);
    }
    return ids;
  }

  /** The same as one crash-consistent set. */
  async startSet(): Promise<readonly SnapshotId[]> {
    const set = await this.#ports.source.createSnapshotSet({
      instanceId: INSTANCE_ID,
      excludeBootVolume: false,
      excludeDataVolumeIds: [],
      description: 'Backup',
      tags: this.#tagsOf(this.volumeIds[0] as VolumeId, 'smart-vault'),
      copyTagsFromVolumes: false,
    });
    return set.map(({ id }) => id);
  }

  /** Passes on the source region's events since the last time, as the rule does. */
  async deliverEvents(times = 1): Promise<void> {
    const events = this.ec2.events.slice(this.#told).filter(({ region }) => region === SOURCE);
    this.#told = this.ec2.events.length;
    for (const event of events)
      for (let time = 0; time < times; time += 1) await this.queue.send([{ body: JSON.stringify(event) }]);
  }

  /** Sends messages as the reconciler does. */
  async ask(ids: readonly SnapshotId[], changes: Partial<CopyMessage> = {}): Promise<void> {
    const firstSeenAt = this.ec2.clock.now();
    for (const snapshotId of ids) {
      const message: CopyMessage = {
        v: 1,
        kind: 'copy',
        vault: 'smart-vault',
        snapshotId,
        firstSeenAt,
        attemptsForgiven: 0,
        ...changes,
      };
      await this.queue.send([{ body: encodeMessage(message) }]);
    }
  }

  pump(): Promise<PumpReport> {
    return this.pumpFor(TARGET);
  }

  pumpFor(destination: Region): Promise<PumpReport> {
    return copySnapshots(this.#ports, this.config, destination, this.ec2.context());
  }

  /** Another execution environment takes over. */
  coldStart(): void {
    this.#ports = { ...this.#ports, warm: createWarmState(this.ec2.clock) };
  }

  /** Pumps at every event of EC2 and every five minutes, for as long as there is work. */
  async pumpUntilIdle(pumpsMax = 400): Promise<void> {
    for (let pump = 0; pump < pumpsMax; pump += 1) {
      await this.deliverEvents();
      if (this.queue.messages.length === 0) return;
      await this.pump();
      this.ec2.advanceToNextEvent();
    }
  }

  get copies() {
    return this.ec2.snapshots(TARGET);
  }

  /** What each copy is a copy of, in truth. */
  get copied(): readonly (string | undefined)[] {
    return this.copies.map(({ truth }) => truth.copyOf?.snapshotId);
  }

  #tagsOf(volumeId: VolumeId, vault: string) {
    const instance: Instance = {
      id: INSTANCE_ID,
      region: SOURCE,
      state: 'running',
      tags: {},
      instanceType: 't3.micro',
      architecture: 'x86_64',
      securityGroupIds: [],
      devices: this.volumeIds.map((id, n) => ({
        volumeId: id,
        deviceName: `/dev/sd${n}`,
        deleteOnTermination: true,
      })),
    };
    const volume: Volume = {
      id: volumeId,
      region: SOURCE,
      state: 'in-use',
      tags: {},
      volumeType: 'gp3',
      sizeGiB: 8,
      encrypted: false,
    };
    return sourceTags({ vault, policy: 'default', slot: SLOT, instance, volumes: [volume] });
  }

  #loadFleet(kmsKeyId: string | undefined): void {
    const devices = this.volumeIds.map((VolumeId, n) => ({ DeviceName: `/dev/sd${n}`, Ebs: { VolumeId } }));
    const instance = { InstanceId: INSTANCE_ID, RootDeviceName: '/dev/sd0', BlockDeviceMappings: devices };
    const volumes = this.volumeIds.map((VolumeId) => ({
      VolumeId,
      Size: 8,
      VolumeType: 'gp3',
      State: 'in-use',
      ...(kmsKeyId ? { Encrypted: true, KmsKeyId: kmsKeyId } : {}),
    }));
    this.ec2.loadFleet(SOURCE, [instance], volumes);
  }
}
