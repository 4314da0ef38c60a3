import type { LockDescription } from '../describe-others.ts';
import { type Action, describeInput, nextToken } from './action.ts';
import { element, list, time } from './xml.ts';

/** DescribeLockedSnapshots. */
export const describeLockedSnapshots: Action = (api, form) => {
  const page = api.describeLockedSnapshots(describeInput(form, 'SnapshotId'));
  return list('snapshotSet', page.items, lockXml) + nextToken(page);
};

function lockXml(lock: LockDescription): string {
  return (
    element('ownerId', lock.ownerId) +
    element('snapshotId', lock.snapshotId) +
    element('lockState', lock.state) +
    element('lockDuration', lock.durationDays) +
    time('lockCreatedOn', lock.createdAt) +
    time('lockDurationStartTime', lock.createdAt) +
    time('lockExpiresOn', lock.expiresAt)
  );
}
