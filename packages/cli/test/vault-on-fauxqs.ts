import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { DEAD_LETTER_ATTRIBUTE } from '@smart-vault/core';
import { startFauxqs } from 'fauxqs';

const REGION = 'us-east-1';
const arnOf = (name: string): string => `arn:aws:sqs:${REGION}:000000000000:${name}`;

/** The queues of a small vault on a real SQS-compatible server, and a client to look at them. */
export async function startVault() {
  const server = await startFauxqs({ port: 0, logger: false, defaultRegion: REGION });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new SQSClient({
    region: REGION,
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const urls = new Map<string, string>();

  const createQueue = async (name: string, deadLetterQueue?: string): Promise<void> => {
    const redrive = { deadLetterTargetArn: arnOf(deadLetterQueue ?? ''), maxReceiveCount: 5 };
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: {
          ...(name.endsWith('.fifo') && { FifoQueue: 'true' }),
          ...(deadLetterQueue !== undefined && { RedrivePolicy: JSON.stringify(redrive) }),
        },
      }),
    );
    urls.set(name, QueueUrl);
  };
  await createQueue('v-volumes-dlq.fifo');
  await createQueue('v-volumes.fifo', 'v-volumes-dlq.fifo');
  await createQueue('v-copies-eu-west-1-dlq');
  await createQueue('v-copies-eu-west-1', 'v-copies-eu-west-1-dlq');
  await createQueue('v-copier-wakeups.fifo');
  await createQueue('v-snapshotter-wakeups.fifo');
  await createQueue('v-jobs-dlq');

  return {
    endpoint,
    region: REGION,
    stop: () => server.stop(),
    bodiesIn: (name: string) => {
      const messages = server.inspectQueue(name)?.messages;
      return [...(messages?.ready ?? []), ...(messages?.inflight.map(({ message }) => message) ?? [])]
        .map(({ body }) => body)
        .sort();
    },
    visibleIn: async (name: string) => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: urls.get(name), AttributeNames: ['All'] }),
      );
      return Number(Attributes?.['ApproximateNumberOfMessages']);
    },
    addLetter: async (name: string, letter: { body: string; cause?: string; attempts?: number }) => {
      const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
      await client.send(
        new SendMessageCommand({
          QueueUrl: urls.get(name),
          MessageBody: letter.body,
          ...(name.endsWith('.fifo') && {
            MessageGroupId: 'vol-11111111',
            MessageDeduplicationId: letter.body,
          }),
          ...(letter.cause !== undefined && {
            MessageAttributes: {
              [DEAD_LETTER_ATTRIBUTE.code]: attribute('DENIED'),
              [DEAD_LETTER_ATTRIBUTE.failureClass]: attribute('configuration'),
              [DEAD_LETTER_ATTRIBUTE.cause]: attribute(letter.cause),
              [DEAD_LETTER_ATTRIBUTE.attempts]: attribute(String(letter.attempts ?? 5)),
              [DEAD_LETTER_ATTRIBUTE.failedAt]: attribute('2026-11-22T03:00:00Z'),
              [DEAD_LETTER_ATTRIBUTE.subject]: attribute('snap-0123456789abcdef0'),
            },
          }),
        }),
      );
    },
  };
}
