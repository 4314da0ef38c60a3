import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { QueueSpec } from '@smart-vault/simulator';
import type { Side } from './sides.ts';

let created = 0;

/** A queue of its own on one side, and short ways to call it. */
export async function aQueue(side: Side, spec: Partial<QueueSpec> = {}) {
  created += 1;
  const name = spec.name ?? `q${created}${spec.fifo ? '.fifo' : ''}`;
  const QueueUrl = await side.createQueue({ ...spec, name });
  const receiveAll = async (input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...input,
    });
    return (await side.sqs.send(command)).Messages ?? [];
  };
  return {
    name,
    url: QueueUrl,
    send: (body: string, input: Partial<SendMessageCommandInput> = {}) =>
      side.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...input })),
    receiveAll,
    /** Bodies of one receive, in alphabetical order: a standard queue promises none. */
    bodies: async (input: Partial<ReceiveMessageCommandInput> = {}): Promise<string[]> =>
      (await receiveAll(input)).map(({ Body = '' }) => Body).sort(),
    /** @throws when there is not exactly one */
    receiveOne: async (input: Partial<ReceiveMessageCommandInput> = {}) => {
      const [message, ...others] = await receiveAll(input);
      if (message === undefined || others.length > 0)
        throw new Error(`${name}: received ${message === undefined ? 0 : others.length + 1} messages, not 1`);
      const { ReceiptHandle: receipt = '', Body: body, Attributes: system = {} } = message;
      return { receipt, body, id: message.MessageId, system, message };
    },
    remove: (receipt: string) =>
      side.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt })),
    hide: (receipt: string, seconds: number) =>
      side.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receipt, VisibilityTimeout: seconds }),
      ),
    /** Visible, in flight, delayed. */
    counts: async (): Promise<number[]> => {
      const names = ['', 'NotVisible', 'Delayed'].map(
        (kind) => `ApproximateNumberOfMessages${kind}` as const,
      );
      const command = new GetQueueAttributesCommand({
        QueueUrl,
        AttributeNames: names as 'ApproximateNumberOfMessages'[],
      });
      const { Attributes = {} } = await side.sqs.send(command);
      return names.map((attribute) => Number((Attributes as Record<string, string>)[attribute]));
    },
  };
}

/** A queue whose messages go to a dead-letter queue when they would be received more than twice. */
export async function aQueueWithDeadLetters(side: Side, spec: Partial<QueueSpec> = {}) {
  const dead = await aQueue(side, { fifo: spec.fifo ?? false });
  const queue = await aQueue(side, {
    ...spec,
    redrive: { deadLetterName: dead.name, maxReceiveCount: 2 },
  });
  return { queue, dead };
}

/** AWS's code of what a call ends with, as the SDK tells it. */
export async function nameOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'taken';
  } catch (error) {
    return (error as Error).name;
  }
}

/** The same without the prefix that fauxqs puts before every code (see `differences.test.ts`). */
export const codeOf = async (call: Promise<unknown>): Promise<string> =>
  (await nameOf(call)).replace('AWS.SimpleQueueService.', '');

export const group = (MessageGroupId: string, MessageDeduplicationId?: string) => ({
  MessageGroupId,
  ...(MessageDeduplicationId === undefined ? {} : { MessageDeduplicationId }),
});
export const text = (value: string) => ({ DataType: 'String', StringValue: value });
