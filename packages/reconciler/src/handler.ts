import { createInstanceCatalog, createSnapshotStore, createWorkQueue } from '@smart-vault/aws';
import { parseScheduledJob } from '@smart-vault/core';
import { emitMetric, loadConfig, scheduledJob } from '@smart-vault/lambda-kit';
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
  copies: new Map(
    env.copiesQueueUrls.flatMap((url, index) => {
      const destination = env.destinations[index];
      return destination === undefined ? [] : [[destination, queueAt(url)] as const];
    }),
  ),
  snapshotterWakeups: queueAt(env.snapshotterWakeupsQueueUrl),
  copierWakeups: queueAt(env.copierWakeupsQueueUrl),
  count: emitMetric,
};

/** Hourly: enqueues what no event has caused. */
export const handler = scheduledJob({
  service: 'reconciler',
  parse: parseScheduledJob,
  run: (job, { clock, log }) => reconcileVault({ ...ports, clock, log }, config, job),
});
