import { createQueueAdmin, type QueueAdmin } from '@smart-vault/aws/queue-admin';
import { AppError, isAppError } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import type { VaultQueue } from '../vault/find-vault.ts';

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

/** SQS's message move tasks behind the port of the redrive. */
export function createMessageMover({ connection }: Pick<CommandContext, 'connection'>): MessageMover {
  const adminOf = ({ region }: VaultQueue): QueueAdmin => createQueueAdmin(connection(region));
  return {
    start: (move) => startMove(adminOf(move.from), move),
    status: async (from) => {
      const moves = await adminOf(from).listMoves(from.arn);
      const [task] = [...moves].sort((a, b) => b.startedAt - a.startedAt);
      if (task === undefined)
        throw new AppError('CONTRACT', `${from.name}: SQS does not know of its move task`);
      return {
        state: task.status === 'cancelling' ? 'running' : task.status,
        moved: task.moved,
        toMove: task.toMove,
        ...(task.failureReason !== undefined && { failure: task.failureReason }),
      } satisfies MoveStatus;
    },
  };
}

/** Answers of an endpoint that has no move tasks. */
const UNKNOWN_CALL: ReadonlySet<unknown> = new Set([
  'InvalidAction',
  'UnknownOperationException',
  'UnsupportedOperation',
]);

async function startMove(
  admin: QueueAdmin,
  { from, to, perSecond }: Parameters<MessageMover['start']>[0],
): Promise<'started' | 'unsupported'> {
  try {
    // The destination is named because letters that a pump wrote itself do not tell SQS where they came from.
    await admin.startMove({
      sourceArn: from.arn,
      destinationArn: to.arn,
      ...(perSecond !== undefined && { messagesPerSecondMax: perSecond }),
    });
    return 'started';
  } catch (error) {
    if (isAppError(error) && UNKNOWN_CALL.has(error.details['awsCode'])) return 'unsupported';
    throw error;
  }
}
