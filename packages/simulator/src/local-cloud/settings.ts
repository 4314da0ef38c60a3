import { AppError } from '@smart-vault/core';
import type { FunctionResource, StackModel } from '../template/model.ts';

/** What the templates say about the vault, read from its functions' environments: the promises are held to it. */
export interface VaultSettings {
  readonly vault: string;
  readonly sourceRegion: string;
  readonly destinations: readonly string[];
  readonly retentionDays: number;
  readonly keepMin: number;
  readonly graceHours: number;
  /** Hours after a slot at which its run must be over. */
  readonly runDeadlineHours: number;
  /** Name of the function that a schedule invokes to start a run. */
  readonly schedulerFunction: string;
}

/** @throws AppError `CONFIG` when the templates do not hold a vault's functions */
export function settingsOf(stacks: readonly StackModel[]): VaultSettings {
  const functions = stacks.flatMap((stack) => stack.functions);
  const ending = (name: string): FunctionResource => {
    const found = functions.find((one) => one.name.endsWith(`-${name}`));
    if (found === undefined)
      throw new AppError('CONFIG', `the templates have no function whose name ends in -${name}`);
    return found;
  };
  const scheduler = ending('scheduler');
  const pruner = ending('pruner').environment;
  const common = scheduler.environment;
  return {
    vault: common['VAULT_NAME'] ?? '',
    sourceRegion: common['SOURCE_REGION'] ?? '',
    destinations: (common['DEST_REGION'] ?? '').split(',').filter((region) => region !== ''),
    retentionDays: Number(common['RETENTION_DAYS'] ?? '7'),
    keepMin: Number(pruner['KEEP_MIN'] ?? '1'),
    graceHours: Number(pruner['GRACE_HOURS'] ?? '24'),
    runDeadlineHours: Number(ending('reporter').environment['RUN_DEADLINE_HOURS'] ?? '6'),
    schedulerFunction: scheduler.name,
  };
}
