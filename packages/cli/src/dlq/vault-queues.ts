import { createWorkQueue } from '@smart-vault/aws';
import { createQueueAdmin, type QueueAdmin } from '@smart-vault/aws/queue-admin';
import { AppError, isAppError, type Region, type WorkQueue } from '@smart-vault/core';
import type { MessageMover, MoveStatus, VaultQueue } from './ports.ts';

/** Where the vault is, from the command line. */
export interface VaultLocation {
  readonly vault: string;
  readonly region: Region;
  /** Any AWS-compatible endpoint; without one, `AWS_ENDPOINT_URL` or AWS itself. */
  readonly endpoint?: string;
}

/** The queues of a vault in its source region, found by name. */
export async function findVaultQueues(location: VaultLocation): Promise<readonly VaultQueue[]> {
  const admin = createQueueAdmin(location);
  const urls = await admin.listQueueUrls(`${location.vault}-`);
  if (urls.length === 0) {
    throw new AppError(
      'CONFIG',
      `no queue of a vault named "${location.vault}" in ${location.region}; ` +
        'give its name with --vault and its source region with --region',
    );
  }
  const queues: VaultQueue[] = [];
  for (const url of urls) queues.push({ ...(await admin.describeQueue(url)), region: location.region });
  return queues;
}

/** Works on one of these queues. */
export const openQueue =
  (location: VaultLocation) =>
  (queue: Pick<VaultQueue, 'url'>): WorkQueue =>
    createWorkQueue({ ...location, url: queue.url });

/** SQS's message move tasks behind the port of the redrive. */
export function createMessageMover(location: VaultLocation): MessageMover {
  const admin = createQueueAdmin(location);
  return {
    start: (move) => startMove(admin, move),
    status: async (from) => {
      const [task] = [...(await admin.listMoves(from.arn))].sort((a, b) => b.startedAt - a.startedAt);
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
