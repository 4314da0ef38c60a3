import { commonEnv, envChoice, envUrl } from '@smart-vault/lambda-kit';
import * as v from 'valibot';
import type { ScheduleConfig } from './schedule-backups.ts';

/** The environment of the scheduler function. */
export const schedulerEnv = v.object({
  ...commonEnv,
  volumesQueueUrl: envUrl(),
  snapshotterWakeupsQueueUrl: envUrl(),
  reportsQueueUrl: envUrl(),
  consistency: v.optional(envChoice(['instance', 'volume']), 'instance'),
});
export type SchedulerConfig = Readonly<v.InferOutput<typeof schedulerEnv>>;

/** What the use case needs to know, from the environment. */
export function toScheduleConfig(env: SchedulerConfig): ScheduleConfig {
  const { vault, policy, sourceRegion, consistency } = env;
  return { vault, policy, sourceRegion, consistency };
}
