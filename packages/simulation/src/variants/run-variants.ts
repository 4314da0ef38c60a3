import { Worker } from 'node:worker_threads';
import type { Templates } from '../run-world.ts';
import { VARIANTS } from './list.ts';

/** How a variant was caught. */
export interface Catch {
  readonly seed: number;
  readonly promise: string;
  readonly text: string;
}

/** What became of a variant: caught, not caught (`seeds` is its whole budget), or not even tried. */
export interface VariantOutcome {
  readonly name: string;
  /** Seeds that were run. */
  readonly seeds: number;
  readonly caught?: Catch;
  /** Why it could not be run. */
  readonly error?: string;
  readonly tookMs: number;
}

export interface RunVariantsOptions {
  /** From `vaultTemplates`: one destination, and two. */
  readonly templates: Templates;
  /** Names of those to run; all when left out. */
  readonly names?: readonly string[];
  /** Threads. Default: 2. */
  readonly workers?: number;
  /** Told of each outcome as soon as it is known. */
  readonly onOutcome?: (outcome: VariantOutcome) => void;
  /** A variant that takes longer has failed: it may go round in a circle. Default: 120 s. */
  readonly timeoutMs?: number;
}

/** Runs variants, each in modules of its own, and tells which seed caught which. In the order of the list. */
export async function runVariants(options: RunVariantsOptions): Promise<readonly VariantOutcome[]> {
  const names = options.names ?? VARIANTS.map(({ name }) => name);
  const waiting = [...names];
  const outcomes = new Map<string, VariantOutcome>();
  const lane = async (): Promise<void> => {
    let worker = open(options.templates);
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const outcome = await ask(worker, name, options.timeoutMs ?? 120_000);
      outcomes.set(name, outcome);
      options.onOutcome?.(outcome);
      if (outcome.error === undefined) continue;
      await worker.terminate();
      worker = open(options.templates);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(options.workers ?? 2, names.length) }, lane));
  return names.flatMap((name) => outcomes.get(name) ?? []);
}

const open = (templates: Templates): Worker =>
  new Worker(new URL('./worker.ts', import.meta.url), { workerData: { templates }, execArgv: [] });

function ask(worker: Worker, name: string, timeoutMs: number): Promise<VariantOutcome> {
  const { promise, resolve } = Promise.withResolvers<VariantOutcome>();
  const failed = (error: string): void => resolve({ name, seeds: 0, error, tookMs: timeoutMs });
  const timer = setTimeout(() => failed(`no outcome within ${timeoutMs / 1000} s`), timeoutMs);
  const onError = (error: Error): void => failed(error.message);
  worker.once('message', resolve).once('error', onError);
  worker.postMessage(name);
  return promise.finally(() => {
    clearTimeout(timer);
    worker.off('message', resolve).off('error', onError);
  });
}

/** An outcome for people, on one line. */
export function outcomeLine({ name, seeds, caught, error, tookMs }: VariantOutcome): string {
  const seconds = `${(tookMs / 1000).toFixed(1)} s`;
  if (error !== undefined) return `${name}: ${error}`;
  if (caught === undefined) return `${name}: NOT CAUGHT by ${seeds} seeds, ${seconds}`;
  return `${name}: caught by ${caught.promise}, seed ${caught.seed}, ${seeds} tried, ${seconds}: ${caught.text}`;
}
