import {
  type CopyMessage,
  encodeMessage,
  type OutgoingMessage,
  type SnapshotUnitMessage,
} from '@smart-vault/core';
import { instanceId, volumeId } from '../../core/test/builders.ts';

/** The letter of a unit that died without anybody saying why: instance 1 with volume 1. */
export const aUnitLetter = (
  about: Pick<SnapshotUnitMessage, 'vault' | 'slot' | 'firstSeenAt'>,
): OutgoingMessage => ({
  body: encodeMessage({
    v: 1,
    kind: 'snapshot-unit',
    policy: 'default',
    unit: instanceId(1),
    instanceId: instanceId(1),
    volumeIds: [volumeId(1)],
    ...about,
  }),
});

/** The letter of a copy that died without anybody saying why. */
export const aCopyLetter = (
  about: Pick<CopyMessage, 'vault' | 'snapshotId' | 'firstSeenAt'> & Partial<CopyMessage>,
): OutgoingMessage => ({ body: encodeMessage({ v: 1, kind: 'copy', attemptsForgiven: 0, ...about }) });
