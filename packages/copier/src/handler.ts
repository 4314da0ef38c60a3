import { createSnapshotStore, createSqsClient, createWorkQueue } from '@smart-vault/aws';
import { AppError, type Region } from '@smart-vault/core';
import { loadConfig, systemClock, wakeUpHandler } from '@smart-vault/lambda-kit';
import { copierEnv, toCopierConfig } from './config.ts';
import { type CopierPorts, copySnapshots } from './copy-snapshots.ts';
import { createWarmState } from './warm-state.ts';

// biome-ignore lint/style/noProcessEnv: the edge: the one place where this function's environment enters
const env = loadConfig(copierEnv, process.env);
const config = toCopierConfig(env);
const region = env.sourceRegion;
const clock = systemClock();
const client = createSqsClient({ region });

const source = createSnapshotStore({ region });
const wakeUps = createWorkQueue({ url: env.copierWakeupsQueueUrl, region, client });
const portsByDestination: ReadonlyMap<Region, CopierPorts> = new Map(
  env.destinations.map((destination, place) => [
    destination,
    {
      source,
      target: createSnapshotStore({ region: destination }),
      queue: createWorkQueue({ url: env.copiesQueueUrls[place] ?? '', region, client }),
      deadLetters: createWorkQueue({ url: env.copiesDlqUrls[place] ?? '', region, client }),
      wakeUps,
      warm: createWarmState(clock),
    },
  ]),
);

/** Trigger: the copier's wake-up queue, one group per destination. */
export const handler = wakeUpHandler({
  service: 'copier',
  run: async (destination, context) => {
    const ports = portsByDestination.get(destination);
    if (!ports)
      throw new AppError('CONTRACT', `a wake-up for ${destination}, which is no destination of this vault`);
    return copySnapshots(ports, config, destination, context);
  },
});
