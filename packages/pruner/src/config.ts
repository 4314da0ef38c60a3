import { AppError, type Policy, policyProblems } from '@smart-vault/core';
import { commonEnv, envChoice, envInteger, envNumber } from '@smart-vault/lambda-kit';
import * as v from 'valibot';
import type { PruneConfig } from './prune-snapshots.ts';

/** Good points per volume and region that stay when `KEEP_MIN` is not set. */
const KEEP_MIN_DEFAULT = 3;

/** The environment of the pruner function. */
export const prunerEnv = v.object({
  ...commonEnv,
  graceHours: v.optional(envInteger({ min: 0, max: 720 }), '24'),
  keepMin: v.optional(envInteger({ min: 1, max: 1000 })),
  deletesPerRunMax: v.optional(envInteger({ min: 1, max: 100_000 }), '200'),
  deleteShareMax: v.optional(envNumber({ min: 0, max: 1 }), '0.2'),
  prunerMode: v.optional(envChoice(['live', 'dry-run']), 'live'),
});
export type PrunerConfig = Readonly<v.InferOutput<typeof prunerEnv>>;

/**
 * What the use case needs to know, from the environment.
 * @throws AppError `CONFIG` for a policy that cannot be trusted with deletion.
 */
export function toPruneConfig(env: PrunerConfig): PruneConfig {
  const policy: Policy = {
    name: env.policy,
    tagKey: 'backup',
    tagValue: 'true',
    consistency: 'instance',
    retentionDays: env.retentionDays,
    keepMin: env.keepMin ?? Math.min(KEEP_MIN_DEFAULT, env.retentionDays),
    graceHours: env.graceHours,
    destinations: env.destinations,
  };
  const problems = policyProblems(policy);
  if (problems.length > 0) throw new AppError('CONFIG', `the policy is wrong: ${problems.join('; ')}`);
  return {
    vault: env.vault,
    policy,
    limits: { deletesPerRunMax: env.deletesPerRunMax, deleteShareMax: env.deleteShareMax },
    mode: env.prunerMode,
  };
}
