import type { Region, SnapshotId } from '@smart-vault/core';
import { expect, test } from 'vitest';
import { createSnapshotTrials, type SnapshotTrials } from '../src/snapshot-trials.ts';
import { ok, scriptedAws } from './support/scripted-aws.ts';

const ID = 'snap-0123456789abcdef0' as SnapshotId;
const refusal = (code: string, status: number) => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>m</Message></Error></Errors></Response>`,
});
const CALLS: readonly [string, (trials: SnapshotTrials) => Promise<void>, Record<string, string>][] = [
  ['DeleteSnapshot', (trials) => trials.deleteSnapshot(ID), { SnapshotId: ID }],
  [
    'CreateTags',
    (trials) => trials.addTags(ID, { key: 'value' }),
    { 'Tag.1.Key': 'key', 'ResourceId.1': ID },
  ],
  ['DeleteTags', (trials) => trials.removeTags(ID, ['key']), { 'Tag.1.Key': 'key', 'ResourceId.1': ID }],
  [
    'CopySnapshot',
    (trials) =>
      trials.copySnapshot({
        sourceRegion: 'us-west-2' as Region,
        sourceSnapshotId: ID,
        encrypted: true,
        kmsKeyId: 'alias/k',
      }),
    { SourceSnapshotId: ID, Encrypted: 'true', KmsKeyId: 'alias/k' },
  ],
];

test.each(CALLS)('%s is asked as a dry run, and EC2 would do it', async (Action, call, fields) => {
  const aws = scriptedAws(refusal('DryRunOperation', 412));

  await call(createSnapshotTrials(aws.connection()));

  expect(aws.requests).toHaveLength(1);
  expect(aws.requests[0]?.form).toMatchObject({ Action, DryRun: 'true', ...fields });
});

test.each(CALLS)('%s: a refusal is thrown as the call would throw it', async (_name, call) => {
  const aws = scriptedAws(refusal('UnauthorizedOperation', 403));

  await expect(call(createSnapshotTrials(aws.connection()))).rejects.toMatchObject({ code: 'DENIED' });
});

test('a dry run that EC2 answers as if it had done it is no success', async () => {
  const aws = scriptedAws(ok('<DeleteSnapshotResponse><return>true</return></DeleteSnapshotResponse>'));

  await expect(createSnapshotTrials(aws.connection()).deleteSnapshot(ID)).rejects.toMatchObject({
    code: 'CONTRACT',
  });
});
