import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Batch, BatchReport } from './job.ts';
import type { Templates } from './run-world.ts';

export interface RunAllOptions {
  readonly batches: readonly Batch[];
  readonly templates: Templates;
  readonly workers: number;
  /** Told of every batch as it ends, in the order of the ends. */
  onReport?(report: BatchReport): void;
}

/** Spreads batches over worker threads. @returns reports in the order of the batches */
export async function runAll({
  batches,
  templates,
  workers,
  onReport,
}: RunAllOptions): Promise<readonly BatchReport[]> {
  const reports = new Map<Batch, BatchReport>();
  const waiting = [...batches];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { templates } });
    try {
      for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
        const report = await answerOf(worker, batch);
        reports.set(batch, report);
        onReport?.(report);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, batches.length) }, work));
  return batches.flatMap((batch) => reports.get(batch) ?? []);
}

async function answerOf(worker: Worker, batch: Batch): Promise<BatchReport> {
  const answer = once(worker, 'message') as Promise<[BatchReport]>; // rejects when the worker fails
  worker.postMessage(batch);
  const [report] = await answer;
  return report;
}
