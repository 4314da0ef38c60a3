import type { Cloud } from '@smart-vault/core';
import {
  type DeadLetterQueue,
  type Edges,
  type Environment,
  loadConfig,
  queueWorker,
} from '@smart-vault/lambda-kit';
import { reporterEnv, toReportConfig } from './config.ts';
import { reportRun } from './report-run.ts';

/**
 * The reporter's handler in a fresh execution environment: reports on the runs in the reports queue.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createReporterHandler(variables: Environment, cloud: Cloud, edges: Edges = {}) {
  const env = loadConfig(reporterEnv, variables);
  const config = toReportConfig(env);
  const region = env.sourceRegion;
  const deadLettersAt = (holds: DeadLetterQueue['holds'], url: string): DeadLetterQueue => ({
    name: url.slice(url.lastIndexOf('/') + 1),
    holds,
    queue: cloud.workQueue(url, region),
  });
  const ports = {
    catalog: cloud.instanceCatalog(region),
    source: cloud.snapshotStore(region),
    destinations: env.destinations.map((destination) => cloud.snapshotStore(destination)),
    reports: cloud.workQueue(env.reportsQueueUrl, region),
    deadLetters: [
      deadLettersAt('snapshot-units', env.volumesDlqUrl),
      ...env.copiesDlqUrls.map((url) => deadLettersAt('copies', url)),
    ],
    metrics: cloud.metricSink(region),
    notifier: cloud.notifier(env.topicArn, region),
  };
  return queueWorker({
    service: 'reporter',
    ...edges,
    handle: (message, { clock, log }) => reportRun({ ...ports, clock, log }, config, message.body),
  });
}
