import { commonEnv, envInteger, envUrl } from '@smart-vault/lambda-kit';
import * as v from 'valibot';

/** The environment of the snapshotter function. */
export const snapshotterEnv = v.object({
  ...commonEnv,
  volumesQueueUrl: envUrl(),
  volumesDlqUrl: envUrl(),
  snapshotterWakeupsQueueUrl: envUrl(),
  /** EC2's quota of pending snapshots per region (L-94D7AB7D) is 100. */
  pendingSnapshotsMax: v.optional(envInteger({ min: 1, max: 10_000 }), '100'),
  /** The redrive policy of the volumes queue. */
  maxReceiveCount: v.optional(envInteger({ min: 3, max: 1_000 }), '5'),
});

/** What the use case needs of it. */
export type SnapshotterConfig = Pick<
  v.InferOutput<typeof snapshotterEnv>,
  'vault' | 'pendingSnapshotsMax' | 'maxReceiveCount'
>;
