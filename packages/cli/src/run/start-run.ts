import {
  AppError,
  type Instance,
  type InstanceCatalog,
  type InstanceId,
  type Log,
  type ScheduledRun,
  slotAt,
} from '@smart-vault/core';
import { type ScheduleReport, scheduleBackups } from '@smart-vault/scheduler';
import type { CommandContext } from '../command-line/context.ts';
import { openQueue } from '../vault/adapters.ts';
import type { Vault, VaultQueue } from '../vault/find-vault.ts';
import type { QueueRole } from '../vault/queue-names.ts';

/** What a run on demand was about; `refusal` says why none was started. */
export type RunStart =
  | { readonly kind: 'started'; readonly run: ScheduledRun; readonly report: ScheduleReport }
  | { readonly kind: 'refused'; readonly refusal: string };

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Starts a run with the scheduler's own code: the same messages in the same queues, for a slot that is now. Nothing is
 * sent when nothing is selected.
 */
export async function startRun(
  context: CommandContext,
  vault: Vault,
  catalog: InstanceCatalog,
  instanceIds: readonly InstanceId[],
): Promise<RunStart> {
  const instances = await selected(catalog);
  const refusal = refusalOf(instances, instanceIds);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  const wanted = instances.filter(({ id }) => instanceIds.length === 0 || instanceIds.includes(id));
  const { clock } = context;
  const run: ScheduledRun = { v: 1, kind: 'scheduled-run', policy: vault.policy, slot: slotAt(clock.now()) };
  const report = await scheduleBackups(
    {
      clock,
      log: SILENT,
      catalog: { ...catalog, listInstancesTagged: async () => wanted },
      volumes: openQueue(context)(queueOf(vault, 'volumes')),
      snapshotterWakeups: openQueue(context)(queueOf(vault, 'snapshotter-wakeups')),
      reports: openQueue(context)(queueOf(vault, 'reports')),
    },
    {
      vault: vault.name,
      policy: vault.policy,
      sourceRegion: vault.region,
      consistency: vault.settings.consistency ?? 'instance',
    },
    run,
  );
  return { kind: 'started', run, report };
}

const selected = (catalog: InstanceCatalog): Promise<readonly Instance[]> =>
  catalog.listInstancesTagged('backup', 'true');

/** Instances that cannot be backed up are named, rather than silently left out. */
function refusalOf(instances: readonly Instance[], wanted: readonly InstanceId[]): string | undefined {
  if (instances.every(({ devices }) => devices.length === 0)) {
    return 'no instance with a volume has the tag backup=true, so there is nothing to back up';
  }
  const tagged = new Map(instances.map((instance) => [instance.id, instance]));
  const missing = wanted.filter((id) => !tagged.has(id));
  if (missing.length > 0) {
    return `${missing.join(', ')}: no such instance with the tag backup=true; tag it, or leave it out`;
  }
  const empty = wanted.filter((id) => tagged.get(id)?.devices.length === 0);
  return empty.length > 0 ? `${empty.join(', ')}: no EBS volume` : undefined;
}

/** @throws AppError `CONFIG` when the stack lacks the queue. */
function queueOf(vault: Vault, role: QueueRole): VaultQueue {
  const queue = vault.queues.find((each) => each.role === role);
  if (queue !== undefined) return queue;
  throw new AppError(
    'CONFIG',
    `vault "${vault.name}" has no queue for ${role} in ${vault.region}: deploy its stack again`,
  );
}
