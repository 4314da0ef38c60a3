import {
  AppError,
  type Clock,
  encodeMessage,
  type Instance,
  type InstanceCatalog,
  type InstanceId,
  type Log,
  type Region,
  type RunMessage,
  type ScheduledRun,
  type Selection,
  type SnapshotUnitMessage,
  selectUnits,
  slotMs,
  type Unit,
  unitKey,
  type VolumeId,
  type WorkQueue,
} from '@smart-vault/core';

/** What scheduling a run needs of the world. */
export interface SchedulePorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly catalog: InstanceCatalog;
  /** `volumes.fifo`: one message per unit. */
  readonly volumes: WorkQueue;
  readonly snapshotterWakeups: WorkQueue;
  readonly reports: WorkQueue;
}

export interface ScheduleConfig {
  readonly vault: string;
  readonly policy: string;
  readonly sourceRegion: Region;
  readonly consistency: 'instance' | 'volume';
}

/** How much a run was about. */
export interface ScheduleReport {
  readonly instances: number;
  readonly units: number;
  readonly volumes: number;
  readonly excluded: number;
}

/** The first look at a run: nothing of any size is complete sooner. */
const FIRST_REPORT_DELAY_SECONDS = 300;

/** A `scheduled` map above this is left out of the run's message; the reporter then goes by the selection it sees. */
const SCHEDULED_BYTES_MAX = 200 * 1024;

/** From here on a start counts as late. EventBridge Scheduler fires within the minute. */
const LATE_MS = 5 * 60_000;

/**
 * Enqueues one message per unit of the policy's selection, wakes the snapshotter, and lets the reporter look at the
 * run later. The same slot gives the same deduplication ids, so a second start (or the retry after a crash between two
 * batches) adds nothing. The report is asked for last and in any case: a selection that matches nothing is a result.
 *
 * @throws AppError of the port that failed; nothing is half-done that a retry does not complete.
 */
export async function scheduleBackups(
  ports: SchedulePorts,
  config: ScheduleConfig,
  run: ScheduledRun,
): Promise<ScheduleReport> {
  const now = ports.clock.now();
  checkPolicy(config, run);
  warnWhenLate(ports.log, run, now);

  const selection = await gatherSelection(ports, config);
  logSelection(ports.log, selection);

  await ports.volumes.send(selection.units.map((unit) => unitMessage(config, run, unit, now)));
  if (selection.units.length > 0) await wakeSnapshotter(ports, config, run, now);
  await ports.reports.send([
    { body: encodeRun(runMessage(config, run, selection, now)), delaySeconds: FIRST_REPORT_DELAY_SECONDS },
  ]);

  const report = { ...countsOf(selection), excluded: selection.excluded.length };
  ports.log.info('run.scheduled', { slot: run.slot, policy: run.policy, ...report });
  return report;
}

function checkPolicy(config: ScheduleConfig, run: ScheduledRun): void {
  if (run.policy === config.policy) return;
  throw new AppError(
    'CONFIG',
    `the schedule asks for policy "${run.policy}", but this function serves "${config.policy}"; set POLICY_NAME or the schedule's input`,
  );
}

function warnWhenLate(log: Log, run: ScheduledRun, now: number): void {
  const lateMs = now - slotMs(run.slot);
  if (lateMs > LATE_MS) log.warn('run.late', { slot: run.slot, lateSeconds: Math.round(lateMs / 1000) });
}

async function gatherSelection(ports: SchedulePorts, config: ScheduleConfig): Promise<Selection> {
  const instances = await ports.catalog.listInstancesTagged('backup', 'true');
  const volumes = await ports.catalog.findVolumes(attachedVolumeIds(instances));
  return selectUnits(instances, volumes, config.consistency);
}

function attachedVolumeIds(instances: readonly Instance[]): readonly VolumeId[] {
  return [...new Set(instances.flatMap((instance) => instance.devices.map((device) => device.volumeId)))];
}

function logSelection(log: Log, selection: Selection): void {
  for (const { volumeId, instanceId, reason, text } of selection.excluded) {
    log.info('volume.excluded', { volumeId, instanceId, reason, text });
  }
  for (const { instanceId, reason } of selection.empty) log.warn('instance.empty', { instanceId, reason });
  if (selection.units.length === 0)
    log.warn('selection.empty', { hint: 'no instance is tagged backup=true' });
}

function unitMessage(config: ScheduleConfig, run: ScheduledRun, unit: Unit, now: number) {
  const message: SnapshotUnitMessage = {
    v: 1,
    kind: 'snapshot-unit',
    vault: config.vault,
    policy: run.policy,
    slot: run.slot,
    unit: unit.id,
    instanceId: unit.instanceId,
    volumeIds: [...unit.volumeIds],
    firstSeenAt: now,
  };
  return { body: encodeMessage(message), groupId: unit.id, deduplicationId: unitKey(message) };
}

/** The id holds the time, so that the wake-up after a retry is not taken for the first one and dropped. */
async function wakeSnapshotter(
  ports: SchedulePorts,
  config: ScheduleConfig,
  run: ScheduledRun,
  now: number,
): Promise<void> {
  const body = encodeMessage({
    v: 1,
    kind: 'wake-up',
    region: config.sourceRegion,
    cause: 'work',
    id: `${run.policy}/${run.slot}/${now}`,
  });
  await ports.snapshotterWakeups.send([{ body, groupId: config.sourceRegion }]);
}

function runMessage(
  config: ScheduleConfig,
  run: ScheduledRun,
  selection: Selection,
  now: number,
): RunMessage {
  return {
    v: 1,
    kind: 'run',
    vault: config.vault,
    policy: run.policy,
    slot: run.slot,
    startedAt: now,
    ...countsOf(selection),
    scheduled: scheduledVolumes(selection),
    check: 0,
  };
}

function countsOf(selection: Selection): { instances: number; units: number; volumes: number } {
  return {
    instances: new Set(selection.units.map((unit) => unit.instanceId)).size,
    units: selection.units.length,
    volumes: selection.units.reduce((sum, unit) => sum + unit.volumeIds.length, 0),
  };
}

function scheduledVolumes(selection: Selection): Record<InstanceId, VolumeId[]> {
  const scheduled: Record<InstanceId, VolumeId[]> = {};
  for (const { instanceId, volumeIds } of selection.units) {
    scheduled[instanceId] = [...(scheduled[instanceId] ?? []), ...volumeIds];
  }
  return scheduled;
}

function encodeRun(message: RunMessage): string {
  const { scheduled, ...rest } = message;
  const tooLong = Buffer.byteLength(JSON.stringify(scheduled)) > SCHEDULED_BYTES_MAX;
  return encodeMessage(tooLong ? rest : message);
}
