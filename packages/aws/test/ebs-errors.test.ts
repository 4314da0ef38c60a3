import type { Region, SnapshotId, VolumeId } from '@smart-vault/core';
import { AppError, type ErrorCode } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { toAppError } from '../src/ebs-errors.ts';
import { createSnapshotStore } from '../src/snapshot-store.ts';
import { ec2Error, scriptedAws } from './support/scripted-aws.ts';

const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;

/** Runs one call that EC2 answers with this error, and gives what came out of it. */
async function refusedCreate(status: number, code: string): Promise<AppError> {
  const aws = scriptedAws(...Array.from({ length: 4 }, () => ec2Error(status, code)));
  const store = createSnapshotStore(aws.connection());
  return rejection(
    store.createSnapshot({ volumeId: 'vol-033bb51d90d7fbc9f' as VolumeId, description: 'd', tags: {} }),
  );
}

async function rejection(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, got ${String(error)}`);
}

describe('what EC2 answers', () => {
  test.each<[number, string, ErrorCode]>([
    [503, 'RequestLimitExceeded', 'THROTTLED'],
    [503, 'EC2ThrottledException', 'THROTTLED'],
    [400, 'Throttling', 'THROTTLED'],
    [400, 'ThrottlingException', 'THROTTLED'],
    [400, 'RequestThrottled', 'THROTTLED'],
    [503, 'SlowDown', 'THROTTLED'],
    [429, 'SomethingNew', 'THROTTLED'],
    [500, 'InternalError', 'TRANSIENT'],
    [500, 'InternalFailure', 'TRANSIENT'],
    [500, 'ServerInternal', 'TRANSIENT'],
    [503, 'ServiceUnavailable', 'TRANSIENT'],
    [503, 'Unavailable', 'TRANSIENT'],
    [502, 'SomethingNew', 'TRANSIENT'],
    [400, 'RequestExpired', 'TRANSIENT'],
    [400, 'ConcurrentTagAccess', 'TRANSIENT'],
    [400, 'SnapshotCreationPerVolumeRateExceeded', 'VOLUME_BUSY'],
    [400, 'ConcurrentSnapshotLimitExceeded', 'VOLUME_BUSY'],
    [400, 'InvalidState', 'VOLUME_BUSY'],
    [400, 'PendingSnapshotLimitExceeded', 'LIMIT_EXCEEDED'],
    [400, 'ResourceLimitExceeded', 'LIMIT_EXCEEDED'],
    [400, 'SnapshotLimitExceeded', 'LIMIT_EXCEEDED'],
    [400, 'InvalidVolume.NotFound', 'NOT_FOUND'],
    [400, 'InvalidInstanceID.NotFound', 'NOT_FOUND'],
    [400, 'InvalidSnapshot.NotFound', 'NOT_FOUND'],
    [400, 'InvalidVolumeID.Malformed', 'INVALID'],
    [400, 'InvalidInstanceID.Malformed', 'INVALID'],
    [400, 'InvalidSnapshotID.Malformed', 'INVALID'],
    [400, 'InvalidSnapshot.InUse', 'IN_USE'],
    [400, 'IncorrectState', 'UNKNOWN'],
    [400, 'IncorrectInstanceState', 'UNKNOWN'],
    [400, 'InvalidParameterValue', 'INVALID'],
    [400, 'InvalidParameterCombination', 'INVALID'],
    [400, 'OperationNotPermitted', 'INVALID'],
    [400, 'UnsupportedOperation', 'INVALID'],
    [400, 'TagLimitExceeded', 'INVALID'],
    [400, 'FilterLimitExceeded', 'INVALID'],
    [400, 'IdempotentParameterMismatch', 'INVALID'],
    [412, 'DryRunOperation', 'INVALID'],
    [400, 'SnapshotCopyUnsupported.InterRegion', 'CONFIG'],
    [400, 'InvalidRegion', 'CONFIG'],
    [403, 'UnauthorizedOperation', 'DENIED'],
    [401, 'AuthFailure', 'DENIED'],
    [401, 'OptInRequired', 'DENIED'],
    [400, 'TagPolicyViolation', 'DENIED'],
    [400, 'CustomerKeyHasBeenRevoked', 'DENIED'],
    [403, 'SomethingNew', 'DENIED'],
    [400, 'SomethingNew', 'UNKNOWN'],
    [400, 'constructor', 'UNKNOWN'],
  ])('HTTP %i %s is %s', async (status, awsCode, code) => {
    const error = await refusedCreate(status, awsCode);

    expect(error.code).toBe(code);
    expect(error.message).toBe(`CreateSnapshot: ${awsCode}: EC2 says why.`);
    expect(error.details).toMatchObject({ operation: 'CreateSnapshot', awsCode, status });
  });

  test('a body that is no error of EC2 is judged by its status', async () => {
    const aws = scriptedAws({ status: 503, body: '<html>Service Unavailable</html>' });
    const store = createSnapshotStore(aws.connection());

    const error = await rejection(store.deleteSnapshot(SNAPSHOT));

    expect(error.code).toBe('TRANSIENT');
    expect(aws.requests).toHaveLength(1);
  });
});

describe('the same code means something else', () => {
  test.each<[string, ErrorCode]>([
    // The snapshot belongs to AWS Backup.
    ['InvalidParameterValue', 'IN_USE'],
    ['OperationNotPermitted', 'IN_USE'],
    ['InvalidSnapshot.InUse', 'IN_USE'],
    // The code for a locked snapshot is not documented.
    ['SomeCodeOfALockedSnapshot', 'IN_USE'],
    ['InvalidSnapshot.NotFound', 'NOT_FOUND'],
    ['InvalidSnapshotID.Malformed', 'INVALID'],
  ])('on a deletion: %s is %s', async (awsCode, code) => {
    const aws = scriptedAws(ec2Error(400, awsCode));
    const store = createSnapshotStore(aws.connection());

    expect((await rejection(store.deleteSnapshot(SNAPSHOT))).code).toBe(code);
  });

  test.each<[boolean, ErrorCode]>([
    [true, 'DENIED'],
    [false, 'INVALID'],
  ])(
    'on a copy, where InvalidParameterValue is about the key: encrypted %s is %s',
    async (encrypted, code) => {
      const aws = scriptedAws(ec2Error(400, 'InvalidParameterValue', 'The specified keyId is disabled'));
      const store = createSnapshotStore(aws.connection('eu-west-1'));

      const copy = store.copySnapshot({
        sourceRegion: 'us-east-1' as Region,
        sourceSnapshotId: SNAPSHOT,
        description: '',
        tags: {},
        encrypted,
      });

      expect((await rejection(copy)).code).toBe(code);
    },
  );
});

describe('what comes from nobody', () => {
  test.each([
    ['ECONNRESET', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a timeout of the SDK', Object.assign(new Error('timed out'), { name: 'TimeoutError' })],
    ['ENOTFOUND', Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })],
    [
      'a wrapped socket error',
      new Error('failed', { cause: Object.assign(new Error('x'), { code: 'EPIPE' }) }),
    ],
  ])('%s is TRANSIENT', (_, error) => {
    expect(toAppError(error, 'CreateSnapshot')).toMatchObject({ code: 'TRANSIENT', cause: error });
  });

  test.each([
    ['a bug', new TypeError('x is not a function')],
    ['a string', 'oops'],
    ['nothing', undefined],
  ])('%s is UNKNOWN', (_, thrown) => {
    expect(toAppError(thrown, 'CreateSnapshot').code).toBe('UNKNOWN');
  });

  test('no credentials is CONFIG', () => {
    const error = Object.assign(new Error('Could not load credentials'), {
      name: 'CredentialsProviderError',
    });

    expect(toAppError(error, 'CreateSnapshot').code).toBe('CONFIG');
  });

  test('an AppError stays itself', () => {
    const error = new AppError('INVALID', 'ours');

    expect(toAppError(error, 'CreateSnapshot')).toBe(error);
  });
});
