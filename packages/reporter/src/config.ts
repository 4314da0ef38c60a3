import type { Policy } from '@smart-vault/core';
import { commonEnv, envChoice, envInteger, envUrl, envUrlList } from '@smart-vault/lambda-kit';
import * as v from 'valibot';
import type { ReportConfig } from './report-run.ts';

/** The environment of the reporter function. */
export const reporterEnv = v.object({
  ...commonEnv,
  reportsQueueUrl: envUrl(),
  volumesDlqUrl: envUrl(),
  copiesDlqUrls: envUrlList(),
  rpoHours: v.optional(envInteger({ min: 1, max: 8760 }), '26'),
  runDeadlineHours: v.optional(envInteger({ min: 1, max: 72 }), '6'),
  consistency: v.optional(envChoice(['instance', 'volume']), 'instance'),
});
export type ReporterConfig = Readonly<v.InferOutput<typeof reporterEnv>>;

/** What the use case needs to know, from the environment. */
export function toReportConfig(env: ReporterConfig): ReportConfig {
  const policy: Policy = {
    name: env.policy,
    tagKey: 'backup',
    tagValue: 'true',
    consistency: env.consistency,
    retentionDays: env.retentionDays,
    keepMin: 1,
    graceHours: 0,
    destinations: env.destinations,
  };
  return {
    vault: env.vault,
    policy,
    rpoHours: env.rpoHours,
    runDeadlineHours: env.runDeadlineHours,
  };
}
