import {
  AppError,
  type ErrorCode,
  type Region,
  type Snapshot,
  type SnapshotStore,
  TAG,
  type VaultSnapshotFilter,
} from '@smart-vault/core';

const unexpected = (): Promise<never> => Promise.reject(new Error('no call that this function may make'));

/** EC2's snapshots of one region, for functions that only list them: every other call fails the test. */
export class FakeStore implements SnapshotStore {
  readonly region: Region;
  snapshots: Snapshot[] = [];
  error: AppError | undefined;

  constructor(region: Region) {
    this.region = region;
  }
  fails(code: ErrorCode): void {
    this.error = new AppError(code, `EC2 says ${code}`);
  }
  async listVaultSnapshots(vault: string, filter: VaultSnapshotFilter = {}): Promise<readonly Snapshot[]> {
    if (this.error) throw this.error;
    return this.snapshots.filter(
      ({ tags }) =>
        tags[TAG.vault] === vault &&
        (filter.slot === undefined || tags[TAG.slot] === filter.slot) &&
        (filter.policy === undefined || tags[TAG.policy] === filter.policy),
    );
  }
  findSnapshots = unexpected;
  listPendingSnapshots = unexpected;
  findSnapshotsInImages = unexpected;
  listLockedSnapshotIds = unexpected;
  createSnapshot = unexpected;
  createSnapshotSet = unexpected;
  copySnapshot = unexpected;
  deleteSnapshot = unexpected;
  addTags = unexpected;
  removeTags = unexpected;
}
