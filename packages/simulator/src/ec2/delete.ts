import { dryRunSucceeded, Ec2Error, invalidValue } from './errors.ts';
import { checkId, notFound, SNAPSHOT_ID } from './ids.ts';
import { erase } from './lifecycle.ts';
import type { RegionState } from './region.ts';
import type { SnapshotRecord } from './types.ts';

/** Input of DeleteSnapshot. */
export interface DeleteSnapshotInput {
  readonly snapshotId?: string;
  readonly dryRun?: boolean;
}

/**
 * DeleteSnapshot. A pending one is accepted, goes on, counts against the quotas, and is gone when it ends.
 * A dry run does not look at what holds the snapshot.
 * @throws Ec2Error
 */
export function deleteSnapshot(region: RegionState, input: DeleteSnapshotInput): void {
  region.call('DeleteSnapshot', input.snapshotId ?? '', () => {
    const id = checkId(input.snapshotId, SNAPSHOT_ID);
    const snapshot = region.snapshots.get(id);
    if (snapshot === undefined || snapshot.ownerId !== region.account.accountId)
      throw notFound([id], SNAPSHOT_ID);
    if (input.dryRun) throw dryRunSucceeded();
    checkDeletable(region, snapshot);
    if (snapshot.state === 'pending') region.doomed.add(id);
    else erase(region, snapshot);
  });
}

function checkDeletable(region: RegionState, { id, tags }: SnapshotRecord): void {
  const image = region.imagesOf.get(id)?.values().next().value;
  if (image !== undefined) {
    throw new Ec2Error('InvalidSnapshot.InUse', `The snapshot ${id} is currently in use by ${image}`);
  }
  const lock = region.locks.get(id);
  if (lock !== undefined && lock.expiresAt > region.now()) {
    // AWS does not document the code; this one says what happened and is not one that callers treat specially.
    throw new Ec2Error('OperationNotPermitted', `The snapshot '${id}' is locked and cannot be deleted.`);
  }
  for (const key of tags.keys()) {
    if (key.startsWith('aws:backup:')) {
      throw invalidValue(
        'This snapshot is managed by the AWS Backup service and cannot be deleted via EC2 APIs. ' +
          'If you wish to delete this snapshot, please do so via the Backup console.',
      );
    }
  }
}
