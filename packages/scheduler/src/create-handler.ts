import { type Cloud, parseScheduledRun } from '@smart-vault/core';
import { type Edges, type Environment, loadConfig, scheduledJob } from '@smart-vault/lambda-kit';
import { schedulerEnv, toScheduleConfig } from './config.ts';
import { scheduleBackups } from './schedule-backups.ts';

/**
 * The scheduler's handler in a fresh execution environment: starts the run that EventBridge Scheduler names.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createSchedulerHandler(
  variables: Environment,
  cloud: Pick<Cloud, 'instanceCatalog' | 'workQueue'>,
  edges: Edges = {},
) {
  const env = loadConfig(schedulerEnv, variables);
  const config = toScheduleConfig(env);
  const region = env.sourceRegion;
  const ports = {
    catalog: cloud.instanceCatalog(region),
    volumes: cloud.workQueue(env.volumesQueueUrl, region),
    snapshotterWakeups: cloud.workQueue(env.snapshotterWakeupsQueueUrl, region),
    reports: cloud.workQueue(env.reportsQueueUrl, region),
  };
  return scheduledJob({
    service: 'scheduler',
    ...edges,
    parse: parseScheduledRun,
    run: (run, { clock, log }) => scheduleBackups({ ...ports, clock, log }, config, run),
  });
}
