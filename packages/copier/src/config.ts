import type { Region } from '@smart-vault/core';
import {
  commonEnv,
  envInteger,
  envUrl,
  envUrlList,
  onePerDestination,
  splitList,
} from '@smart-vault/lambda-kit';
import * as v from 'valibot';

/** An IAM-style key ARN, a key id or an alias. */
const KMS_KEY =
  /^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[\w/-]{1,256}|alias\/[\w/-]{1,250}|[0-9a-f-]{36}|mrk-[0-9a-f]{32})?$/;

/** The environment of the copier function. Its lists go with `DEST_REGION` by place. */
export const copierEnv = v.pipe(
  v.object({
    ...commonEnv,
    copiesQueueUrls: envUrlList(),
    copiesDlqUrls: v.pipe(envUrlList(), v.title('COPIES_DLQ_URLS')),
    copierWakeupsQueueUrl: envUrl(),
    /** EC2's quota of copies in progress per destination region is 20. */
    copiesInFlightMax: v.optional(envInteger({ min: 1, max: 1_000 }), '20'),
    /** The redrive policy of the copies queues. */
    maxReceiveCount: v.optional(envInteger({ min: 3, max: 1_000 }), '5'),
    destKmsKeyIds: v.optional(
      v.pipe(
        v.string(),
        v.transform(splitList),
        v.array(v.pipe(v.string(), v.regex(KMS_KEY))),
        v.description(
          "KMS key ids, aliases or ARNs, one per region in DEST_REGION, separated by commas; an empty entry is the region's default key",
        ),
      ),
    ),
  }),
  onePerDestination('copiesQueueUrls'),
  onePerDestination('copiesDlqUrls'),
  onePerDestination('destKmsKeyIds'),
);

/** What the use case needs to know. */
export interface CopierConfig {
  readonly vault: string;
  readonly copiesInFlightMax: number;
  readonly maxReceiveCount: number;
  /** Key for copies of encrypted snapshots, by destination; a region without one uses its default key. */
  readonly kmsKeyIds?: ReadonlyMap<Region, string>;
}

/** What the use case needs to know, from the environment. */
export function toCopierConfig(env: Readonly<v.InferOutput<typeof copierEnv>>): CopierConfig {
  const { vault, copiesInFlightMax, maxReceiveCount, destinations, destKmsKeyIds = [] } = env;
  const kmsKeyIds = new Map(destinations.map((name, place) => [name, destKmsKeyIds[place] ?? '']));
  return { vault, copiesInFlightMax, maxReceiveCount, kmsKeyIds };
}
