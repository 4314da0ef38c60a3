export { type SchedulerConfig, schedulerEnv, toScheduleConfig } from './config.ts';
export { createSchedulerHandler } from './create-handler.ts';
export {
  type ScheduleConfig,
  type SchedulePorts,
  type ScheduleReport,
  scheduleBackups,
} from './schedule-backups.ts';
