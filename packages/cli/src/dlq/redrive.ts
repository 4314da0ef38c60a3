import {
  type Clock,
  encodeMessage,
  type ReceivedMessage,
  type Region,
  type WorkQueue,
} from '@smart-vault/core';
import type { VaultQueue } from '../vault/find-vault.ts';
import { type DeadLetterView, giveBack, viewOf } from './dead-letters.ts';
import type { MessageMover } from './message-mover.ts';
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
  /** Letters that were looked at and not meant. */
  readonly left: number;
  readonly by: 'sqs' | 'hand';
}

export interface RedriveOptions {
  /** Letters a second, 500 at most. */
  readonly perSecond?: number;
  /** Which letters are meant; left out, all, which SQS then moves by itself. */
  readonly isChosen?: (letter: DeadLetterView) => boolean;
}

/** How long a letter that we hold stays hidden from others: a redrive of some thousand must not see it twice. */
const HOLD_SECONDS = 300;
const POLL_MS = 2_000;
/** SQS ends a move task after 36 hours by itself. */
const POLLS_MAX = (36 * 3_600_000) / POLL_MS;

/**
 * Moves dead letters of one queue back to where they came from. Nothing is lost: each is sent before it is deleted.
 * A letter that was sent but not deleted (the command was killed) is sent again by the next redrive, and does its work
 * once all the same, because every pump looks before it creates.
 */
export async function redriveQueue(
  move: Move,
  ports: RedrivePorts,
  onProgress: RedriveProgress,
  options: RedriveOptions = {},
): Promise<RedriveResult> {
  const { from, to } = move;
  const { perSecond, isChosen } = options;
  if (isChosen !== undefined) return moveByHand(move, ports, onProgress, options);
  const started = await ports.mover.start({ from, to, ...(perSecond !== undefined && { perSecond }) });
  if (started === 'started') return { moved: await followMove(move, ports, onProgress), left: 0, by: 'sqs' };
  return moveByHand(move, ports, onProgress, options);
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

async function moveByHand(
  move: Move,
  ports: RedrivePorts,
  onProgress: RedriveProgress,
  { perSecond, isChosen = () => true }: RedriveOptions,
): Promise<RedriveResult> {
  const [from, to] = [ports.workQueue(move.from), ports.workQueue(move.to)];
  const seen = new Set<string>();
  const left: ReceivedMessage[] = [];
  let moved = 0;
  try {
    // A letter that dies again meanwhile comes back to this queue: only what was there at the start is moved.
    while (seen.size < move.letters) {
      const letters = await from.receive(Math.min(10, move.letters - seen.size), {
        visibilityTimeoutSeconds: HOLD_SECONDS,
      });
      const fresh = letters.filter(({ id }) => !seen.has(id));
      if (fresh.length === 0) break;
      for (const letter of fresh) {
        seen.add(letter.id);
        if (!isChosen(viewOf(letter))) {
          left.push(letter);
          continue;
        }
        await to.send([resent(letter, move.to)]);
        await from.delete(letter);
        moved += 1;
        onProgress(moved, move.letters);
        if (perSecond !== undefined) await ports.clock.sleep(1_000 / perSecond);
      }
    }
  } finally {
    await giveBack(from, left);
  }
  return { moved, left: left.length, by: 'hand' };
}

const resent = (letter: ReceivedMessage, to: VaultQueue) => ({
  body: letter.body,
  attributes: letter.attributes,
  ...(to.fifo && { groupId: letter.groupId ?? letter.id, deduplicationId: `redrive-${letter.id}` }),
});

/**
 * The wake-up that makes a pump look at the redriven letters now and not at its next tick; `undefined` for a queue
 * without a pump.
 */
export function wakeUpAfter(
  vault: string,
  to: VaultQueue,
  id: string,
): { readonly queueName: string; readonly groupId: string; readonly body: string } | undefined {
  const wakeUp = (queueName: string, region: Region) => ({
    queueName,
    groupId: region,
    body: encodeMessage({ v: 1, kind: 'wake-up', region, cause: 'redrive', id }),
  });
  if (to.role === 'volumes') return wakeUp(`${vault}-snapshotter-wakeups.fifo`, to.region);
  if (to.role === 'copies' && to.destination !== undefined) {
    return wakeUp(`${vault}-copier-wakeups.fifo`, to.destination);
  }
  return undefined;
}
