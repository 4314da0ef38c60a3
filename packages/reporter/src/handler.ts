import {
  createInstanceCatalog,
  createMetricSink,
  createNotifier,
  createSnapshotStore,
  createWorkQueue,
} from '@smart-vault/aws';
import { loadConfig, queueWorker } from '@smart-vault/lambda-kit';
import { reporterEnv, toReportConfig } from './config.ts';
import { reportRun } from './report-run.ts';

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
const env = loadConfig(reporterEnv, process.env);
const config = toReportConfig(env);
const region = env.sourceRegion;

const ports = {
  catalog: createInstanceCatalog({ region }),
  source: createSnapshotStore({ region }),
  destinations: env.destinations.map((destination) => createSnapshotStore({ region: destination })),
  reports: createWorkQueue({ url: env.reportsQueueUrl, region }),
  deadLetters: [
    deadLetterQueue('snapshot-units', env.volumesDlqUrl),
    ...env.copiesDlqUrls.map((url) => deadLetterQueue('copies', url)),
  ],
  metrics: createMetricSink({ region }),
  notifier: createNotifier({ topicArn: env.topicArn, region }),
};

function deadLetterQueue(holds: 'snapshot-units' | 'copies', url: string) {
  return { name: url.slice(url.lastIndexOf('/') + 1), holds, queue: createWorkQueue({ url, region }) };
}

/** Reports on the runs in the reports queue. */
export const handler = queueWorker({
  service: 'reporter',
  handle: (message, { clock, log }) => reportRun({ ...ports, clock, log }, config, message.body),
});
