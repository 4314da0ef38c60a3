import {
  AppError,
  type CopyMessage,
  encodeMessage,
  type OutgoingMessage,
  parseCopyWork,
  type ReceivedMessage,
  type SnapshotId,
} from '@smart-vault/core';
import { firstSentAt } from '@smart-vault/lambda-kit';

/** What a message of a `copies-<destination>` queue asks for. */
export type CopierWork =
  | { readonly kind: 'copy'; readonly message: CopyMessage }
  /** An event of a set: one message, one copy, one permit, so it becomes several messages. */
  | { readonly kind: 'several'; readonly messages: readonly CopyMessage[] }
  | { readonly kind: 'nothing'; readonly reason: string };

/**
 * Reads a message, be it our own or an EBS event. An event is a hint: only its ids are taken from it.
 *
 * @throws AppError `CONTRACT` for a body that we do not understand or that is another vault's.
 */
export function readCopyWork(received: ReceivedMessage, vault: string): CopierWork {
  const work = parseCopyWork(received.body);
  switch (work.kind) {
    case 'ignore':
      return { kind: 'nothing', reason: work.reason };
    case 'copy':
      return { kind: 'copy', message: ours(work.message, vault) };
    case 'event': {
      const ids = [...new Set(work.snapshotIds)];
      const messages = ids.map((id) => messageFor(id, vault, firstSentAt(received)));
      const [only, ...others] = messages;
      if (!only) return { kind: 'nothing', reason: `the ${work.sourceEvent} event names no snapshot` };
      return others.length === 0 ? { kind: 'copy', message: only } : { kind: 'several', messages };
    }
  }
}

/** Ids of the snapshots that a piece of work is about. */
export function subjectOf(work: CopierWork): readonly SnapshotId[] {
  switch (work.kind) {
    case 'copy':
      return [work.message.snapshotId];
    case 'several':
      return work.messages.map((message) => message.snapshotId);
    case 'nothing':
      return [];
  }
}

/** The messages that take an event's place. */
export const toOutgoing = (messages: readonly CopyMessage[]): readonly OutgoingMessage[] =>
  messages.map((message) => ({ body: encodeMessage(message) }));

const messageFor = (snapshotId: SnapshotId, vault: string, firstSeenAt: number): CopyMessage => ({
  v: 1,
  kind: 'copy',
  vault,
  snapshotId,
  firstSeenAt,
  attemptsForgiven: 0,
});

function ours(message: CopyMessage, vault: string): CopyMessage {
  if (message.vault === vault) return message;
  throw new AppError('CONTRACT', `the message is for vault ${message.vault}; this is ${vault}`);
}
