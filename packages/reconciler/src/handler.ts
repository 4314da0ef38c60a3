import { createInstanceCatalog, createSnapshotStore, createWorkQueue } from '@smart-vault/aws';
import { parseScheduledJob, type Region } from '@smart-vault/core';
import { type DeadLetterQueue, emitMetric, loadConfig, scheduledJob } from '@smart-vault/lambda-kit';
import { reconcilerEnv, toReconcileConfig } from './config.ts';
import { reconcileVault } from './reconcile-vault.ts';

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
const env = loadConfig(reconcilerEnv, process.env);
const config = toReconcileConfig(env);
const region = env.sourceRegion;
const queueAt = (url: string) => createWorkQueue({ url, region });

const ports = {
  catalog: createInstanceCatalog({ region }),
  source: createSnapshotStore({ region }),
  destinations: env.destinations.map((destination) => createSnapshotStore({ region: destination })),
  volumes: queueAt(env.volumesQueueUrl),
  copies: byDestination(env.copiesQueueUrls, queueAt),
  volumesDeadLetters: deadLettersAt('snapshot-units', env.volumesDlqUrl),
  copiesDeadLetters: byDestination(env.copiesDlqUrls, (url) => deadLettersAt('copies', url)),
  snapshotterWakeups: queueAt(env.snapshotterWakeupsQueueUrl),
  copierWakeups: queueAt(env.copierWakeupsQueueUrl),
  count: emitMetric,
};

function deadLettersAt(holds: DeadLetterQueue['holds'], url: string): DeadLetterQueue {
  return { name: url.slice(url.lastIndexOf('/') + 1), holds, queue: queueAt(url) };
}

function byDestination<T>(urls: readonly string[], open: (url: string) => T): ReadonlyMap<Region, T> {
  return new Map(
    urls.flatMap((url, index) => {
      const destination = env.destinations[index];
      return destination === undefined ? [] : [[destination, open(url)] as const];
    }),
  );
}

/** Hourly: enqueues what no event has caused. */
export const handler = scheduledJob({
  service: 'reconciler',
  parse: parseScheduledJob,
  run: (job, { clock, log }) => reconcileVault({ ...ports, clock, log }, config, job),
});
