import { type Cloud, parseScheduledJob, type Region } from '@smart-vault/core';
import {
  type DeadLetterQueue,
  type Edges,
  type Environment,
  emitMetric,
  loadConfig,
  scheduledJob,
} from '@smart-vault/lambda-kit';
import { reconcilerEnv, toReconcileConfig } from './config.ts';
import { reconcileVault } from './reconcile-vault.ts';

/**
 * The reconciler's handler in a fresh execution environment. Hourly: enqueues what no event has caused.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createReconcilerHandler(
  variables: Environment,
  cloud: Pick<Cloud, 'instanceCatalog' | 'snapshotStore' | 'workQueue'>,
  edges: Edges = {},
) {
  const env = loadConfig(reconcilerEnv, variables);
  const config = toReconcileConfig(env);
  const region = env.sourceRegion;
  const emit = edges.emit ?? emitMetric;
  const queueAt = (url: string) => cloud.workQueue(url, region);
  const deadLettersAt = (holds: DeadLetterQueue['holds'], url: string): DeadLetterQueue => ({
    name: url.slice(url.lastIndexOf('/') + 1),
    holds,
    queue: queueAt(url),
  });
  const byDestination = <T>(urls: readonly string[], open: (url: string) => T): ReadonlyMap<Region, T> =>
    new Map(env.destinations.map((destination, place) => [destination, open(urls[place] ?? '')]));
  const ports = {
    catalog: cloud.instanceCatalog(region),
    source: cloud.snapshotStore(region),
    destinations: env.destinations.map((destination) => cloud.snapshotStore(destination)),
    volumes: queueAt(env.volumesQueueUrl),
    copies: byDestination(env.copiesQueueUrls, queueAt),
    volumesDeadLetters: deadLettersAt('snapshot-units', env.volumesDlqUrl),
    copiesDeadLetters: byDestination(env.copiesDlqUrls, (url) => deadLettersAt('copies', url)),
    snapshotterWakeups: queueAt(env.snapshotterWakeupsQueueUrl),
    copierWakeups: queueAt(env.copierWakeupsQueueUrl),
    count: (name: string, value: number) => emit(name, value, 'Count'),
  };
  return scheduledJob({
    service: 'reconciler',
    ...edges,
    parse: parseScheduledJob,
    run: (job, { clock, log }) => reconcileVault({ ...ports, clock, log }, config, job),
  });
}
