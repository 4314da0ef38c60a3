import { createInstanceCatalog, createSqsClient, createWorkQueue, perRegion } from '@smart-vault/aws';
import { createSchedulerHandler } from './create-handler.ts';

const sqs = perRegion((region) => createSqsClient({ region }));

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
export const handler = createSchedulerHandler(process.env, {
  instanceCatalog: (region) => createInstanceCatalog({ region }),
  workQueue: (url, region) => createWorkQueue({ url, region, client: sqs(region) }),
});
