import {
  createEc2Clients,
  createInstanceCatalog,
  createSnapshotStore,
  type Ec2Clients,
} from '@smart-vault/aws';
import type { InstanceCatalog, Region, SnapshotStore } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import type { Vault } from './find-vault.ts';

type Connected = Pick<CommandContext, 'connection'>;

/** The snapshots of one region. */
export const snapshotsOf = ({ connection }: Connected, region: Region): SnapshotStore =>
  createSnapshotStore(connection(region));

/** Instances, volumes and snapshots of one region over the same connections. */
export function ec2Of(
  { connection }: Connected,
  region: Region,
): { readonly catalog: InstanceCatalog; readonly snapshots: SnapshotStore } {
  const options = connection(region);
  const clients: Ec2Clients = createEc2Clients(options);
  return {
    catalog: createInstanceCatalog({ ...options, clients }),
    snapshots: createSnapshotStore({ ...options, clients }),
  };
}

/** Every region of the vault, its source first. */
export const regionsOf = (
  vault: Pick<Vault, 'region' | 'sourceRegion' | 'destinations'>,
): readonly Region[] => [...new Set([vault.sourceRegion ?? vault.region, ...vault.destinations])];
