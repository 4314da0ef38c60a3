import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { VaultConfig } from './config.ts';
import { SmartVault } from './constructs/smart-vault.ts';
import { SmartVaultDestination } from './constructs/smart-vault-destination.ts';
import { destinationStackName, type FunctionName, sourceStackName } from './names.ts';

export interface VaultStacksProps {
  readonly config: VaultConfig;
  readonly code: (name: FunctionName) => Code;
  /** Left out, the templates fit any account. */
  readonly account?: string;
}

export interface VaultStacks {
  readonly source: Stack;
  readonly destinations: readonly Stack[];
}

/**
 * The stacks of a vault: one in the source region, one in each destination. They share nothing but names that
 * both compute. The source comes first, so that whatever a destination forwards has a receiver.
 */
export function addVaultStacks(app: App, { config, code, account }: VaultStacksProps): VaultStacks {
  const stackIn = (region: string, name: string, description: string): Stack => {
    const env = { region, ...(account === undefined ? {} : { account }) };
    const tags = { 'smart-vault:deployment': config.vault };
    return new Stack(app, name, { stackName: name, env, description, tags } satisfies StackProps);
  };
  const { vault, sourceRegion, destinationRegions } = config;
  const source = stackIn(
    sourceRegion,
    sourceStackName(vault),
    `Smart Vault ${vault}: snapshots and their copies`,
  );
  new SmartVault(source, 'Vault', { config, code });

  const destinations = destinationRegions.map((region) => {
    const name = destinationStackName(vault, region);
    const stack = stackIn(
      region,
      name,
      `Smart Vault ${vault}: forwards the end of copies to ${sourceRegion}`,
    );
    new SmartVaultDestination(stack, 'Vault', { config, region });
    stack.addStackDependency(source, 'a destination forwards to what is in the source region');
    return stack;
  });
  return { source, destinations };
}
