import { describe, expect, it } from 'vitest';
import {
  AppError,
  assert,
  errorText,
  failureClassOf,
  isAppError,
  isInstanceId,
  isRegion,
  isSnapshotId,
  isVolumeId,
  policyProblems,
  snapshotIdFromArn,
} from '../src/index.ts';
import { aPolicy, snapshotId } from './builders.ts';

describe('ids', () => {
  it.each([
    [isSnapshotId, 'snap-0123456789abcdef0'],
    [isSnapshotId, 'snap-01234567'],
    [isVolumeId, 'vol-01234567'],
    [isInstanceId, 'i-01234567'],
    [isRegion, 'eu-west-1'],
    [isRegion, 'us-gov-east-1'],
    [isRegion, 'ap-southeast-2'],
  ] as const)('%o takes %s', (check, id) => {
    expect(check(id)).toBe(true);
  });

  it.each([
    [isSnapshotId, 'snap-xyz'],
    [isSnapshotId, 'snap-01234567\n'],
    [isVolumeId, 'snap-01234567'],
    [isInstanceId, 'i-0123'],
    [isRegion, 'mars'],
    [isRegion, 7],
  ] as const)('%o refuses %s', (check, id) => {
    expect(check(id)).toBe(false);
  });

  it.each([
    [`arn:aws:ec2::us-west-2:snapshot/${snapshotId(1)}`],
    [`arn:aws:ec2:us-west-2::snapshot/${snapshotId(1)}`],
    [snapshotId(1)],
  ])('the snapshot of %s is found', (arn) => {
    expect(snapshotIdFromArn(arn)).toBe(snapshotId(1));
  });

  it('no snapshot is found where there is none', () => {
    expect(snapshotIdFromArn('arn:aws:ec2::us-west-2:volume/vol-01234567')).toBeUndefined();
  });
});

describe('errors', () => {
  it('are told by their code', () => {
    const error = new AppError('DENIED', 'no', { details: { action: 'x' }, cause: new Error('below') });

    expect(isAppError(error)).toBe(true);
    expect(isAppError(error, 'DENIED')).toBe(true);
    expect(isAppError(error, 'CONFIG')).toBe(false);
    expect(isAppError(new Error('x'))).toBe(false);
    expect(error.details).toEqual({ action: 'x' });
  });

  it.each([
    ['THROTTLED', 'retryable'],
    ['UNKNOWN', 'retryable'],
    ['DENIED', 'configuration'],
    ['CONTRACT', 'permanent'],
  ] as const)('%s is %s to an operator', (code, failureClass) => {
    expect(failureClassOf(code)).toBe(failureClass);
  });

  it('are text on one line', () => {
    expect(errorText(new Error('a\n  b'))).toBe('a b');
    expect(errorText(7)).toBe('7');
    expect(() => assert(false, 'sky is blue')).toThrow('invariant broken: sky is blue');
  });
});

describe('a policy', () => {
  it('that can be right has no problems', () => {
    expect(
      policyProblems(aPolicy({ graceHours: 0, keepMin: 1, retentionDays: 1, destinations: [] })),
    ).toEqual([]);
  });

  it('tells all its problems at once', () => {
    expect(policyProblems(aPolicy({ graceHours: Number.NaN, keepMin: 0, retentionDays: 0.5 }))).toHaveLength(
      3,
    );
  });
});
