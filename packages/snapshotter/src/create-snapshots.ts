import {
  AppError,
  COPY_VOLUME_ID,
  type InstanceCatalog,
  parseSnapshotUnit,
  type Snapshot,
  type SnapshotStore,
  type SnapshotUnitMessage,
  type WorkQueue,
} from '@smart-vault/core';
import { type JobContext, type PumpReport, runPump } from '@smart-vault/lambda-kit';
import type { SnapshotterConfig } from './config.ts';
import { lookAtUnits } from './look-at-units.ts';
import { toStep } from './start-unit.ts';
import type { WarmState } from './warm-state.ts';

/** Everything in the source region. */
export interface SnapshotterPorts {
  readonly snapshots: SnapshotStore;
  readonly instances: InstanceCatalog;
  /** `volumes.fifo`: one message per unit and slot. */
  readonly queue: WorkQueue;
  readonly deadLetters: WorkQueue;
  readonly wakeUps: WorkQueue;
  readonly warm: WarmState;
}

/**
 * The pump of `volumes.fifo`: creates snapshots for units that lack them, as far as the region has room for more
 * pending ones. Looks before it creates, so that doing a message twice creates nothing twice.
 */
export function createSnapshots(
  ports: SnapshotterPorts,
  config: SnapshotterConfig,
  context: JobContext,
): Promise<PumpReport> {
  const { snapshots, queue, deadLetters, wakeUps, warm } = ports;
  return runPump<SnapshotUnitMessage>(
    {
      name: 'volumes',
      region: snapshots.region,
      queue,
      deadLetters,
      wakeUps,
      maxReceiveCount: config.maxReceiveCount,
      permitsMax: config.pendingSnapshotsMax,
      countInProgress: () => warm.recent.countPending(snapshots, isNoCopy),
      doubts: warm.doubts,
      parse: ({ body }) => ours(parseSnapshotUnit(body), config.vault),
      subjectOf: (unit) => unit.volumeIds,
      prepare: async (items) => {
        const units = items.map(({ work }) => work);
        const plans = await lookAtUnits(ports, units, context);
        return plans.map((planned) => toStep(ports, planned, context));
      },
    },
    context,
  );
}

/** Copies are in progress too, but count against another quota. */
const isNoCopy = (snapshot: Snapshot): boolean => snapshot.volumeId !== COPY_VOLUME_ID;

function ours(message: SnapshotUnitMessage, vault: string): SnapshotUnitMessage {
  if (message.vault === vault) return message;
  throw new AppError('CONTRACT', `the message is for vault ${message.vault}; this is ${vault}`);
}
