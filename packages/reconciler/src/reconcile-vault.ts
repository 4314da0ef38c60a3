import {
  AppError,
  type Clock,
  encodeMessage,
  errorText,
  HAS_LETTER_ATTRIBUTE,
  type Instance,
  type InstanceCatalog,
  isAppError,
  type Log,
  latestSlotAt,
  type OutgoingMessage,
  type Policy,
  planReconcile,
  type ReconcilePlan,
  type Region,
  type Schedule,
  type ScheduledJob,
  type Selection,
  type Snapshot,
  type SnapshotStore,
  selectUnits,
  slotMs,
  unitKey,
  type VolumeId,
  type WorkQueue,
} from '@smart-vault/core';
import { type DeadLetterPorts, type Letters, readLetters } from './dead-letters.ts';

/** What a reconciliation needs of the world. */
export interface ReconcilePorts extends DeadLetterPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: InstanceCatalog;
  /** Snapshots of the source region. */
  readonly source: SnapshotStore;
  /** Snapshots of each destination region. */
  readonly destinations: readonly SnapshotStore[];
  /** `volumes.fifo`. */
  readonly volumes: WorkQueue;
  /** `copies-<destination>`, by destination. */
  readonly copies: ReadonlyMap<Region, WorkQueue>;
  readonly snapshotterWakeups: WorkQueue;
  readonly copierWakeups: WorkQueue;
  /** Counts something that an alarm looks at, such as `RecordsFailed`. */
  count(name: string, value: number): void;
}

export interface ReconcileConfig {
  readonly vault: string;
  readonly policy: Policy;
  readonly sourceRegion: Region;
  readonly schedule: Schedule;
}

export interface ReconcileReport {
  readonly snapshotUnits: number;
  readonly copies: number;
  readonly waiting: number;
  /** Destinations that could not be listed: their copies were not judged. */
  readonly unreadable: readonly Region[];
}

/** How often the reconciler runs; the planner needs it to enqueue each thing once per step of its back-off. */
const INTERVAL_MS = 60 * 60_000;

/** A run that starts this late still judges as of the time it was scheduled for. */
const LATE_MS_MAX = 15 * 60_000;

interface Facts {
  readonly now: number;
  readonly selection: Selection;
  readonly sourceSnapshots: readonly Snapshot[];
  readonly copies: ReadonlyMap<Region, readonly Snapshot[]>;
  readonly unreadable: readonly Region[];
  readonly volumesWaiting: number;
  readonly copiesWaiting: ReadonlyMap<Region, number>;
  readonly letters: Letters;
}

/**
 * Compares what there is in every region with what there should be, and enqueues what no event has caused: the newest
 * slot where it is missing, and copies that nobody started. It creates, copies and deletes no snapshot itself. What
 * lies in a dead-letter queue is left to an operator, and enqueued again once a day.
 *
 * A destination that cannot be listed is not judged in this run; the others are.
 * @throws AppError when the selection, the source region or a queue cannot be reached; a retry repeats the run.
 */
export async function reconcileVault(
  ports: ReconcilePorts,
  config: ReconcileConfig,
  job: ScheduledJob,
): Promise<ReconcileReport> {
  if (job.job !== 'reconcile') throw new AppError('CONTRACT', `the reconciler was asked to ${job.job}`);
  const facts = await gatherFacts(ports, config, sweepTime(ports.clock.now(), job));
  const plan = planFrom(config, facts);
  logPlan(ports.log, plan);
  await sendUnits(ports, plan);
  await sendCopies(ports, plan);
  await wakePumps(ports, config, facts, plan);

  const report = {
    snapshotUnits: plan.snapshotUnits.length,
    copies: plan.copies.length,
    waiting: plan.waiting.length,
    unreadable: facts.unreadable,
  };
  ports.log.info('reconcile.summary', { at: job.at, ...report });
  return report;
}

/**
 * The instant the sweep judges as of. The scheduled time makes consecutive sweeps meet without a gap or an overlap,
 * and a retry decide as the first try did; a much delayed start has to go by the clock.
 */
function sweepTime(clockNow: number, job: ScheduledJob): number {
  const scheduled = slotMs(job.at);
  const lateMs = clockNow - scheduled;
  return lateMs >= 0 && lateMs <= LATE_MS_MAX ? scheduled : clockNow;
}

async function gatherFacts(ports: ReconcilePorts, config: ReconcileConfig, now: number): Promise<Facts> {
  const instances = await ports.catalog.listInstancesTagged(config.policy.tagKey, config.policy.tagValue);
  const volumes = await ports.catalog.findVolumes(attachedVolumeIds(instances));
  const sourceSnapshots = await ports.source.listVaultSnapshots(config.vault);
  const { copies, unreadable } = await listCopies(ports, config.vault);
  return {
    now,
    selection: selectUnits(instances, volumes, config.policy.consistency),
    sourceSnapshots,
    copies,
    unreadable,
    volumesWaiting: await messagesIn(ports.volumes),
    copiesWaiting: await copiesWaiting(ports.copies),
    letters: await readLetters(ports),
  };
}

function attachedVolumeIds(instances: readonly Instance[]): readonly VolumeId[] {
  return [...new Set(instances.flatMap((instance) => instance.devices.map((device) => device.volumeId)))];
}

async function listCopies(
  ports: ReconcilePorts,
  vault: string,
): Promise<Pick<Facts, 'copies' | 'unreadable'>> {
  const copies = new Map<Region, readonly Snapshot[]>();
  const unreadable: Region[] = [];
  for (const store of ports.destinations) {
    try {
      copies.set(store.region, await store.listVaultSnapshots(vault));
    } catch (error) {
      if (!isAppError(error)) throw error;
      unreadable.push(store.region);
      ports.log.error('region.unreadable', {
        region: store.region,
        code: error.code,
        cause: errorText(error),
      });
      ports.count('RecordsFailed', 1);
    }
  }
  return { copies, unreadable };
}

async function messagesIn(queue: WorkQueue): Promise<number> {
  const { visible, inFlight, delayed } = await queue.depth();
  return visible + inFlight + delayed;
}

async function copiesWaiting(queues: ReadonlyMap<Region, WorkQueue>): Promise<ReadonlyMap<Region, number>> {
  const waiting = new Map<Region, number>();
  for (const [region, queue] of queues) waiting.set(region, await messagesIn(queue));
  return waiting;
}

function planFrom(config: ReconcileConfig, facts: Facts): ReconcilePlan {
  const latestSlot = latestSlotAt(config.schedule, facts.now);
  return planReconcile({
    now: facts.now,
    vault: config.vault,
    policy: config.policy,
    ...(latestSlot === undefined ? {} : { latestSlot }),
    selection: facts.selection,
    sourceSnapshots: facts.sourceSnapshots,
    copies: facts.copies,
    queues: { volumesWaiting: facts.volumesWaiting, copiesWaiting: facts.copiesWaiting },
    deadLetters: facts.letters,
    intervalMs: INTERVAL_MS,
  });
}

function logPlan(log: Log, plan: ReconcilePlan): void {
  for (const { message, reason } of plan.snapshotUnits) {
    log.info('reconcile.enqueue-unit', {
      unit: message.unit,
      slot: message.slot,
      volumeIds: message.volumeIds,
      reason,
    });
  }
  for (const { region, message, reason } of plan.copies) {
    log.info('reconcile.enqueue-copy', { region, snapshotId: message.snapshotId, reason });
  }
  for (const waiting of plan.waiting) log.debug('reconcile.wait', { ...waiting });
}

/** The same deduplication id as the scheduler's: a unit that was enqueued minutes ago is not enqueued twice. */
async function sendUnits(ports: ReconcilePorts, plan: ReconcilePlan): Promise<void> {
  const messages = plan.snapshotUnits.map(({ message, hasLetter }) => ({
    body: encodeMessage(message),
    ...markOf(hasLetter),
    groupId: message.unit,
    deduplicationId: unitKey(message),
  }));
  if (messages.length > 0) await ports.volumes.send(messages);
}

async function sendCopies(ports: ReconcilePorts, plan: ReconcilePlan): Promise<void> {
  for (const [region, queue] of ports.copies) {
    const messages: OutgoingMessage[] = plan.copies
      .filter((copy) => copy.region === region)
      .map(({ message, hasLetter }) => ({ body: encodeMessage(message), ...markOf(hasLetter) }));
    if (messages.length > 0) await queue.send(messages);
  }
}

/** What has a letter says so, in order not to leave another one. */
const markOf = (hasLetter: boolean): Pick<OutgoingMessage, 'attributes'> =>
  hasLetter ? { attributes: { [HAS_LETTER_ATTRIBUTE]: 'true' } } : {};

/** Wakes every pump when anything was enqueued, else those whose queue holds messages: their wake-up may be lost. */
async function wakePumps(
  ports: ReconcilePorts,
  config: ReconcileConfig,
  facts: Facts,
  plan: ReconcilePlan,
): Promise<void> {
  const sent = plan.snapshotUnits.length + plan.copies.length > 0;
  const wakeUp = (region: Region): OutgoingMessage => ({
    body: encodeMessage({
      v: 1,
      kind: 'wake-up',
      region,
      cause: 'work',
      id: `reconcile/${region}/${ports.clock.now()}`,
    }),
    groupId: region,
  });
  if (sent || facts.volumesWaiting > 0) await ports.snapshotterWakeups.send([wakeUp(config.sourceRegion)]);
  const regions = [...ports.copies.keys()].filter(
    (region) => sent || (facts.copiesWaiting.get(region) ?? 0) > 0,
  );
  if (regions.length > 0) await ports.copierWakeups.send(regions.map(wakeUp));
}
