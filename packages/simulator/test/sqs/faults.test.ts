import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { runSqsCommand } from '../../src/index.ts';
import { anAccount, bodies, fifo, SECOND, START_MS } from './queues.ts';

describe('a message that is delivered twice', () => {
  it('comes a second time under the same id, whatever became of the first', () => {
    const { queue: create, pass } = anAccount({
      duplicate: (_, { body }) => (body === 'twice' ? 5 * SECOND : undefined),
    });
    const queue = create();
    const { messageId } = queue.send({ body: 'twice' });
    queue.send({ body: 'once' });
    for (const { receipt } of queue.receive(10)) queue.delete(receipt);
    pass(5);

    const second = queue.receive(10);

    expect(second.map((message) => [message.body, message.messageId, message.receiveCount])).toEqual([
      ['twice', messageId, 1],
    ]);
    expect(queue.peek().map(({ copy }) => copy)).toEqual([true]);
    queue.delete(second[0]?.receipt ?? '');
    expect(queue.peek()).toEqual([]);
  });

  it('has two receipts, of which each deletes its own', () => {
    const { queue: create } = anAccount({ duplicate: () => 0 });
    const queue = create();
    queue.send({ body: 'twice' });
    const [one] = queue.receive(10);

    queue.delete(one?.receipt ?? '');

    expect(queue.peek().length).toBe(1);
  });

  it('is none of a FIFO queue', () => {
    const { queue: create } = anAccount({ duplicate: () => 0 });
    const queue = create({ fifo: true });
    queue.send(fifo('a'));

    expect(bodies(queue.receive(10))).toEqual(['a']);
  });
});

describe('a message that receives overlook', () => {
  it('counts as visible, and comes when its time is over', () => {
    const {
      queue: create,
      pass,
      clock,
    } = anAccount({
      hide: (_, { body, receiveCount }) => (body === 'shy' && receiveCount === 0 ? 20 * SECOND : undefined),
    });
    const queue = create();
    const heard: number[] = [];
    queue.send({ body: 'shy' });
    queue.onVisible = () => heard.push(clock.now() - START_MS);

    expect([queue.receive(10), queue.counts().visible, queue.receivable]).toEqual([[], 1, false]);
    pass(20);

    expect([heard, bodies(queue.receive(10))]).toEqual([[20 * SECOND], ['shy']]);
    pass(30);
    expect(bodies(queue.receive(10))).toEqual(['shy']);
  });

  it('holds up its FIFO group', () => {
    const { queue: create, pass } = anAccount({
      hide: (_, { body }) => (body === 'a1' ? SECOND : undefined),
    });
    const queue = create({ fifo: true });
    for (const body of ['a1', 'a2', 'b1']) queue.send(fifo(body));

    expect(bodies(queue.receive(10))).toEqual(['b1']);
    pass(1);
    expect(bodies(queue.receive(10))).toEqual(['a1', 'a2']);
  });
});

describe('a FIFO group of which the last message in flight comes back unseen', () => {
  it('is freed, and that is told', () => {
    const account = anAccount({
      hide: (_, { body, receiveCount }) => (body === 'a2' && receiveCount > 0 ? 60 * SECOND : undefined),
    });
    const queue = account.queue({ fifo: true });
    for (const body of ['a1', 'a2']) queue.send(fifo(body));
    const [first] = queue.receive(10);
    const heard: string[][] = [];
    queue.onVisible = () => heard.push(bodies(queue.receive(10)));

    queue.changeVisibility(first?.receipt ?? '', 0);
    expect([heard, queue.receivable]).toEqual([[], false]);
    account.pass(30);

    expect(heard).toEqual([['a1']]);
  });
});

describe('order', () => {
  const order = (reorder: boolean | undefined, gapSeconds: number) => {
    const { queue: create, pass } = anAccount(reorder === undefined ? {} : { reorder });
    const queue = create();
    for (const body of ['a', 'b', 'c', 'd', 'e', 'f']) {
      queue.send({ body });
      pass(gapSeconds);
    }
    return bodies(queue.receive(10)).join('');
  };

  it('is mixed among messages of one minute', () => {
    expect(order(undefined, 1)).not.toBe('abcdef');
    expect(order(undefined, 60)).toBe('abcdef');
  });

  it('is kept when told to', () => {
    expect(order(false, 1)).toBe('abcdef');
  });
});

describe('entries of a batch that SQS refuses', () => {
  const send = (account: ReturnType<typeof anAccount>, url: string, ids: readonly string[]) => {
    const Entries = ids.map((id) => ({ Id: id, MessageBody: id }));
    return runSqsCommand(account.sqs, new SendMessageBatchCommand({ QueueUrl: url, Entries }));
  };

  it('are told with a fault of SQS; the others are sent', () => {
    const account = anAccount({ failEntry: (_, { body, offer }) => body === 'b' && offer === 1 });
    const queue = account.queue();

    expect(send(account, queue.url, ['a', 'b', 'c'])).toMatchObject({
      Successful: [{ Id: 'a' }, { Id: 'c' }],
      Failed: [{ Id: 'b', Code: 'InternalError', SenderFault: false }],
    });
    expect(send(account, queue.url, ['b'])).toMatchObject({ Successful: [{ Id: 'b' }], Failed: [] });
    expect(bodies(queue.peek())).toEqual(['a', 'c', 'b']);
  });

  it('are others when the faults are replaced', () => {
    const account = anAccount({ failEntry: () => true });
    const queue = account.queue();
    send(account, queue.url, ['a']);

    account.sqs.faults = {};
    send(account, queue.url, ['a']);

    expect(bodies(queue.peek())).toEqual(['a']);
  });
});
