import {
  createEc2Clients,
  createInstanceCatalog,
  createSnapshotStore,
  createSqsClient,
  createWorkQueue,
} from '@smart-vault/aws';
import { AppError } from '@smart-vault/core';
import { loadConfig, systemClock, wakeUpHandler } from '@smart-vault/lambda-kit';
import { snapshotterEnv } from './config.ts';
import { createSnapshots, type SnapshotterPorts } from './create-snapshots.ts';
import { createWarmState } from './warm-state.ts';

// biome-ignore lint/style/noProcessEnv: the edge: the one place where this function's environment enters
const config = loadConfig(snapshotterEnv, process.env);
const region = config.sourceRegion;
const clients = createEc2Clients({ region });
const client = createSqsClient({ region });

const ports: SnapshotterPorts = {
  snapshots: createSnapshotStore({ region, clients }),
  instances: createInstanceCatalog({ region, clients }),
  queue: createWorkQueue({ url: config.volumesQueueUrl, region, client }),
  deadLetters: createWorkQueue({ url: config.volumesDlqUrl, region, client }),
  wakeUps: createWorkQueue({ url: config.snapshotterWakeupsQueueUrl, region, client }),
  warm: createWarmState(systemClock()),
};

/** Trigger: the snapshotter's wake-up queue. It has one group, the source region, and so there is one pump. */
export const handler = wakeUpHandler({
  service: 'snapshotter',
  run: async (woken, context) => {
    if (woken !== region)
      throw new AppError('CONTRACT', `a wake-up for ${woken}; the source region is ${region}`);
    return createSnapshots(ports, config, context);
  },
});
