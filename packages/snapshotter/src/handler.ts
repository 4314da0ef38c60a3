import {
  createEc2Clients,
  createInstanceCatalog,
  createSnapshotStore,
  createSqsClient,
  createWorkQueue,
  perRegion,
} from '@smart-vault/aws';
import { createSnapshotterHandler } from './create-handler.ts';

const ec2 = perRegion((region) => createEc2Clients({ region }));
const sqs = perRegion((region) => createSqsClient({ region }));

// biome-ignore lint/style/noProcessEnv: the edge: the one place where this function's environment enters
export const handler = createSnapshotterHandler(process.env, {
  snapshotStore: (region) => createSnapshotStore({ region, clients: ec2(region) }),
  instanceCatalog: (region) => createInstanceCatalog({ region, clients: ec2(region) }),
  workQueue: (url, region) => createWorkQueue({ url, region, client: sqs(region) }),
});
