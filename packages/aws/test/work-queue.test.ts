import { createHash } from 'node:crypto';
import type { OutgoingMessage } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { createWorkQueue } from '../src/work-queue.ts';
import { json, lostAnswer, type SentRequest, scriptedAws } from './support/scripted-aws.ts';

const URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-volumes.fifo';
const STANDARD_URL = 'https://sqs.us-east-1.amazonaws.com/000000000000/smart-vault-reports';
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

const queueOver = (aws: ReturnType<typeof scriptedAws>, url = URL) =>
  createWorkQueue({ ...aws.connection(), url });
const bodies = (count: number): OutgoingMessage[] =>
  Array.from({ length: count }, (_, index) => ({ body: `body ${index}` }));
const sent = (...entries: [id: number, body: string][]) => ({
  Successful: entries.map(([id, body]) => ({
    Id: String(id),
    MessageId: `m${id}`,
    MD5OfMessageBody: md5(body),
    SequenceNumber: '1',
  })),
});
const allSent = (first: number, count: number) =>
  json(sent(...Array.from({ length: count }, (_, i): [number, string] => [first + i, `body ${first + i}`])));
const failed = (id: number, Code: string, SenderFault: boolean) => ({
  Id: String(id),
  Code,
  SenderFault,
  Message: 'no',
});
const entriesOf = (request: SentRequest) =>
  (request.json as { Entries: { Id: string; MessageBody: string }[] }).Entries;

describe('send', () => {
  test('sends tens, with everything that a message has', async () => {
    const aws = scriptedAws(json(sent([0, 'one'], [1, 'two'])));

    await queueOver(aws).send([
      { body: 'one', groupId: 'i-1', deduplicationId: 'key-1', attributes: { 'smart-vault.code': 'DENIED' } },
      { body: 'two', delaySeconds: 900 },
    ]);

    expect(aws.requests).toEqual([
      {
        method: 'POST',
        host: 'sqs.us-east-1.amazonaws.com',
        path: '/',
        target: 'AmazonSQS.SendMessageBatch',
        json: {
          QueueUrl: URL,
          Entries: [
            {
              Id: '0',
              MessageBody: 'one',
              MessageGroupId: 'i-1',
              MessageDeduplicationId: 'key-1',
              MessageAttributes: { 'smart-vault.code': { DataType: 'String', StringValue: 'DENIED' } },
            },
            { Id: '1', MessageBody: 'two', DelaySeconds: 900 },
          ],
        },
      },
    ]);
  });

  test('sends 23 messages in three calls, in order', async () => {
    const aws = scriptedAws(allSent(0, 10), allSent(10, 10), allSent(20, 3));

    await queueOver(aws).send(bodies(23));

    expect(aws.requests.map((request) => entriesOf(request).length)).toEqual([10, 10, 3]);
    expect(aws.requests.flatMap((request) => entriesOf(request).map((entry) => entry.MessageBody))).toEqual(
      bodies(23).map(({ body }) => body),
    );
  });

  test('keeps a call within 1 MiB, in bytes and not in characters', async () => {
    const half = 'ü'.repeat(262_144); // 524,288 bytes
    const aws = scriptedAws(json(sent([0, half], [1, half])), json(sent([2, 'x'])));

    await queueOver(aws).send([{ body: half }, { body: half }, { body: 'x' }]);

    expect(aws.requests.map((request) => entriesOf(request).map(({ Id }) => Id))).toEqual([
      ['0', '1'],
      ['2'],
    ]);
  });

  test('counts attributes as bytes too', async () => {
    const aws = scriptedAws(json(sent([0, 'a'.repeat(1_048_570)])), json(sent([1, 'b'])));

    // 1,048,570 bytes and 1 + 6 ("String") + 5 of an attribute are more than a call takes.
    const full = { body: 'a'.repeat(1_048_570) };
    await queueOver(aws).send([full, { body: 'b', attributes: { n: 'value' } }]);

    expect(aws.requests).toHaveLength(2);
  });

  test('refuses a message that no call can take, before anything is sent', async () => {
    const aws = scriptedAws();

    const sending = queueOver(aws).send([{ body: 'ok' }, { body: 'x'.repeat(1_048_577) }]);

    await expect(sending).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('message 1'),
    });
    expect(aws.requests).toEqual([]);
  });

  test('leaves out empty attributes and characters that SQS does not take', async () => {
    const aws = scriptedAws(json(sent([0, 'b'])));

    await queueOver(aws).send([{ body: 'b', attributes: { empty: '', cause: 'a\u0000b\uffffc\ud800d\n' } }]);

    expect(aws.requests[0]?.json).toMatchObject({
      Entries: [{ MessageAttributes: { cause: { DataType: 'String', StringValue: 'a b c\ufffdd\n' } } }],
    });
    expect(JSON.stringify(aws.requests[0]?.json)).not.toContain('empty');
  });

  test('sends nothing when there is nothing', async () => {
    const aws = scriptedAws();

    await queueOver(aws).send([]);

    expect(aws.requests).toEqual([]);
  });

  test('sends again what SQS refused for a reason of its own, and only that', async () => {
    const aws = scriptedAws(
      json({ ...sent([0, 'body 0'], [2, 'body 2']), Failed: [failed(1, 'InternalError', false)] }),
      json({ Failed: [failed(1, 'RequestThrottled', false)] }),
      json(sent([1, 'body 1'])),
    );

    await queueOver(aws).send(bodies(3));

    expect(aws.requests.map((request) => entriesOf(request).map(({ Id }) => Id))).toEqual([
      ['0', '1', '2'],
      ['1'],
      ['1'],
    ]);
    expect(aws.waits).toEqual([499, 999]);
  });

  test('sends again what the answer does not mention', async () => {
    const aws = scriptedAws(json(sent([0, 'body 0'])), json(sent([1, 'body 1'])));

    await queueOver(aws).send(bodies(2));

    expect(aws.requests.map((request) => entriesOf(request).map(({ Id }) => Id))).toEqual([
      ['0', '1'],
      ['1'],
    ]);
  });

  test('gives up after four times, with what SQS said', async () => {
    const refusal = json({ Failed: [failed(0, 'InternalError', false)] });
    const aws = scriptedAws(refusal, refusal, refusal, refusal, refusal);

    await expect(queueOver(aws).send(bodies(1))).rejects.toMatchObject({
      code: 'TRANSIENT',
      message: 'SendMessageBatch: 1 of 1 messages refused, first InternalError: no',
    });

    expect(aws.unused()).toBe(1);
  });

  test('does not repeat what is our own fault, but sends the rest before it throws', async () => {
    const aws = scriptedAws(
      json({
        ...sent(...Array.from({ length: 9 }, (_, i): [number, string] => [i + 1, `body ${i + 1}`])),
        Failed: [failed(0, 'InvalidMessageContents', true)],
      }),
      allSent(10, 2),
    );

    await expect(queueOver(aws).send(bodies(12))).rejects.toMatchObject({
      code: 'INVALID',
      details: { awsCode: 'InvalidMessageContents', refused: 1, of: 12 },
    });

    expect(aws.unused()).toBe(0);
  });

  test('repeats a call whose answer was lost: consumers bear a message that comes twice', async () => {
    const aws = scriptedAws(lostAnswer(), allSent(0, 1));

    await queueOver(aws).send(bodies(1));

    expect(aws.requests).toHaveLength(2);
  });

  test('says CONFIG when there is no such queue', async () => {
    const aws = scriptedAws(
      json(
        { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'The specified queue does not exist.' },
        400,
      ),
    );

    await expect(queueOver(aws).send(bodies(1))).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'SendMessageBatch: QueueDoesNotExist: The specified queue does not exist.',
    });
  });
});

describe('receive', () => {
  const message = (id: number, extra = {}) => ({
    MessageId: `m${id}`,
    ReceiptHandle: `r${id}`,
    Body: `body ${id}`,
    MD5OfBody: md5(`body ${id}`),
    Attributes: { SentTimestamp: '1790349600000', ApproximateReceiveCount: '2' },
    ...extra,
  });
  const some = (first: number, count: number) =>
    json({ Messages: Array.from({ length: count }, (_, index) => message(first + index)) });

  test('asks without waiting, for every fact that a message has', async () => {
    const aws = scriptedAws(
      json({
        Messages: [
          message(1, {
            Attributes: {
              SentTimestamp: '1790349600000',
              ApproximateReceiveCount: '3',
              MessageGroupId: 'i-1',
            },
            MessageAttributes: { 'smart-vault.cause': { DataType: 'String', StringValue: 'why' } },
          }),
        ],
      }),
    );

    const received = await queueOver(aws).receive(1, { visibilityTimeoutSeconds: 400 });

    expect(received).toEqual([
      {
        id: 'm1',
        body: 'body 1',
        receipt: 'r1',
        receiveCount: 3,
        sentAt: 1_790_349_600_000,
        groupId: 'i-1',
        attributes: { 'smart-vault.cause': 'why' },
      },
    ]);
    expect(aws.requests).toEqual([
      {
        method: 'POST',
        host: 'sqs.us-east-1.amazonaws.com',
        path: '/',
        target: 'AmazonSQS.ReceiveMessage',
        json: {
          QueueUrl: URL,
          MaxNumberOfMessages: 1,
          WaitTimeSeconds: 0,
          VisibilityTimeout: 400,
          MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount', 'MessageGroupId'],
          MessageAttributeNames: ['All'],
        },
      },
    ]);
  });

  test('asks again until an answer is empty: SQS may give fewer than there are', async () => {
    const aws = scriptedAws(some(0, 10), some(10, 1), some(11, 4), json({}), some(99, 1));

    const received = await queueOver(aws).receive(30);

    expect(received.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, index) => `m${index}`));
    expect(
      aws.requests.map((request) => (request.json as { MaxNumberOfMessages: number }).MaxNumberOfMessages),
    ).toEqual([10, 10, 10, 10]);
  });

  test('never asks for more than are wanted', async () => {
    const aws = scriptedAws(some(0, 10), some(10, 2));

    await expect(queueOver(aws).receive(12)).resolves.toHaveLength(12);

    expect(
      aws.requests.map((request) => (request.json as { MaxNumberOfMessages: number }).MaxNumberOfMessages),
    ).toEqual([10, 2]);
  });

  test('asks nothing when none are wanted', async () => {
    const aws = scriptedAws();

    await expect(queueOver(aws).receive(0)).resolves.toEqual([]);
    expect(aws.requests).toEqual([]);
  });

  test('keeps what is in hand when a later call fails', async () => {
    const denied = json({ __type: 'com.amazonaws.sqs#KmsAccessDenied', message: 'no' }, 400);
    const aws = scriptedAws(some(0, 10), denied, denied);
    const queue = queueOver(aws);

    await expect(queue.receive(20)).resolves.toHaveLength(10);
    await expect(queue.receive(20)).rejects.toMatchObject({ code: 'DENIED' });
  });

  test('does not guess how often a message was received', async () => {
    const aws = scriptedAws(json({ Messages: [message(1, { Attributes: { SentTimestamp: '1' } })] }));

    await expect(queueOver(aws).receive(1)).rejects.toMatchObject({ code: 'CONTRACT' });
  });
});

describe('a message in hand', () => {
  const inHand = { id: 'm1', body: 'b', receipt: 'r1', receiveCount: 1, sentAt: 0, attributes: {} };

  test('is deleted by its receipt', async () => {
    const aws = scriptedAws(json({}));

    await queueOver(aws).delete(inHand);

    expect(aws.requests).toMatchObject([
      { target: 'AmazonSQS.DeleteMessage', json: { QueueUrl: URL, ReceiptHandle: 'r1' } },
    ]);
  });

  test.each([
    [0, 0],
    [119.2, 120],
    [-5, 0],
    [50_000, 43_200],
  ])('is hidden for %d seconds as %d, within what SQS takes', async (seconds, taken) => {
    const aws = scriptedAws(json({}));

    await queueOver(aws).changeVisibility(inHand, seconds);

    expect(aws.requests).toMatchObject([
      {
        target: 'AmazonSQS.ChangeMessageVisibility',
        json: { QueueUrl: URL, ReceiptHandle: 'r1', VisibilityTimeout: taken },
      },
    ]);
  });

  test('that is no longer ours is NOT_FOUND', async () => {
    const aws = scriptedAws(json({ __type: 'com.amazonaws.sqs#MessageNotInflight', message: 'gone' }, 400));

    await expect(queueOver(aws).changeVisibility(inHand, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('depth gives the three numbers of SQS', async () => {
  const aws = scriptedAws(
    json({
      Attributes: {
        ApproximateNumberOfMessages: '7',
        ApproximateNumberOfMessagesNotVisible: '2',
        ApproximateNumberOfMessagesDelayed: '0',
      },
    }),
  );

  await expect(queueOver(aws).depth()).resolves.toEqual({ visible: 7, inFlight: 2, delayed: 0 });

  expect(aws.requests).toMatchObject([
    {
      target: 'AmazonSQS.GetQueueAttributes',
      json: {
        QueueUrl: URL,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      },
    },
  ]);
});

test('a queue is FIFO by its name', () => {
  expect(queueOver(scriptedAws()).fifo).toBe(true);
  expect(queueOver(scriptedAws(), STANDARD_URL).fifo).toBe(false);
});

test('the URL of a queue does not decide whom we talk to', async () => {
  const aws = scriptedAws(json({}));
  const queue = queueOver(aws, 'https://sqs.evil.example/000000000000/q');

  await queue.receive(1);

  expect(aws.requests[0]?.host).toBe('sqs.us-east-1.amazonaws.com');
});
