import {
  AppError,
  type Log,
  type Policy,
  type PruneInputs,
  type PruneLimits,
  policyProblems,
  type RegionInventory,
  type VaultSettings,
} from '@smart-vault/core';
import { gatherInventory } from '@smart-vault/pruner';
import type { CommandContext } from '../command-line/context.ts';
import type { Vault } from '../vault/find-vault.ts';
import { regionsOf, snapshotsOf } from '../vault/regions.ts';

/** What decides beside the snapshots themselves. */
export type PruneRules = Pick<PruneInputs, 'vault' | 'source' | 'policy' | 'limits'>;

type Needed =
  | 'policy'
  | 'consistency'
  | 'retentionDays'
  | 'keepMin'
  | 'graceHours'
  | 'destinations'
  | 'deletesPerRunMax'
  | 'deleteShareMax';
const NEEDED: readonly Needed[] = [
  'policy',
  'consistency',
  'retentionDays',
  'keepMin',
  'graceHours',
  'destinations',
  'deletesPerRunMax',
  'deleteShareMax',
];

/**
 * The policy and the limits that the vault's pruner was deployed with.
 * @throws AppError `CONFIG` when the stack does not tell them: nothing is assumed where deletion is concerned
 */
export function pruneRules(vault: Vault): PruneRules {
  const settings = neededSettings(vault.settings);
  const policy: Policy = {
    name: settings.policy,
    tagKey: 'backup',
    tagValue: 'true',
    consistency: settings.consistency,
    retentionDays: settings.retentionDays,
    keepMin: settings.keepMin,
    graceHours: settings.graceHours,
    destinations: settings.destinations,
  };
  const limits: PruneLimits = {
    deletesPerRunMax: settings.deletesPerRunMax,
    deleteShareMax: settings.deleteShareMax,
  };
  const problems = policyProblems(policy);
  if (problems.length > 0)
    throw new AppError('CONFIG', `the vault's policy is wrong: ${problems.join('; ')}`);
  return { vault: vault.name, source: vault.region, policy, limits };
}

function neededSettings(settings: Partial<VaultSettings>): Pick<VaultSettings, Needed> {
  const missing = NEEDED.filter((name) => settings[name] === undefined);
  if (missing.length === 0) return settings as Pick<VaultSettings, Needed>;
  throw new AppError(
    'CONFIG',
    `the stack does not tell ${missing.join(', ')} of the vault (tags of its queue <vault>-volumes.fifo); ` +
      'deploy it again with this version to have them told',
  );
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Every region of the vault at the same time, the source first. What cannot be read in full says so. */
export const gatherInventories = (context: CommandContext, vault: Vault): Promise<RegionInventory[]> =>
  Promise.all(
    regionsOf(vault).map((region) => gatherInventory(snapshotsOf(context, region), vault.name, SILENT)),
  );
