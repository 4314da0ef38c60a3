import {
  assert,
  COPY_VOLUME_ID,
  type CopyPlan,
  type Region,
  type Snapshot,
  TAG,
  type WorkQueue,
} from '@smart-vault/core';
import { type JobContext, type PumpReport, type PumpStep, runPump } from '@smart-vault/lambda-kit';
import type { CopierConfig } from './config.ts';
import { type CopierWork, readCopyWork, subjectOf, toOutgoing } from './copy-work.ts';
import { type CopyRegions, lookAtCopies } from './look-at-copies.ts';
import { toStep } from './start-copy.ts';

/** One destination: its two regions and its queues. */
export interface CopierPorts extends CopyRegions {
  /** `copies-<destination>`: EBS events of the source region, and our own messages. */
  readonly queue: WorkQueue;
  readonly deadLetters: WorkQueue;
  readonly wakeUps: WorkQueue;
}

/**
 * The pump of one `copies-<destination>` queue: starts copies of our completed snapshots that the destination lacks,
 * as far as the region has room for more copies in progress. Looks before it copies, so that doing a message twice
 * copies nothing twice.
 */
export function copySnapshots(
  ports: CopierPorts,
  config: CopierConfig,
  destination: Region,
  context: JobContext,
): Promise<PumpReport> {
  assert(ports.target.region === destination, `ports of ${ports.target.region} for ${destination}`);
  const { target, warm, queue, deadLetters, wakeUps } = ports;
  return runPump<CopierWork>(
    {
      name: `copies-${destination}`,
      region: destination,
      queue,
      deadLetters,
      wakeUps,
      maxReceiveCount: config.maxReceiveCount,
      permitsMax: config.copiesInFlightMax,
      countInProgress: () => warm.recent.countPending(target, isCopy),
      doubts: warm.doubts,
      parse: (message) => readCopyWork(message, config.vault),
      subjectOf,
      prepare: async (items) => {
        const works = items.map(({ work }) => work);
        const messages = works.flatMap((work) => (work.kind === 'copy' ? [work.message] : []));
        const plans = await lookAtCopies(ports, messages, destination, config, context);
        return toSteps(ports, works, plans, context);
      },
    },
    context,
  );
}

/** One step per piece of work; the plans are those of the copies among them, in order. */
function toSteps(
  regions: CopyRegions,
  works: readonly CopierWork[],
  plans: readonly CopyPlan[],
  context: JobContext,
): readonly PumpStep[] {
  const left = [...plans];
  return works.map((work) => {
    if (work.kind !== 'copy') return withoutPlan(work);
    const plan = left.shift();
    assert(plan, 'a plan for every copy');
    return toStep(regions, work.message, plan, context);
  });
}

function withoutPlan(work: Exclude<CopierWork, { kind: 'copy' }>): PumpStep {
  switch (work.kind) {
    case 'nothing':
      return { kind: 'done', reason: work.reason };
    case 'several': {
      const reason = 'an event of several snapshots becomes one message each';
      return { kind: 'replace', messages: toOutgoing(work.messages), reason };
    }
  }
}

/** Every copy to the region counts against its quota, other people's too. */
const isCopy = ({ volumeId, tags }: Snapshot): boolean =>
  volumeId === COPY_VOLUME_ID || tags[TAG.originalSnapshotId] !== undefined;
