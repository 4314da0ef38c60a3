import { createSnapshotStore } from '@smart-vault/aws';
import { createPrunerHandler } from './create-handler.ts';

// biome-ignore lint/style/noProcessEnv: a handler is where the environment enters
export const handler = createPrunerHandler(process.env, {
  snapshotStore: (region) => createSnapshotStore({ region }),
});
