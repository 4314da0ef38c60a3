export { systemClock } from './clock.ts';
export { type JobContext, withFields } from './context.ts';
export {
  commonEnv,
  envChoice,
  envInteger,
  envNumber,
  envRegion,
  envRegionList,
  envText,
  envUrl,
  envUrlList,
  onePerDestination,
  splitList,
} from './env-fields.ts';
export type { Edges, Handler } from './invocation.ts';
export { type ConfigProblem, type Environment, loadConfig } from './load-config.ts';
export { createLog, type LogLevel, type LogOptions } from './log.ts';
export { emitMetric, metricLine } from './metric.ts';
export { Pacer, type PacerOptions } from './pacer.ts';
export { Doubts } from './pump/doubts.ts';
export { firstSentAt } from './pump/hand-back.ts';
export type { PumpItem, PumpJob, PumpReport, PumpStep, StopReason } from './pump/job.ts';
export { runPump } from './pump/run-pump.ts';
export { type QueueWorkerOptions, queueWorker } from './queue-worker.ts';
export { type DeadLetterQueue, readDeadLetters } from './read-dead-letters.ts';
export { RecentStarts } from './recent-starts.ts';
export { type ScheduledJobOptions, scheduledJob } from './scheduled-job.ts';
export { type WakeUpHandlerOptions, wakeUpHandler } from './wake-up-handler.ts';
