import { parentPort, workerData } from 'node:worker_threads';
import type { Batch } from './job.ts';
import { runBatch } from './run-batch.ts';
import type { Templates } from './run-world.ts';

/** Takes batches until it is ended; answers each with a report. */
const { templates } = workerData as { readonly templates: Templates };

// Faults are errors by the thousand, and nobody reads their stacks here: a seed that fails is run again by itself.
Error.stackTraceLimit = 0;

parentPort?.on('message', (batch: Batch) => {
  void runBatch(batch, templates).then((report) => parentPort?.postMessage(report));
});
