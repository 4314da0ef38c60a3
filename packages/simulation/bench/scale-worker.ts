import { parentPort, workerData } from 'node:worker_threads';
import type { DesignName } from '../src/scale/result.ts';
import { runFanOut } from '../src/scale/run-fan-out.ts';
import { runLoop } from '../src/scale/run-loop.ts';
import { runVault, type ScaleOptions } from '../src/scale/run-vault.ts';
import { vaultTemplates } from '../src/templates.ts';
import type { Job, Said } from './scale-workers.ts';

const RUNS: Readonly<Record<DesignName, (options: ScaleOptions) => ReturnType<typeof runLoop>>> = {
  'smart vault': (options) => runVault(options, vaultTemplates()),
  'original loop': runLoop,
  'plain fan-out': runFanOut,
};

const say = (said: Said): void => parentPort?.postMessage(said);
const { design, fleet, seed } = workerData as Job;
say({ result: await RUNS[design]({ fleet, seed, progress: (copied) => say({ copied }) }) });
