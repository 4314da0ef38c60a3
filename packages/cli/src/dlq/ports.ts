import type { QueueFacts } from '@smart-vault/aws/queue-admin';
import type { Region } from '@smart-vault/core';

/** A queue of the vault, and the region it is in. */
export interface VaultQueue extends QueueFacts {
  readonly region: Region;
}

/** SQS's own move of messages between queues, where the endpoint has it. */
export interface MessageMover {
  /** `unsupported` when the endpoint does not know the call; throws for every other refusal. */
  start(move: { from: VaultQueue; to: VaultQueue; perSecond?: number }): Promise<'started' | 'unsupported'>;
  /** The newest move task of this queue. */
  status(from: VaultQueue): Promise<MoveStatus>;
}

export interface MoveStatus {
  readonly state: 'running' | 'completed' | 'failed' | 'cancelled';
  readonly moved: number;
  readonly toMove: number | undefined;
  readonly failure?: string;
}
