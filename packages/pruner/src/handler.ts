import { createSnapshotStore } from '@smart-vault/aws';
import { parseScheduledJob, type Region } from '@smart-vault/core';
import { emitMetric, loadConfig, Pacer, scheduledJob, systemClock } from '@smart-vault/lambda-kit';
import { prunerEnv, toPruneConfig } from './config.ts';
import { pruneSnapshots } from './prune-snapshots.ts';

/** DeleteSnapshot refills 5 a second; its burst of 100 we leave to others. */
const DELETES_PER_SECOND = 5;

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
const env = loadConfig(prunerEnv, process.env);
const config = toPruneConfig(env);
const clock = systemClock();
const pacers = new Map([env.sourceRegion, ...env.destinations].map((region) => [region, newPacer()]));

function newPacer(): Pacer {
  return new Pacer({ capacity: DELETES_PER_SECOND, refillPerSecond: DELETES_PER_SECOND, clock });
}

const ports = {
  source: createSnapshotStore({ region: env.sourceRegion }),
  destinations: env.destinations.map((region) => createSnapshotStore({ region })),
  pacerOf: (region: Region) => pacers.get(region) ?? newPacer(),
  count: emitMetric,
};

/** Daily: condemns and deletes what the policy no longer keeps. */
export const handler = scheduledJob({
  service: 'pruner',
  clock,
  parse: parseScheduledJob,
  run: (job, context) => pruneSnapshots({ ...ports, ...context }, config, job),
});
