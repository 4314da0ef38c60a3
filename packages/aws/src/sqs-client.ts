import { SQSClient } from '@aws-sdk/client-sqs';
import { type ConnectionOptions, clientSettings, withServerTime } from './clients.ts';

/**
 * SQS of one region. A repeated SendMessage may send twice, which consumers bear; so the SDK's standard retries serve.
 *
 * The endpoint is never taken from a queue's URL: a URL in the environment does not decide whom we talk to.
 */
export function createSqsClient(options: ConnectionOptions): SQSClient {
  return withServerTime(new SQSClient({ ...clientSettings(options), useQueueUrlAsEndpoint: false }), options);
}
