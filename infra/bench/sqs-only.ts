import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

const client = new SQSClient({});

/** The yardstick of the import benchmark: a function that does nothing but send to a queue. */
export const handler = async (event: { readonly url: string }): Promise<unknown> =>
  client.send(
    new SendMessageBatchCommand({ QueueUrl: event.url, Entries: [{ Id: '0', MessageBody: 'hello' }] }),
  );
