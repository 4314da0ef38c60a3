import { type Clock, encodeMessage, type Region, type WorkQueue } from '@smart-vault/core';
import type { MessageMover, VaultQueue } from './ports.ts';
import type { RedriveStep } from './redrive-plan.ts';

export interface RedrivePorts {
  readonly mover: MessageMover;
  readonly clock: Clock;
  workQueue(queue: VaultQueue): WorkQueue;
}

/** Told after every step forward: letters moved so far, and how many there were at the start. */
export type RedriveProgress = (moved: number, total: number) => void;

type Move = Extract<RedriveStep, { kind: 'move' }>;

/** How a queue was emptied: by SQS itself, or letter by letter by us. */
export interface RedriveResult {
  readonly moved: number;
  readonly by: 'sqs' | 'hand';
}

/** How long a letter that we hold stays hidden from others; moving it takes two calls. */
const HOLD_SECONDS = 60;
const POLL_MS = 2_000;
/** SQS ends a move task after 36 hours by itself. */
const POLLS_MAX = (36 * 3_600_000) / POLL_MS;

/**
 * Moves the dead letters of one queue back to where they came from. Nothing is lost: each is sent before it is deleted.
 * A letter that was sent but not deleted (the command was killed) is sent again by the next redrive, and does its work
 * once all the same, because every pump looks before it creates.
 */
export async function redriveQueue(
  move: Move,
  ports: RedrivePorts,
  onProgress: RedriveProgress,
  options: { perSecond?: number } = {},
): Promise<RedriveResult> {
  const { from, to } = move;
  const started = await ports.mover.start({ from, to, ...options });
  if (started === 'started') return { moved: await followMove(move, ports, onProgress), by: 'sqs' };
  return { moved: await moveByHand(move, ports, onProgress), by: 'hand' };
}

async function followMove(move: Move, ports: RedrivePorts, onProgress: RedriveProgress): Promise<number> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    const status = await ports.mover.status(move.from);
    onProgress(status.moved, status.toMove ?? move.letters);
    if (status.state === 'completed') return status.moved;
    if (status.state !== 'running') {
      const failure = status.failure ?? `the move was ${status.state}`;
      throw new Error(
        `${move.from.name}: ${failure}; ${status.moved} letters moved, the rest is still there`,
      );
    }
    await ports.clock.sleep(POLL_MS);
  }
  throw new Error(`${move.from.name}: the move did not end`);
}

async function moveByHand(move: Move, ports: RedrivePorts, onProgress: RedriveProgress): Promise<number> {
  const [from, to] = [ports.workQueue(move.from), ports.workQueue(move.to)];
  const seen = new Set<string>();
  // A letter that dies again meanwhile comes back to this queue: only what was there at the start is moved.
  while (seen.size < move.letters) {
    const letters = await from.receive(Math.min(10, move.letters - seen.size), {
      visibilityTimeoutSeconds: HOLD_SECONDS,
    });
    if (letters.length === 0) break;
    for (const letter of letters) {
      seen.add(letter.id);
      await to.send([
        {
          body: letter.body,
          attributes: letter.attributes,
          ...(move.to.fifo && {
            groupId: letter.groupId ?? letter.id,
            deduplicationId: `redrive-${letter.id}`,
          }),
        },
      ]);
      await from.delete(letter);
      onProgress(seen.size, move.letters);
    }
  }
  return seen.size;
}

/**
 * The wake-up that makes a pump look at the redriven letters now and not at its next tick; `undefined` for a queue
 * without a pump. The name of a work queue tells its pump, see `infra/lib/names.ts`.
 */
export function wakeUpAfter(
  vault: string,
  to: VaultQueue,
  id: string,
): { readonly queueName: string; readonly groupId: string; readonly body: string } | undefined {
  const wakeUp = (queueName: string, region: string) => ({
    queueName,
    groupId: region,
    body: encodeMessage({ v: 1, kind: 'wake-up', region: region as Region, cause: 'redrive', id }),
  });
  if (to.name === `${vault}-volumes.fifo`) return wakeUp(`${vault}-snapshotter-wakeups.fifo`, to.region);
  const copies = `${vault}-copies-`;
  if (to.name.startsWith(copies)) {
    return wakeUp(`${vault}-copier-wakeups.fifo`, to.name.slice(copies.length));
  }
  return undefined;
}
