import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Fleet } from '../src/scale/account.ts';
import type { DesignName, ScaleResult } from '../src/scale/result.ts';

/** One design and one fleet: what a worker is given. */
export interface Job {
  readonly design: DesignName;
  readonly fleet: Fleet;
  readonly seed: number;
}

/** What a worker says. */
export type Said = { readonly copied: number } | { readonly result: ScaleResult };

const DESIGNS: readonly DesignName[] = ['smart vault', 'original loop', 'plain fan-out'];

/**
 * Runs every design over every fleet, as many at once as there are processors.
 *
 * @param done told of each fleet, in their order, as soon as all of its designs have been run
 */
export async function runJobs(
  fleets: readonly Fleet[],
  seed: number,
  done: (results: readonly ScaleResult[]) => void,
): Promise<readonly (readonly ScaleResult[])[]> {
  const jobs = fleets.flatMap((fleet) => DESIGNS.map((design): Job => ({ design, fleet, seed })));
  const results = new Map<Job, ScaleResult>();
  let told = 0;
  const tell = (): void => {
    for (let fleet = ofFleet(told); fleet !== undefined; fleet = ofFleet(told)) {
      told += 1;
      done(fleet);
    }
  };
  const ofFleet = (index: number): readonly ScaleResult[] | undefined => {
    const some = jobs
      .slice(index * DESIGNS.length, (index + 1) * DESIGNS.length)
      .map((job) => results.get(job));
    return some.length > 0 && some.every((result) => result !== undefined) ? some : undefined;
  };
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      results.set(job, await runInWorker(job));
      tell();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return fleets.map((_, index) => ofFleet(index) ?? []);
}

async function runInWorker(job: Job): Promise<ScaleResult> {
  const worker = new Worker(new URL('./scale-worker.ts', import.meta.url), { workerData: job });
  const title = `${job.design}, ${job.fleet.volumes} volumes, ${job.fleet.volumesPerInstance} per instance`;
  let result: ScaleResult | undefined;
  let percent = -1;
  worker.on('message', (said: Said) => {
    if ('result' in said) result = said.result;
    else {
      const now = Math.floor((10 * said.copied) / job.fleet.volumes) * 10;
      if (now > percent) process.stderr.write(`${title}: ${now} %\n`);
      percent = Math.max(percent, now);
    }
  });
  await once(worker, 'exit'); // rejects with what the worker threw
  if (result === undefined) throw new Error(`${title}: the worker ended without a result`);
  return result;
}
