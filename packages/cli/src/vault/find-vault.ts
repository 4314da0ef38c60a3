import { createQueueAdmin, type QueueAdmin, type QueueFacts } from '@smart-vault/aws/queue-admin';
import { AppError, decodeSettings, type Region, type VaultSettings } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { type QueuePart, queuePartOf, vaultOfQueue } from './queue-names.ts';

/** A queue of the vault, the region it is in, and its part in it. */
export interface VaultQueue extends QueueFacts, QueuePart {
  readonly region: Region;
}

/** A vault, as far as the queues of one of its regions tell. */
export interface Vault {
  readonly name: string;
  /** The region that was asked. */
  readonly region: Region;
  /** `undefined` when only a destination was asked, whose stack does not tell. */
  readonly sourceRegion: Region | undefined;
  /** Whether `region` is the source region. In a destination there are no queues with work. */
  readonly isSource: boolean;
  readonly destinations: readonly Region[];
  /** The name of the only policy that a stack has so far. */
  readonly policy: string;
  /** What the stack was deployed with, from the tags of a queue; empty for a stack that has no such tags yet. */
  readonly settings: Partial<VaultSettings>;
  /** Those of `region`, sorted by name. */
  readonly queues: readonly VaultQueue[];
}

type Place = Pick<CommandContext, 'vault' | 'connection'>;

/**
 * Finds the vault by the names of its queues in a region, which may be its source or one of its destinations.
 * @throws AppError `CONFIG` when there is none, naming those that there are; otherwise what SQS refused.
 */
export async function findVault(context: Place, region: Region): Promise<Vault> {
  const admin = createQueueAdmin(context.connection(region));
  const queues = await vaultQueues(admin, context.vault, region);
  const volumes = queues.find(({ role }) => role === 'volumes');
  const forwarding = queues.find((each) => each.role === 'forwarding-dlq' && each.destination === region);
  const anchor = volumes ?? forwarding ?? queues[0];
  if (anchor === undefined) throw await noVault(admin, context.vault, region);
  const settings = decodeSettings(await admin.listTags(anchor.url));
  const isSource = volumes !== undefined || forwarding === undefined;
  return {
    name: context.vault,
    region,
    sourceRegion: isSource ? region : settings.sourceRegion,
    isSource,
    destinations: isSource ? copyDestinations(queues) : (settings.destinations ?? [region]),
    policy: settings.policy ?? 'default',
    settings,
    queues,
  };
}

/** The vault's queues in a region, sorted by name; none where it is not deployed. */
export async function vaultQueues(
  admin: QueueAdmin,
  vault: string,
  region: Region,
): Promise<readonly VaultQueue[]> {
  const urls = await admin.listQueueUrls(`${vault}-`);
  const ours = urls.flatMap((url) => {
    const part = queuePartOf(vault, url.slice(url.lastIndexOf('/') + 1));
    return part === undefined ? [] : [{ url, part }];
  });
  const queues = await Promise.all(
    ours.map(async ({ url, part }) => ({ ...(await admin.describeQueue(url)), ...part, region })),
  );
  return queues.filter(({ arn }) => arn.split(':')[3] === region).sort((a, b) => (a.name < b.name ? -1 : 1));
}

const copyDestinations = (queues: readonly VaultQueue[]): readonly Region[] =>
  queues.flatMap(({ role, destination }) =>
    role === 'copies' && destination !== undefined ? [destination] : [],
  );

async function noVault(admin: QueueAdmin, vault: string, region: Region): Promise<AppError> {
  const names = (await admin.listQueueUrls('')).map((url) => url.slice(url.lastIndexOf('/') + 1));
  const others = names.flatMap((name) => vaultOfQueue(name) ?? []).sort();
  const found = others.length > 0 ? `; vaults there: ${others.join(', ')}` : '';
  return new AppError(
    'CONFIG',
    `no queue of a vault named "${vault}" in ${region}${found}; ` +
      'give its name with --vault and its source region with --region',
  );
}

/**
 * The vault in its source region.
 * @throws AppError `CONFIG` when the region that was given turns out to be a destination.
 */
export async function findSourceVault(context: Place & Pick<CommandContext, 'region'>): Promise<Vault> {
  const vault = await findVault(context, context.region);
  if (vault.isSource) return vault;
  const source = vault.sourceRegion === undefined ? 'its source region' : `--region ${vault.sourceRegion}`;
  throw new AppError(
    'CONFIG',
    `${context.region} is a destination of vault "${vault.name}"; this needs its source: give ${source}`,
  );
}
