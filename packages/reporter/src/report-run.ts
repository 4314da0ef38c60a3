import {
  AppError,
  type AssessInput,
  assessRun,
  type Clock,
  encodeMessage,
  errorText,
  HOUR_MS,
  type InstanceCatalog,
  isAppError,
  type Log,
  type MetricSink,
  type Notifier,
  type Policy,
  parseRun,
  type Region,
  type RunAssessment,
  type RunMessage,
  renderDigest,
  runMetrics,
  type Snapshot,
  type SnapshotStore,
  selectUnits,
  type VaultSnapshotFilter,
  type WorkQueue,
} from '@smart-vault/core';
import { type DeadLetterQueue, readDeadLetters } from '@smart-vault/lambda-kit';
import { neverOk, rpoNote, type UnreadableRegion, unreadableNote } from './digest-notes.ts';

/** What reporting on a run needs of the world. */
export interface ReportPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: InstanceCatalog;
  readonly source: SnapshotStore;
  readonly destinations: readonly SnapshotStore[];
  /** The queue the runs come from, to look at an unfinished one again. */
  readonly reports: WorkQueue;
  readonly deadLetters: readonly DeadLetterQueue[];
  readonly metrics: MetricSink;
  readonly notifier: Notifier;
}

export interface ReportConfig {
  readonly vault: string;
  readonly policy: Policy;
  /** Hours from a run's start after which it is reported whatever its state. */
  readonly runDeadlineHours: number;
  /** A volume whose newest point is older than this is late. */
  readonly rpoHours: number;
}

/** `again`: the run is not over, and will be looked at again. */
export type ReportResult =
  | { readonly kind: 'again'; readonly delaySeconds: number }
  | { readonly kind: 'reported'; readonly status: RunAssessment['status'] };

/** SQS delays a message by 15 minutes at most. */
const DELAY_SECONDS_MAX = 900;

/** First looks come sooner: small runs are over in minutes. */
const DELAY_SECONDS_MIN = 120;

/**
 * Looks at a run: what its volumes should have by now against what EC2 says they have. While it is not over, it is
 * looked at again; when it is, its metrics are published and its digest is sent. The message may be deleted only after
 * this has returned: whatever fails before, the run is reported again rather than not at all.
 *
 * A destination that cannot be read is named in the digest, and the run is never `OK`.
 * @throws AppError of the port that failed: the message stays in the queue.
 */
export async function reportRun(
  ports: ReportPorts,
  config: ReportConfig,
  body: string,
): Promise<ReportResult> {
  const run = parseRun(body);
  if (run.vault !== config.vault) throw new AppError('CONTRACT', `the run is of vault ${run.vault}`);
  const context = await gatherContext(ports, config, run);
  const glance = await assess(ports, config, context, { policy: run.policy, slot: run.slot });
  if (glance.assessment.status === 'IN_PROGRESS') return lookAgain(ports, config, run);

  // Exact ages need the older points too; they are read once a run, not at every look.
  const { assessment, unreadable } = await assess(ports, config, context, { policy: run.policy });
  if (assessment.status === 'IN_PROGRESS') return lookAgain(ports, config, run);
  await publish(ports, config, assessment, unreadable);
  return { kind: 'reported', status: assessment.status };
}

type Context = Pick<AssessInput, 'run' | 'instances' | 'volumesNow' | 'selection' | 'deadLetters'>;

async function gatherContext(ports: ReportPorts, config: ReportConfig, run: RunMessage): Promise<Context> {
  const instances = await ports.catalog.listInstancesTagged(config.policy.tagKey, config.policy.tagValue);
  const attached = instances.flatMap((instance) => instance.devices.map((device) => device.volumeId));
  const volumesNow = await ports.catalog.findVolumes([...new Set(attached)]);
  const selection = selectUnits(instances, volumesNow, config.policy.consistency);
  return {
    run,
    instances,
    volumesNow,
    selection,
    deadLetters: await readDeadLetters(ports.deadLetters, ports.log),
  };
}

interface Look {
  readonly assessment: RunAssessment;
  readonly unreadable: readonly UnreadableRegion[];
}

async function assess(
  ports: ReportPorts,
  config: ReportConfig,
  context: Context,
  filter: VaultSnapshotFilter,
): Promise<Look> {
  const sourceSnapshots = await ports.source.listVaultSnapshots(config.vault, filter);
  const { copies, unreadable } = await readDestinations(ports, config, filter);
  const assessment = assessRun({
    ...context,
    sourceSnapshots,
    copies,
    policy: config.policy,
    now: ports.clock.now(),
    deadlineMs: deadlineOf(config, context.run),
  });
  return { assessment: neverOk(assessment, unreadable), unreadable };
}

const deadlineOf = (config: ReportConfig, run: RunMessage): number =>
  run.startedAt + config.runDeadlineHours * HOUR_MS;

async function readDestinations(
  ports: ReportPorts,
  config: ReportConfig,
  filter: VaultSnapshotFilter,
): Promise<{ copies: ReadonlyMap<Region, readonly Snapshot[]>; unreadable: readonly UnreadableRegion[] }> {
  const copies = new Map<Region, readonly Snapshot[]>();
  const unreadable: UnreadableRegion[] = [];
  for (const store of ports.destinations) {
    try {
      copies.set(store.region, await store.listVaultSnapshots(config.vault, filter));
    } catch (error) {
      if (!isAppError(error)) throw error;
      const cause = `${error.code}: ${errorText(error)}`;
      ports.log.error('region.unreadable', { region: store.region, code: error.code, cause });
      unreadable.push({ region: store.region, cause });
    }
  }
  return { copies, unreadable };
}

/** Sends the run to itself, delayed: sooner at first, and never past its deadline by more than a minute. */
async function lookAgain(ports: ReportPorts, config: ReportConfig, run: RunMessage): Promise<ReportResult> {
  const leftSeconds = (deadlineOf(config, run) - ports.clock.now()) / 1000;
  const growing = DELAY_SECONDS_MIN * 2 ** Math.min(run.check, 10);
  const delaySeconds = Math.max(60, Math.min(DELAY_SECONDS_MAX, growing, Math.ceil(leftSeconds)));
  await ports.reports.send([{ body: encodeMessage({ ...run, check: run.check + 1 }), delaySeconds }]);
  ports.log.info('run.in-progress', { slot: run.slot, policy: run.policy, check: run.check, delaySeconds });
  return { kind: 'again', delaySeconds };
}

async function publish(
  ports: ReportPorts,
  config: ReportConfig,
  assessment: RunAssessment,
  unreadable: readonly UnreadableRegion[],
): Promise<void> {
  const { slot, policy, status, counts } = assessment;
  for (const volume of assessment.volumes) ports.log.info('volume.outcome', { slot, ...volume });
  await ports.metrics.put(runMetrics(assessment), ports.clock.now());
  const notes = [unreadableNote(unreadable), rpoNote(assessment, config.rpoHours)];
  await ports.notifier.publish(renderDigest(assessment, notes));
  ports.log.info('run.reported', { slot, policy, status, ...counts });
}
