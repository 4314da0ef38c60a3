import type { RestoreStore } from '@smart-vault/core/restore';
import { createEc2Clients } from './ec2-clients.ts';
import type { Ec2Options } from './ec2-options.ts';
import { restoreReads } from './restore-reads.ts';
import { carryOut, tryOut } from './restore-writes.ts';

/** EC2 of the region that something is restored in. It never speaks with another region. */
export function createRestoreStore(options: Ec2Options): RestoreStore {
  const { region } = options;
  const clients = options.clients ?? createEc2Clients(options);
  return {
    region,
    ...restoreReads(clients.reads, region),
    carryOut: (call) => carryOut(clients, call),
    tryOut: (call) => tryOut(clients, call),
  };
}
