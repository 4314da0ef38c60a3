import { AppError, type Cloud } from '@smart-vault/core';
import {
  type Edges,
  type Environment,
  loadConfig,
  systemClock,
  wakeUpHandler,
} from '@smart-vault/lambda-kit';
import { snapshotterEnv } from './config.ts';
import { createSnapshots, type SnapshotterPorts } from './create-snapshots.ts';
import { createWarmState } from './warm-state.ts';

/**
 * The snapshotter's handler in a fresh execution environment. Trigger: its wake-up queue, which has one group, the
 * source region, and so there is one pump.
 *
 * @throws AppError `CONFIG` when the environment is wrong.
 */
export function createSnapshotterHandler(
  env: Environment,
  cloud: Pick<Cloud, 'snapshotStore' | 'instanceCatalog' | 'workQueue'>,
  edges: Edges = {},
) {
  const config = loadConfig(snapshotterEnv, env);
  const region = config.sourceRegion;
  const ports: SnapshotterPorts = {
    snapshots: cloud.snapshotStore(region),
    instances: cloud.instanceCatalog(region),
    queue: cloud.workQueue(config.volumesQueueUrl, region),
    deadLetters: cloud.workQueue(config.volumesDlqUrl, region),
    wakeUps: cloud.workQueue(config.snapshotterWakeupsQueueUrl, region),
    warm: createWarmState(edges.clock ?? systemClock()),
  };
  return wakeUpHandler({
    service: 'snapshotter',
    ...edges,
    run: async (woken, context) => {
      if (woken !== region)
        throw new AppError('CONTRACT', `a wake-up for ${woken}; the source region is ${region}`);
      return createSnapshots(ports, config, context);
    },
  });
}
