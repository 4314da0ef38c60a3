import { createInstanceCatalog, createWorkQueue } from '@smart-vault/aws';
import { parseScheduledRun } from '@smart-vault/core';
import { loadConfig, scheduledJob } from '@smart-vault/lambda-kit';
import { schedulerEnv, toScheduleConfig } from './config.ts';
import { scheduleBackups } from './schedule-backups.ts';

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
const env = loadConfig(schedulerEnv, process.env);
const config = toScheduleConfig(env);
const region = env.sourceRegion;

const ports = {
  catalog: createInstanceCatalog({ region }),
  volumes: createWorkQueue({ url: env.volumesQueueUrl, region }),
  snapshotterWakeups: createWorkQueue({ url: env.snapshotterWakeupsQueueUrl, region }),
  reports: createWorkQueue({ url: env.reportsQueueUrl, region }),
};

/** Starts the run that EventBridge Scheduler names. */
export const handler = scheduledJob({
  service: 'scheduler',
  parse: parseScheduledRun,
  run: (run, { clock, log }) => scheduleBackups({ ...ports, clock, log }, config, run),
});
