import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { aQueue, codeOf, group, text } from './queue-calls.ts';
import { openSides, type Side } from './sides.ts';

const sides = await openSides();
afterAll(() => Promise.all(sides.map((side) => side.close())));

const entry = (Id: string, MessageBody = Id): SendMessageBatchRequestEntry => ({ Id, MessageBody });
const sendAll = (side: Side, QueueUrl: string, Entries: SendMessageBatchRequestEntry[]) =>
  side.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
type Failed = { Id: string | undefined; Code: string | undefined; SenderFault: boolean | undefined };
const failures = ({ Failed = [] }: { Failed?: Failed[] | undefined }) =>
  Failed.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]);

describe.each(sides)('batches of $name', (side) => {
  it('sends up to ten messages, and answers each by its id', async () => {
    const queue = await aQueue(side);
    const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);

    const { Successful = [], Failed = [] } = await sendAll(
      side,
      queue.url,
      ids.map((id) => ({ ...entry(id), MessageAttributes: { of: text(id) } })),
    );

    const received = await queue.receiveAll();
    const sentIds = new Map(Successful.map(({ Id, MessageId }) => [MessageId, Id]));
    expect(Failed).toEqual([]);
    expect(received.map(({ MessageId }) => sentIds.get(MessageId)).sort()).toEqual(ids);
    expect(
      received.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.['of']?.StringValue]).sort(),
    ).toEqual(ids.map((id) => [id, id]));
    expect(new Set(Successful.map(({ MD5OfMessageAttributes }) => MD5OfMessageAttributes)).size).toBe(10);
  });

  it('takes the good entries and tells of the others', async () => {
    const queue = await aQueue(side, { fifo: true, messageBytesMax: 1_024 });
    const answer = await sendAll(side, queue.url, [
      { ...entry('good'), ...group('a', '1') },
      { ...entry('no-group'), MessageDeduplicationId: '2' },
      { ...entry('no-id'), ...group('a') },
      { ...entry('delayed'), ...group('a', '3'), DelaySeconds: 5 },
      { ...entry('long', 'x'.repeat(1_025)), ...group('a', '4') },
      { ...entry('bell', '\u0007'), ...group('a', '5') },
      { ...entry('again'), ...group('a', '1') },
    ]);

    expect(failures(answer)).toEqual([
      ['no-group', 'MissingParameter', true],
      ['no-id', 'InvalidParameterValue', true],
      ['delayed', 'InvalidParameterValue', true],
      ['long', 'InvalidParameterValue', true],
      ['bell', 'InvalidMessageContents', true],
    ]);
    const [good, again] = answer.Successful ?? [];
    expect([good?.Id, again?.Id]).toEqual(['good', 'again']);
    expect(again?.MessageId).toBe(good?.MessageId);
    expect(await queue.counts()).toEqual([1, 0, 0]);
  });

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    ['eleven entries', Array.from({ length: 11 }, (_, at) => entry(`${at}`)), 'TooManyEntriesInBatchRequest'],
    ['an id twice', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['an id with a blank', [entry('a b')], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB',
      [entry('a', 'x'.repeat(700_000)), entry('b', 'x'.repeat(348_577))],
      'BatchRequestTooLong',
    ],
    ['1 MiB', [entry('a', 'x'.repeat(700_000)), entry('b', 'x'.repeat(348_576))], 'taken'],
  ])('answers a batch with %s', async (_, entries, code) => {
    const queue = await aQueue(side);

    expect(await codeOf(sendAll(side, queue.url, entries))).toBe(code);
    expect(await queue.counts()).toEqual([code === 'taken' ? 2 : 0, 0, 0]);
  });

  it('deletes several', async () => {
    const queue = await aQueue(side);
    await sendAll(side, queue.url, [entry('a'), entry('b'), entry('c')]);
    const received = await queue.receiveAll();

    const { Successful = [] } = await side.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: queue.url,
        Entries: received.slice(0, 2).map(({ Body = '', ReceiptHandle }) => ({ Id: Body, ReceiptHandle })),
      }),
    );

    expect(Successful.map(({ Id }) => Id)).toEqual(received.slice(0, 2).map(({ Body }) => Body));
    expect(await queue.counts()).toEqual([0, 1, 0]);
  });

  it('hides several, and tells of those that it cannot', async () => {
    const queue = await aQueue(side);
    await sendAll(side, queue.url, [entry('a'), entry('b')]);
    const [first, second] = await queue.receiveAll();

    const answer = await side.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.url,
        Entries: [
          { Id: 'at-once', ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 },
          { Id: 'too-long', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 43_201 },
          { Id: 'nonsense', ReceiptHandle: 'nonsense', VisibilityTimeout: 10 },
        ],
      }),
    );

    expect(answer.Successful).toEqual([{ Id: 'at-once' }]);
    expect(failures(answer)).toEqual([
      ['too-long', 'InvalidParameterValue', true],
      ['nonsense', 'ReceiptHandleIsInvalid', true],
    ]);
    expect(await queue.bodies()).toEqual([first?.Body]);
  });
});
