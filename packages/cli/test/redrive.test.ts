import type { OutgoingMessage, ReceivedMessage, Region, WorkQueue } from '@smart-vault/core';
import { expect, test } from 'vitest';
import type { MoveStatus } from '../src/dlq/message-mover.ts';
import { type RedrivePorts, redriveQueue } from '../src/dlq/redrive.ts';
import type { VaultQueue } from '../src/vault/find-vault.ts';

const aQueue = (name: string, visible = 0): VaultQueue => ({
  name,
  url: `https://sqs/${name}`,
  arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
  region: 'us-east-1' as Region,
  role: 'copies',
  fifo: false,
  depth: { visible, inFlight: 0, delayed: 0 },
  retentionSeconds: 345_600,
  visibilitySeconds: 420,
  createdAt: 0,
});

/** A queue in memory: what is received stays until it is deleted. */
class MemoryQueue implements WorkQueue {
  readonly url = 'memory';
  readonly fifo = false;
  letters: string[];
  failNextDelete = false;
  onSend: (bodies: string[]) => void = () => {};

  constructor(letters: string[] = []) {
    this.letters = letters;
  }
  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    return this.letters.slice(0, max).map((body) => ({
      id: body,
      body,
      receipt: body,
      receiveCount: 1,
      sentAt: 0,
      attributes: { 'smart-vault.code': 'DENIED' },
    }));
  }
  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    const bodies = messages.map(({ body }) => body);
    this.letters.push(...bodies);
    this.onSend(bodies);
  }
  async delete({ id }: ReceivedMessage): Promise<void> {
    if (this.failNextDelete) {
      this.failNextDelete = false;
      throw new Error('killed');
    }
    this.letters = this.letters.filter((body) => body !== id);
  }
  async changeVisibility(): Promise<void> {}
  async depth() {
    return { visible: this.letters.length, inFlight: 0, delayed: 0 };
  }
}

function portsOf(queues: Record<string, WorkQueue>, statuses: MoveStatus[] | 'unsupported'): RedrivePorts {
  const left = statuses === 'unsupported' ? [] : [...statuses];
  let now = 0;
  return {
    mover: {
      start: async () => (statuses === 'unsupported' ? 'unsupported' : 'started'),
      status: async () =>
        left.shift() ?? { state: 'failed', moved: 0, toMove: 0, failure: 'asked too often' },
    },
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    workQueue: ({ name }) => {
      const queue = queues[name];
      if (queue === undefined) throw new Error(`no ${name}`);
      return queue;
    },
  };
}

const move = (letters: number) =>
  ({ kind: 'move', from: aQueue('dlq', letters), to: aQueue('work'), letters }) as const;

test("SQS's own move is followed to its end, with progress", async () => {
  const progress: string[] = [];
  const ports = portsOf({}, [
    { state: 'running', moved: 0, toMove: 7 },
    { state: 'running', moved: 5, toMove: 7 },
    { state: 'completed', moved: 7, toMove: 7 },
  ]);

  const result = await redriveQueue(move(7), ports, (moved, total) => progress.push(`${moved}/${total}`));

  expect(result).toEqual({ moved: 7, left: 0, by: 'sqs' });
  expect(progress).toEqual(['0/7', '5/7', '7/7']);
});

test('a move that SQS gave up says why, and how many were moved', async () => {
  const ports = portsOf({}, [{ state: 'failed', moved: 3, toMove: 7, failure: 'AccessDenied' }]);

  await expect(redriveQueue(move(7), ports, () => {})).rejects.toThrow('dlq: AccessDenied; 3 letters moved');
});

test('by hand, a letter is sent before it is deleted: killed in between, nothing is lost', async () => {
  const dlq = new MemoryQueue(['a', 'b', 'c']);
  const work = new MemoryQueue();
  const ports = portsOf({ dlq, work }, 'unsupported');
  dlq.failNextDelete = true;
  await expect(redriveQueue(move(3), ports, () => {})).rejects.toThrow('killed');

  const result = await redriveQueue(move(3), ports, () => {});

  expect(result).toEqual({ moved: 3, left: 0, by: 'hand' });
  expect(dlq.letters).toEqual([]);
  expect(new Set(work.letters)).toEqual(new Set(['a', 'b', 'c']));
});

test('letters that die again while a redrive goes on are not moved twice by it', async () => {
  const dlq = new MemoryQueue(['a', 'b']);
  const work = new MemoryQueue();
  work.onSend = (bodies) => dlq.letters.push(...bodies.map((body) => `${body} again`));

  const result = await redriveQueue(move(2), portsOf({ dlq, work }, 'unsupported'), () => {});

  expect(result.moved).toBe(2);
  expect(work.letters).toEqual(['a', 'b']);
  expect(dlq.letters).toEqual(['a again', 'b again']);
});
