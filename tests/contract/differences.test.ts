import { PublishCommand } from '@aws-sdk/client-sns';
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { aQueue, aQueueWithDeadLetters, codeOf, group, nameOf, text } from './queue-calls.ts';
import { arnOf, openSides, type Side } from './sides.ts';

const sides = await openSides();
afterAll(() => Promise.all(sides.map((side) => side.close())));

/**
 * Where fauxqs 2.4.1 does not do as AWS does, and the model does. Each is held against both, so that a difference
 * that goes away fails here and is taken out.
 */
interface Difference {
  readonly what: string;
  /** What AWS does, and where that is said. */
  readonly reason: string;
  probe(side: Side): Promise<unknown>;
  readonly model: unknown;
  readonly fauxqs: unknown;
}

const publish = async (side: Side, Subject: string) => {
  const TopicArn = await side.createTopic('subjects');
  return await codeOf(side.sns.send(new PublishCommand({ TopicArn, Subject, Message: 'm' })));
};

const deadLetter = async (side: Side, fifo: boolean) => {
  const { queue, dead } = await aQueueWithDeadLetters(side, { fifo });
  const { MessageId: id = '' } = await queue.send('a', fifo ? group('a', 'key') : {});
  for (let receives = 0; receives < 2; receives += 1) {
    await queue.receiveOne();
    side.advance(30);
  }
  await queue.bodies();
  return { queue, dead, id, letter: await dead.receiveOne() };
};

const STANDARD: readonly Difference[] = [
  {
    what: 'nonsense is no receipt',
    reason: 'ReceiptHandleIsInvalid (API reference, DeleteMessage)',
    probe: async (side) => codeOf((await aQueue(side)).remove('nonsense')),
    model: 'ReceiptHandleIsInvalid',
    fauxqs: 'taken',
  },
  {
    what: 'the receipt of another queue is no receipt',
    reason: 'ReceiptHandleIsInvalid (AWS knowledge centre, "sqs-receipt-handle-error")',
    probe: async (side) => {
      const [one, other] = [await aQueue(side), await aQueue(side)];
      await one.send('a');
      const { receipt } = await one.receiveOne();
      return await codeOf(
        side.sqs.send(new DeleteMessageCommand({ QueueUrl: other.url, ReceiptHandle: receipt })),
      );
    },
    model: 'ReceiptHandleIsInvalid',
    fauxqs: 'taken',
  },
  {
    what: 'a deleted message cannot be hidden',
    reason:
      'InvalidParameterValue is what SQS answers (aws-sdk-net issue 1927); MessageNotInflight is only documented',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a');
      const { receipt } = await queue.receiveOne();
      await queue.remove(receipt);
      return await codeOf(queue.hide(receipt, 10));
    },
    model: 'InvalidParameterValue',
    fauxqs: 'MessageNotInflight',
  },
  {
    what: 'hiding a message whose timeout is over does nothing',
    reason: 'SQS answers OK and changes nothing (localstack pull request 9632, checked there against AWS)',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a');
      const { receipt } = await queue.receiveOne();
      side.advance(30);
      const code = await codeOf(queue.hide(receipt, 10));
      return [code, await queue.bodies()];
    },
    model: ['taken', ['a']],
    fauxqs: ['taken', []],
  },
  {
    what: 'a message is hidden for 12 hours in all',
    reason:
      'The 12 hours count from the receive and extending does not begin them anew (developer guide, "visibility timeout")',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a');
      const { receipt } = await queue.receiveOne();
      side.advance(10);
      return [await codeOf(queue.hide(receipt, 43_191)), await codeOf(queue.hide(receipt, 43_190))];
    },
    model: ['InvalidParameterValue', 'taken'],
    fauxqs: ['taken', 'taken'],
  },
  {
    what: 'counters follow the time',
    reason: 'fauxqs moves what is due only when something is received',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a', { DelaySeconds: 10 });
      side.advance(10);
      return await queue.counts();
    },
    model: [1, 0, 0],
    fauxqs: [0, 0, 1],
  },
  {
    what: 'messages go when their retention is over',
    reason: 'fauxqs keeps them for ever',
    probe: async (side) => {
      const queue = await aQueue(side, { retentionSeconds: 600 });
      await queue.send('a');
      side.advance(601);
      return await queue.bodies();
    },
    model: [],
    fauxqs: ['a'],
  },
  {
    what: 'order is not kept',
    reason:
      'Standard queues have best-effort ordering (developer guide, "standard queues"); the model mixes by its seed',
    probe: async (side) => {
      const queue = await aQueue(side);
      const sent = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      for (const body of sent) await queue.send(body);
      const received = (await queue.receiveAll()).map(({ Body }) => Body);
      return received.join() === sent.join();
    },
    model: false,
    fauxqs: true,
  },
  {
    what: 'attributes come only when they are asked for',
    reason: 'MessageAttributeNames of ReceiveMessage (API reference)',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a', { MessageAttributes: { cause: text('x') } });
      return Object.keys(
        (await queue.receiveOne({ MessageAttributeNames: [] })).message.MessageAttributes ?? {},
      );
    },
    model: [],
    fauxqs: ['cause'],
  },
  {
    what: 'characters beyond the first plane are taken',
    reason: '#x10000 to #x10FFFF are legal (API reference, SendMessage)',
    probe: async (side) => codeOf((await aQueue(side)).send('backup 💾')),
    model: 'taken',
    fauxqs: 'InvalidMessageContents',
  },
  {
    what: 'an attribute must have a value',
    reason: 'Name, type and value must not be empty (developer guide, "message metadata")',
    probe: async (side) => codeOf((await aQueue(side)).send('a', { MessageAttributes: { cause: text('') } })),
    model: 'InvalidParameterValue',
    fauxqs: 'taken',
  },
  {
    what: 'ten attributes at most',
    reason: 'Quota (developer guide, "quotas related to messages")',
    probe: async (side) => {
      const MessageAttributes = Object.fromEntries(
        Array.from({ length: 11 }, (_, at) => [`a${at}`, text('x')]),
      );
      return await codeOf((await aQueue(side)).send('a', { MessageAttributes }));
    },
    model: 'InvalidParameterValue',
    fauxqs: 'taken',
  },
  {
    what: 'a delay of 15 minutes at most',
    reason: 'DelaySeconds is 0 to 900 (API reference, SendMessage)',
    probe: async (side) => codeOf((await aQueue(side)).send('a', { DelaySeconds: 901 })),
    model: 'InvalidParameterValue',
    fauxqs: 'taken',
  },
  {
    what: 'a standard queue takes no deduplication id',
    reason: 'The parameter applies to FIFO queues only (API reference, SendMessage)',
    probe: async (side) => codeOf((await aQueue(side)).send('a', { MessageDeduplicationId: 'a' })),
    model: 'InvalidParameterValue',
    fauxqs: 'taken',
  },
  {
    what: 'a standard queue keeps the group of a message',
    reason: 'Fair queues take MessageGroupId (developer guide, "fair queues")',
    probe: async (side) => {
      const queue = await aQueue(side);
      await queue.send('a', group('tenant'));
      return (await queue.receiveOne()).system['MessageGroupId'];
    },
    model: 'tenant',
    fauxqs: undefined,
  },
  {
    what: 'ids of batch entries have 80 characters at most',
    reason: 'InvalidBatchEntryId (API reference, SendMessageBatch)',
    probe: async (side) => {
      const Entries = [{ Id: 'a'.repeat(81), MessageBody: 'a' }];
      const command = new SendMessageBatchCommand({ QueueUrl: (await aQueue(side)).url, Entries });
      return await codeOf(side.sqs.send(command));
    },
    model: 'InvalidBatchEntryId',
    fauxqs: 'taken',
  },
  {
    what: 'one purge a minute',
    reason: 'PurgeQueueInProgress (API reference, PurgeQueue)',
    probe: async (side) => {
      const { url: QueueUrl } = await aQueue(side);
      await side.sqs.send(new PurgeQueueCommand({ QueueUrl }));
      return await codeOf(side.sqs.send(new PurgeQueueCommand({ QueueUrl })));
    },
    model: 'PurgeQueueInProgress',
    fauxqs: 'taken',
  },
  {
    what: 'codes stand without a prefix',
    reason:
      'fauxqs puts AWS.SimpleQueueService. before the query code of every error; AWS only where its model says so',
    probe: async (side) => nameOf((await aQueue(side)).receiveAll({ MaxNumberOfMessages: 11 })),
    model: 'InvalidParameterValue',
    fauxqs: 'AWS.SimpleQueueService.InvalidParameterValue',
  },
];

const DEAD_LETTERS: readonly Difference[] = [
  {
    what: 'the receive that moves a message is none',
    reason:
      'ApproximateReceiveCount counts receives across all queues (API reference); nobody received it then',
    probe: async (side) => (await deadLetter(side, false)).letter.system['ApproximateReceiveCount'],
    model: '3',
    fauxqs: '4',
  },
  {
    what: 'a dead letter tells where it came from',
    reason: 'DeadLetterQueueSourceArn (API reference, MessageSystemAttributeName)',
    probe: async (side) => {
      const { queue, letter } = await deadLetter(side, false);
      return letter.system['DeadLetterQueueSourceArn'] === arnOf(queue.name);
    },
    model: true,
    fauxqs: false,
  },
  {
    what: 'in a FIFO dead-letter queue the message id becomes the deduplication id',
    reason:
      'So that letters of the same id do not hide each other (developer guide, "dead-letter queue redrive")',
    probe: async (side) => {
      const { id, letter } = await deadLetter(side, true);
      return letter.system['MessageDeduplicationId'] === id ? 'message id' : 'kept';
    },
    model: 'message id',
    fauxqs: 'kept',
  },
  {
    what: 'dead letters can be moved back',
    reason: 'fauxqs has no message move tasks',
    probe: async (side) => {
      const { queue, dead, letter } = await deadLetter(side, false);
      await dead.hide(letter.receipt, 0);
      const command = new StartMessageMoveTaskCommand({ SourceArn: arnOf(dead.name) });
      return [await codeOf(side.sqs.send(command)), await queue.bodies()];
    },
    model: ['taken', ['a']],
    fauxqs: ['InvalidAction', []],
  },
];

const FIFO: readonly Difference[] = [
  {
    what: 'one receive takes several messages of a group',
    reason: 'SQS returns as many of a group as it can (developer guide, "FIFO queue delivery logic")',
    probe: async (side) => {
      const queue = await aQueue(side, { fifo: true });
      for (const body of ['a1', 'a2', 'a3']) await queue.send(body, group('a', body));
      return await queue.bodies();
    },
    model: ['a1', 'a2', 'a3'],
    fauxqs: ['a1'],
  },
  {
    what: 'a receipt expires with its timeout',
    reason:
      'InvalidParameterValue, "The receipt handle has expired" (AWS knowledge centre, "sqs-receipt-handle-error")',
    probe: async (side) => {
      const queue = await aQueue(side, { fifo: true });
      await queue.send('a', group('a', 'a'));
      const { receipt } = await queue.receiveOne();
      side.advance(30);
      return [await codeOf(queue.remove(receipt)), await queue.bodies()];
    },
    model: ['InvalidParameterValue', ['a']],
    fauxqs: ['taken', []],
  },
  {
    what: 'a group id has no blanks',
    reason: 'Alphanumeric characters and punctuation, 128 at most (API reference, SendMessage)',
    probe: async (side) => codeOf((await aQueue(side, { fifo: true })).send('a', group('a b', '1'))),
    model: 'InvalidParameterValue',
    fauxqs: 'taken',
  },
];

const SUBJECT =
  'A subject is UTF-8 text of less than 100 characters without line breaks and control characters (API reference, Publish)';
const SUBJECTS: readonly Difference[] = [
  { what: 'a subject with a line break', value: 'a\nb' },
  { what: 'a subject with a control character', value: 'a\u0007' },
  { what: 'a subject of 100 characters', value: 'x'.repeat(100) },
].map(({ what, value }) => ({
  what: `${what} is refused`,
  reason: SUBJECT,
  probe: (side: Side) => publish(side, value),
  model: 'InvalidParameterException',
  fauxqs: 'taken',
}));

describe.each(sides)('where they differ: $name', (side) => {
  it.each([...STANDARD, ...DEAD_LETTERS, ...FIFO, ...SUBJECTS])('$what', async (difference) => {
    expect(await difference.probe(side), difference.reason).toEqual(difference[side.name]);
  });
});
