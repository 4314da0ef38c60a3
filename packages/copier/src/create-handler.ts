import { AppError, type Cloud, type Region } from '@smart-vault/core';
import {
  type Edges,
  type Environment,
  loadConfig,
  systemClock,
  wakeUpHandler,
} from '@smart-vault/lambda-kit';
import { copierEnv, toCopierConfig } from './config.ts';
import { type CopierPorts, copySnapshots } from './copy-snapshots.ts';
import { createWarmState } from './warm-state.ts';

/**
 * The copier's handler in a fresh execution environment. Trigger: its wake-up queue, one group per destination.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createCopierHandler(
  variables: Environment,
  cloud: Pick<Cloud, 'snapshotStore' | 'workQueue'>,
  edges: Edges = {},
) {
  const env = loadConfig(copierEnv, variables);
  const config = toCopierConfig(env);
  const region = env.sourceRegion;
  const clock = edges.clock ?? systemClock();
  const source = cloud.snapshotStore(region);
  const wakeUps = cloud.workQueue(env.copierWakeupsQueueUrl, region);
  const portsByDestination: ReadonlyMap<Region, CopierPorts> = new Map(
    env.destinations.map((destination, place) => [
      destination,
      {
        source,
        target: cloud.snapshotStore(destination),
        queue: cloud.workQueue(env.copiesQueueUrls[place] ?? '', region),
        deadLetters: cloud.workQueue(env.copiesDlqUrls[place] ?? '', region),
        wakeUps,
        warm: createWarmState(clock),
      },
    ]),
  );
  return wakeUpHandler({
    service: 'copier',
    ...edges,
    run: async (destination, context) => {
      const ports = portsByDestination.get(destination);
      if (!ports)
        throw new AppError('CONTRACT', `a wake-up for ${destination}, which is no destination of this vault`);
      return copySnapshots(ports, config, destination, context);
    },
  });
}
