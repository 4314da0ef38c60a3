import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { aQueue, aQueueWithDeadLetters, codeOf, text } from './queue-calls.ts';
import { arnOf, openSides } from './sides.ts';

const sides = await openSides();
afterAll(() => Promise.all(sides.map((side) => side.close())));

describe.each(sides)('a standard queue of $name', (side) => {
  it('hands over what was sent, with digests, attributes and times', async () => {
    const queue = await aQueue(side);
    const sentAt = side.now();
    const attributes = { cause: text('denied'), tries: { DataType: 'Number', StringValue: '3' } };
    const sent = await queue.send('{"a":1}', { MessageAttributes: attributes });
    side.advance(7);

    const { message } = await queue.receiveOne();

    expect(message).toEqual({
      MessageId: sent.MessageId,
      ReceiptHandle: message.ReceiptHandle,
      Body: '{"a":1}',
      MD5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes: attributes,
      Attributes: {
        SenderId: '000000000000',
        SentTimestamp: String(sentAt),
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: String(sentAt + 7_000),
      },
    });
    expect(sent.MD5OfMessageBody).toBe('bb6cb5c68df4652941caf652a366f2d8');
    expect(sent.MD5OfMessageAttributes).toBe('86690baf323de1160db06df1c3c06212');
  });

  it('gives the attributes that are asked for', async () => {
    const queue = await aQueue(side);
    await queue.send('a', { MessageAttributes: { one: text('1'), two: text('2') } });

    const { message } = await queue.receiveOne({
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      MessageAttributeNames: ['two'],
    });

    expect(message.Attributes).toEqual({ ApproximateReceiveCount: '1' });
    expect(message.MessageAttributes).toEqual({ two: text('2') });
  });

  it('hands a message out once while its visibility timeout lasts, and again after it', async () => {
    const queue = await aQueue(side, { visibilityTimeoutSeconds: 40 });
    await queue.send('a');

    const first = await queue.receiveOne();
    side.advance(39);
    const early = await queue.bodies();
    side.advance(1);
    const again = await queue.receiveOne();

    expect(early).toEqual([]);
    expect(again.id).toBe(first.id);
    expect(again.receipt).not.toBe(first.receipt);
    expect(again.system['ApproximateReceiveCount']).toBe('2');
    expect(again.system['ApproximateFirstReceiveTimestamp']).toBe(
      first.system['ApproximateFirstReceiveTimestamp'],
    );
  });

  it('deletes for good what is deleted with its receipt', async () => {
    const queue = await aQueue(side);
    await queue.send('a');
    const { receipt } = await queue.receiveOne();

    await queue.remove(receipt);
    await queue.remove(receipt);
    side.advance(60);

    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('deletes with a receipt whose timeout is over, until the message is received again', async () => {
    const queue = await aQueue(side);
    await queue.send('a');
    const { receipt } = await queue.receiveOne();
    side.advance(30);

    await queue.remove(receipt);

    expect(await queue.bodies()).toEqual([]);
  });

  it('does not delete with a receipt of an earlier receive', async () => {
    const queue = await aQueue(side);
    await queue.send('a');
    const { receipt } = await queue.receiveOne();
    side.advance(30);
    await queue.receiveOne();

    expect(await codeOf(queue.remove(receipt))).toBe('taken');
    side.advance(30);

    expect(await queue.bodies()).toEqual(['a']);
  });

  it('takes the visibility timeout of the receive instead of the queue', async () => {
    const queue = await aQueue(side, { visibilityTimeoutSeconds: 30 });
    await queue.send('a');

    await queue.receiveOne({ VisibilityTimeout: 5 });
    side.advance(5);

    expect(await queue.bodies()).toEqual(['a']);
  });

  it('hides a message for longer, or shows it at once', async () => {
    const queue = await aQueue(side);
    await queue.send('a');
    const { receipt } = await queue.receiveOne();

    await queue.hide(receipt, 100);
    side.advance(99);
    const early = await queue.bodies();
    await queue.hide(receipt, 0);
    const late = await queue.bodies();

    expect([early, late]).toEqual([[], ['a']]);
  });

  it('counts what is visible, in flight and delayed', async () => {
    const queue = await aQueue(side);
    await Promise.all([queue.send('a'), queue.send('b'), queue.send('c', { DelaySeconds: 60 })]);
    await queue.receiveAll({ MaxNumberOfMessages: 1 });

    expect(await queue.counts()).toEqual([1, 1, 1]);
    side.advance(60);
    await queue.receiveAll({ MaxNumberOfMessages: 1, VisibilityTimeout: 10 });
    expect(await queue.counts()).toEqual([2, 1, 0]);
  });

  it('shows a message when its delay is over, its own or that of the queue', async () => {
    const queue = await aQueue(side, { delaySeconds: 10 });
    await queue.send('of the queue');
    await queue.send('own', { DelaySeconds: 20 });
    await queue.send('none', { DelaySeconds: 0 });

    const at0 = await queue.bodies();
    side.advance(10);
    const at10 = await queue.bodies();
    side.advance(10);
    const at20 = await queue.bodies();

    expect([at0, at10, at20]).toEqual([['none'], ['of the queue'], ['own']]);
  });

  it('moves a message to the dead-letter queue at the receive that would be one too many', async () => {
    const { queue, dead } = await aQueueWithDeadLetters(side);
    const { MessageId } = await queue.send('poison', { MessageAttributes: { cause: text('x') } });
    const sentAt = side.now();
    for (let receives = 0; receives < 2; receives += 1) {
      await queue.receiveOne();
      side.advance(30);
    }
    const before = await dead.counts();
    const third = await queue.bodies();

    const letter = await dead.receiveOne();

    expect([before, third]).toEqual([[0, 0, 0], []]);
    expect(letter.id).toBe(MessageId);
    expect(letter.system['SentTimestamp']).toBe(String(sentAt));
    expect(letter.message.MessageAttributes).toEqual({ cause: text('x') });
    expect(await queue.counts()).toEqual([0, 0, 0]);
  });

  it('forgets everything when it is purged', async () => {
    const queue = await aQueue(side);
    await Promise.all([queue.send('a'), queue.send('b'), queue.send('c', { DelaySeconds: 60 })]);
    await queue.receiveAll({ MaxNumberOfMessages: 1 });

    await side.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
    side.advance(60);

    expect(await queue.counts()).toEqual([0, 0, 0]);
    expect(await queue.bodies()).toEqual([]);
  });

  it('tells its attributes', async () => {
    const dead = await aQueue(side);
    const redrive = { deadLetterName: dead.name, maxReceiveCount: 5 };
    const queue = await aQueue(side, { visibilityTimeoutSeconds: 90, retentionSeconds: 600, redrive });

    const command = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['All'] });
    const { Attributes } = await side.sqs.send(command);

    const createdAt = String(side.now() / 1000);
    expect(Attributes).toEqual({
      QueueArn: arnOf(queue.name),
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: createdAt,
      LastModifiedTimestamp: createdAt,
      VisibilityTimeout: '90',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(dead.name), maxReceiveCount: 5 }),
    });
  });

  it('is found by its name, and listed by prefix in pages', async () => {
    const names = ['list-c', 'list-a', 'list-b'];
    for (const name of names) await aQueue(side, { name });
    const list = async (NextToken?: string) => {
      const command = new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2, NextToken });
      const { QueueUrls = [], NextToken: next } = await side.sqs.send(command);
      return { names: QueueUrls.map((url) => url.slice(url.lastIndexOf('/') + 1)), next };
    };

    const first = await list();
    const second = await list(first.next);
    const found = await side.sqs.send(new GetQueueUrlCommand({ QueueName: 'list-b' }));

    expect(first.names).toEqual(['list-a', 'list-b']);
    expect(second).toEqual({ names: ['list-c'], next: undefined });
    expect(found.QueueUrl?.endsWith('/list-b')).toBe(true);
  });

  it.each([
    ['an empty body', { MessageBody: '' }, 'MissingParameter'],
    ['a control character', { MessageBody: 'a\u0007' }, 'InvalidMessageContents'],
    ['more bytes than it takes', { MessageBody: 'ä'.repeat(600) }, 'InvalidParameterValue'],
    [
      'more bytes with its attributes',
      { MessageBody: 'a'.repeat(1_014), MessageAttributes: { name: text('b') } },
      'InvalidParameterValue',
    ],
    [
      'as many bytes as it takes',
      { MessageBody: 'a'.repeat(1_013), MessageAttributes: { name: text('b') } },
      'taken',
    ],
  ])('answers a message with %s', async (_, input, code) => {
    const queue = await aQueue(side, { messageBytesMax: 1_024 });

    expect(await codeOf(queue.send('x', input))).toBe(code);
  });

  it.each([
    [{ MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
    [{ MaxNumberOfMessages: 0 }, 'InvalidParameterValue'],
    [{ WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
    [{ VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
  ])('refuses to receive with %o', async (input, code) => {
    const queue = await aQueue(side);

    expect(await codeOf(queue.receiveAll(input))).toBe(code);
  });

  it('refuses a visibility timeout of more than 12 hours', async () => {
    const queue = await aQueue(side);
    await queue.send('a');
    const { receipt } = await queue.receiveOne();

    expect(await codeOf(queue.hide(receipt, 43_201))).toBe('InvalidParameterValue');
  });

  it('does not exist under another name', async () => {
    const queue = await aQueue(side);
    const calls = [
      side.sqs.send(new GetQueueUrlCommand({ QueueName: 'nobody' })),
      side.sqs.send(new PurgeQueueCommand({ QueueUrl: `${queue.url}-nobody` })),
      queue.send('a', { QueueUrl: `${queue.url}-nobody` }),
      queue.receiveAll({ QueueUrl: `${queue.url}-nobody` }),
    ];

    expect(await Promise.all(calls.map(codeOf))).toEqual(Array(4).fill('QueueDoesNotExist'));
  });
});
