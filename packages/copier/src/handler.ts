import { createSnapshotStore, createSqsClient, createWorkQueue, perRegion } from '@smart-vault/aws';
import { createCopierHandler } from './create-handler.ts';

const sqs = perRegion((region) => createSqsClient({ region }));

// biome-ignore lint/style/noProcessEnv: the edge: the one place where this function's environment enters
export const handler = createCopierHandler(process.env, {
  snapshotStore: (region) => createSnapshotStore({ region }),
  workQueue: (url, region) => createWorkQueue({ url, region, client: sqs(region) }),
});
