import { parseSchedule } from '@smart-vault/core';
import {
  commonEnv,
  envChoice,
  envText,
  envUrl,
  envUrlList,
  onePerDestination,
} from '@smart-vault/lambda-kit';
import * as v from 'valibot';
import type { ReconcileConfig } from './reconcile-vault.ts';

/** The environment of the reconciler function. */
export const reconcilerEnv = v.pipe(
  v.object({
    ...commonEnv,
    volumesQueueUrl: envUrl(),
    volumesDlqUrl: envUrl(),
    copiesQueueUrls: envUrlList(),
    copiesDlqUrls: envUrlList(),
    snapshotterWakeupsQueueUrl: envUrl(),
    copierWakeupsQueueUrl: envUrl(),
    consistency: v.optional(envChoice(['instance', 'volume']), 'instance'),
    scheduleExpression: envText(
      /^(cron|rate)\(.{1,200}\)$/,
      'cron(m h dom mon dow yr) or rate(n minutes|hours|days)',
    ),
    scheduleTimezone: v.optional(
      envText(/^[A-Za-z0-9_+/-]{1,50}$/, 'an IANA time zone, such as Europe/Berlin'),
      'UTC',
    ),
  }),
  onePerDestination('copiesQueueUrls'),
  onePerDestination('copiesDlqUrls'),
);
export type ReconcilerConfig = Readonly<v.InferOutput<typeof reconcilerEnv>>;

/**
 * What the use case needs to know, from the environment.
 * @throws AppError `CONFIG` when the schedule cannot be understood.
 */
export function toReconcileConfig(env: ReconcilerConfig): ReconcileConfig {
  return {
    vault: env.vault,
    policy: {
      name: env.policy,
      tagKey: 'backup',
      tagValue: 'true',
      consistency: env.consistency,
      retentionDays: env.retentionDays,
      keepMin: 1,
      graceHours: 0,
      destinations: env.destinations,
    },
    sourceRegion: env.sourceRegion,
    schedule: parseSchedule(env.scheduleExpression, env.scheduleTimezone),
  };
}
