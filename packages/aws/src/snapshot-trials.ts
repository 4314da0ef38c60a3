import {
  CopySnapshotCommand,
  CreateTagsCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
} from '@aws-sdk/client-ec2';
import {
  AppError,
  type CopySnapshotRequest,
  isAppError,
  type SnapshotId,
  type Tags,
} from '@smart-vault/core';
import { COPY_ENCRYPTED_MEANINGS, callAws, DELETE_SNAPSHOT_MEANINGS } from './ebs-errors.ts';
import { createEc2Clients } from './ec2-clients.ts';
import { toTagList } from './ec2-mapping.ts';
import type { Ec2Options } from './ec2-options.ts';

/**
 * EC2's dry runs: whether a call would be allowed and is well-formed. Nothing is changed. Each method returns when
 * EC2 would do it. @throws AppError with EC2's refusal as the call itself would throw it.
 */
export interface SnapshotTrials {
  deleteSnapshot(id: SnapshotId): Promise<void>;
  /** EC2 tells of a dry run whether it is allowed; the quota of copies is no part of that. */
  copySnapshot(request: Omit<CopySnapshotRequest, 'description' | 'tags'>): Promise<void>;
  addTags(id: SnapshotId, tags: Tags): Promise<void>;
  removeTags(id: SnapshotId, keys: readonly string[]): Promise<void>;
}

/** Dry runs in one region. For copies, `region` is the region that they would go to. */
export function createSnapshotTrials(options: Ec2Options): SnapshotTrials {
  const { writes } = options.clients ?? createEc2Clients(options);
  return {
    deleteSnapshot: (SnapshotId) =>
      attempt('DeleteSnapshot', () =>
        callAws(
          'DeleteSnapshot',
          () => writes.send(new DeleteSnapshotCommand({ SnapshotId, DryRun: true })),
          DELETE_SNAPSHOT_MEANINGS,
        ),
      ),
    copySnapshot: ({ sourceRegion, sourceSnapshotId, encrypted, kmsKeyId }) =>
      attempt('CopySnapshot', () => {
        const command = new CopySnapshotCommand({
          SourceRegion: sourceRegion,
          SourceSnapshotId: sourceSnapshotId,
          ...(encrypted || kmsKeyId !== undefined ? { Encrypted: true } : {}),
          ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
          DryRun: true,
        });
        const meanings = command.input.Encrypted === true ? COPY_ENCRYPTED_MEANINGS : {};
        return callAws('CopySnapshot', () => writes.send(command), meanings);
      }),
    addTags: (id, tags) =>
      attempt('CreateTags', () =>
        callAws('CreateTags', () =>
          writes.send(new CreateTagsCommand({ Resources: [id], Tags: toTagList(tags), DryRun: true })),
        ),
      ),
    removeTags: (id, keys) =>
      attempt('DeleteTags', () =>
        callAws('DeleteTags', () =>
          writes.send(
            new DeleteTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key })), DryRun: true }),
          ),
        ),
      ),
  };
}

/** EC2's answer to a dry run is an error in either case. */
async function attempt(operation: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (isAppError(error) && error.details['awsCode'] === 'DryRunOperation') return;
    throw error;
  }
  throw new AppError('CONTRACT', `${operation}: EC2 answered a dry run as if it had done it`);
}
