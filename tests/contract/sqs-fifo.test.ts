import { afterAll, describe, expect, it } from 'vitest';
import { aQueue, aQueueWithDeadLetters, codeOf, group } from './queue-calls.ts';
import { openSides } from './sides.ts';

const sides = await openSides();
afterAll(() => Promise.all(sides.map((side) => side.close())));

const FIFO = { fifo: true };

describe.each(sides)('a FIFO queue of $name', (side) => {
  it('gives a group in order, and nothing of it while one is in flight', async () => {
    const queue = await aQueue(side, FIFO);
    for (const body of ['a1', 'a2', 'a3']) await queue.send(body, group('a', body));

    const order: unknown[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { body, receipt } = await queue.receiveOne({ MaxNumberOfMessages: 1 });
      const meanwhile = await queue.bodies();
      order.push(body, meanwhile);
      await queue.remove(receipt);
    }

    expect(order).toEqual(['a1', [], 'a2', [], 'a3', []]);
  });

  it('goes on with other groups while one is locked', async () => {
    const queue = await aQueue(side, FIFO);
    for (const body of ['a1', 'a2', 'b1']) await queue.send(body, group(body.slice(0, 1), body));
    await queue.receiveOne({ MaxNumberOfMessages: 1 });

    expect(await queue.bodies()).toEqual(['b1']);
  });

  it('gives the same message first when its visibility timeout is over', async () => {
    const queue = await aQueue(side, { ...FIFO, visibilityTimeoutSeconds: 30 });
    for (const body of ['a1', 'a2']) await queue.send(body, group('a', body));
    await queue.receiveOne({ MaxNumberOfMessages: 1 });
    side.advance(29);
    const locked = await queue.bodies();
    side.advance(1);

    const again = await queue.receiveOne({ MaxNumberOfMessages: 1 });

    expect(locked).toEqual([]);
    expect([again.body, again.system['ApproximateReceiveCount']]).toEqual(['a1', '2']);
  });

  it('gives the same message first when it is handed back', async () => {
    const queue = await aQueue(side, FIFO);
    for (const body of ['a1', 'a2']) await queue.send(body, group('a', body));
    const { receipt } = await queue.receiveOne({ MaxNumberOfMessages: 1 });

    await queue.hide(receipt, 0);

    expect((await queue.receiveOne({ MaxNumberOfMessages: 1 })).body).toBe('a1');
  });

  it('tells group, deduplication id and a growing sequence number', async () => {
    const queue = await aQueue(side, FIFO);
    const first = await queue.send('a', group('a', 'id-a'));
    const second = await queue.send('b', group('b', 'id-b'));

    const received = (await queue.receiveAll()).map(({ Attributes }) => Attributes);

    expect(Number(second.SequenceNumber) > Number(first.SequenceNumber)).toBe(true);
    expect(
      received.map((system) => [
        system?.MessageGroupId,
        system?.MessageDeduplicationId,
        system?.SequenceNumber,
      ]),
    ).toEqual([
      ['a', 'id-a', first.SequenceNumber],
      ['b', 'id-b', second.SequenceNumber],
    ]);
  });

  it('takes a deduplication id once in five minutes, whatever the body and the group', async () => {
    const queue = await aQueue(side, FIFO);
    const first = await queue.send('a', group('a', 'id'));
    side.advance(299);
    const second = await queue.send('b', group('b', 'id'));
    const counts = await queue.counts();
    side.advance(2);
    const third = await queue.send('a', group('a', 'id'));

    expect(counts).toEqual([1, 0, 0]);
    expect([second.MessageId, second.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    expect(third.MessageId).not.toBe(first.MessageId);
    expect(await queue.counts()).toEqual([2, 0, 0]);
  });

  it('remembers deduplication ids of messages that are deleted', async () => {
    const queue = await aQueue(side, FIFO);
    await queue.send('a', group('a', 'id'));
    const { receipt } = await queue.receiveOne();
    await queue.remove(receipt);

    await queue.send('a', group('a', 'id'));

    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('derives the deduplication id from the body when it is told to', async () => {
    const queue = await aQueue(side, { ...FIFO, contentBasedDeduplication: true });
    await queue.send('tick', group('a'));
    await queue.send('tick', group('a'));
    await queue.send('tick', group('a', 'of-its-own'));

    expect(await queue.counts()).toEqual([2, 0, 0]);
    const first = await queue.receiveOne({ MaxNumberOfMessages: 1 });
    expect(first.system['MessageDeduplicationId']).toBe(
      '55a4bc5be68ea5c30cbe4d07e3bf951163b5a207dfd628ea53a2eb21072a9f3b',
    );
  });

  it('delays all messages alike', async () => {
    const queue = await aQueue(side, { ...FIFO, delaySeconds: 15 });
    await queue.send('a', group('a', '1'));

    const early = await queue.bodies();
    const counts = await queue.counts();
    side.advance(15);

    expect([early, counts, await queue.bodies()]).toEqual([[], [0, 0, 1], ['a']]);
  });

  it('gives the next of a group when the first goes to the dead-letter queue', async () => {
    const { queue, dead } = await aQueueWithDeadLetters(side, FIFO);
    for (const body of ['a1', 'a2']) await queue.send(body, group('a', body));
    for (let receives = 0; receives < 2; receives += 1) {
      await queue.receiveOne({ MaxNumberOfMessages: 1 });
      side.advance(30);
    }

    const next = await queue.receiveOne({ MaxNumberOfMessages: 1 });

    const letter = await dead.receiveOne();
    expect([next.body, letter.body, letter.system['MessageGroupId']]).toEqual(['a2', 'a1', 'a']);
  });

  it.each([
    ['no group', {}, 'MissingParameter'],
    ['no deduplication id', group('a'), 'InvalidParameterValue'],
    ['a delay of its own', { ...group('a', 'a'), DelaySeconds: 5 }, 'InvalidParameterValue'],
    ['a delay of nothing', { ...group('a', 'a'), DelaySeconds: 0 }, 'taken'],
  ])('answers a message with %s', async (_, input, code) => {
    const queue = await aQueue(side, FIFO);

    expect(await codeOf(queue.send('x', input))).toBe(code);
  });
});
