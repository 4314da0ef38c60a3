import { createWorkQueue } from '@smart-vault/aws';
import type { WorkQueue } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import type { VaultQueue } from './find-vault.ts';

/** Works on one of the vault's queues. */
export const openQueue =
  ({ connection }: Pick<CommandContext, 'connection'>) =>
  ({ url, region }: Pick<VaultQueue, 'url' | 'region'>): WorkQueue =>
    createWorkQueue({ ...connection(region), url });
