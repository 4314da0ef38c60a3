import { type Cloud, parseScheduledJob, type Region } from '@smart-vault/core';
import {
  type Edges,
  type Environment,
  emitMetric,
  loadConfig,
  scheduledJob,
  systemClock,
} from '@smart-vault/lambda-kit';
import { prunerEnv, toPruneConfig } from './config.ts';
import { newDeletePacer } from './delete-snapshots.ts';
import { pruneSnapshots } from './prune-snapshots.ts';

/**
 * The pruner's handler in a fresh execution environment: condemns and deletes what the policy no longer keeps.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createPrunerHandler(
  variables: Environment,
  cloud: Pick<Cloud, 'snapshotStore'>,
  edges: Edges = {},
) {
  const env = loadConfig(prunerEnv, variables);
  const config = toPruneConfig(env);
  const clock = edges.clock ?? systemClock();
  const emit = edges.emit ?? emitMetric;
  const pacers = new Map(
    [env.sourceRegion, ...env.destinations].map((region) => [region, newDeletePacer(clock)]),
  );
  const ports = {
    source: cloud.snapshotStore(env.sourceRegion),
    destinations: env.destinations.map((region) => cloud.snapshotStore(region)),
    pacerOf: (region: Region) => pacers.get(region) ?? newDeletePacer(clock),
    count: (name: string, value: number) => emit(name, value, 'Count'),
  };
  return scheduledJob({
    service: 'pruner',
    ...edges,
    clock,
    parse: parseScheduledJob,
    run: (job, context) => pruneSnapshots({ ...ports, ...context }, config, job),
  });
}
