import {
  createEc2Clients,
  createInstanceCatalog,
  createSnapshotStore,
  createSqsClient,
  createWorkQueue,
  perRegion,
} from '@smart-vault/aws';
import { createReconcilerHandler } from './create-handler.ts';

const ec2 = perRegion((region) => createEc2Clients({ region }));
const sqs = perRegion((region) => createSqsClient({ region }));

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
export const handler = createReconcilerHandler(process.env, {
  instanceCatalog: (region) => createInstanceCatalog({ region, clients: ec2(region) }),
  snapshotStore: (region) => createSnapshotStore({ region, clients: ec2(region) }),
  workQueue: (url, region) => createWorkQueue({ url, region, client: sqs(region) }),
});
