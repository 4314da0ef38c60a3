import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from './job.ts';
import { runBatch } from './run-batch.ts';
import type { Templates } from './run-world.ts';

/** Takes batches until it is ended; answers each with a report. */
const { templates } = workerData as { readonly templates: Templates };

parentPort?.on('message', (batch: Batch) => {
  void runBatch(batch, templates).then((report) => parentPort?.postMessage(report));
});
