import type { VaultQueue } from '../vault/find-vault.ts';

/** A dead-letter queue, and where its letters belong. */
export interface DeadLetterQueue {
  readonly queue: VaultQueue;
  /** The queue whose failures it holds; absent when EventBridge or Lambda writes to it. */
  readonly source?: VaultQueue;
}

/** What a redrive does with one dead-letter queue. */
export type RedriveStep =
  | { readonly kind: 'move'; readonly from: VaultQueue; readonly to: VaultQueue; readonly letters: number }
  | { readonly kind: 'leave'; readonly from: VaultQueue; readonly letters: number; readonly reason: string };

/** Pairs each dead-letter queue with its source, by the redrive policies. Sorted by name. */
export function deadLetterQueues(queues: readonly VaultQueue[]): readonly DeadLetterQueue[] {
  const byDlqArn = new Map(
    queues.flatMap((queue) =>
      queue.redrive === undefined ? [] : [[queue.redrive.deadLetterArn, queue] as const],
    ),
  );
  return queues
    .filter((queue) => byDlqArn.has(queue.arn) || /-dlq(-[a-z0-9-]+)?(\.fifo)?$/.test(queue.name))
    .map((queue) => {
      const source = byDlqArn.get(queue.arn);
      return source === undefined ? { queue } : { queue, source };
    })
    .sort((a, b) => (a.queue.name < b.queue.name ? -1 : 1));
}

/** What to do with each queue that holds letters; empty queues are left out. */
export function planRedrive(dlqs: readonly DeadLetterQueue[]): readonly RedriveStep[] {
  return dlqs
    .filter(({ queue }) => lettersIn(queue) > 0)
    .map(({ queue: from, source: to }): RedriveStep => {
      const letters = lettersIn(from);
      if (to !== undefined) return { kind: 'move', from, to, letters };
      const reason =
        'EventBridge or Lambda wrote these; there is no queue to move them back to. ' +
        'The reconciler enqueues what they should have caused within the hour.';
      return { kind: 'leave', from, letters, reason };
    });
}

/** Letters in a queue, those that somebody holds just now included. */
export const lettersIn = ({ depth }: VaultQueue): number => depth.visible + depth.inFlight;
