import type { SnapshotStore } from '@smart-vault/core';
import { createEc2Clients } from './ec2-clients.ts';
import type { Ec2Options } from './ec2-options.ts';
import { snapshotReads } from './snapshot-reads.ts';
import { snapshotWrites } from './snapshot-writes.ts';

/** The snapshots of one region. For copies, `region` is the region that they go to. */
export function createSnapshotStore(options: Ec2Options): SnapshotStore {
  const { region } = options;
  const { reads, writes } = options.clients ?? createEc2Clients(options);
  return { region, ...snapshotReads(reads, region), ...snapshotWrites(writes, region) };
}
