import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { type ConnectionOptions, clientSettings, withServerTime } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { collectPages } from './paginate.ts';

/** Who gets what a topic publishes. */
export interface Subscription {
  /** `email`, `https`, `sqs` and so on. */
  readonly protocol: string;
  /** A mail address, a URL, an ARN. */
  readonly endpoint: string;
  /** Nothing is delivered before its reader has confirmed. */
  readonly confirmed: boolean;
}

/** What an operator's tool asks SNS of one region. */
export interface TopicCatalog {
  /** @throws AppError `CONFIG` when there is no such topic */
  listSubscriptions(topicArn: string): Promise<readonly Subscription[]>;
}

export interface TopicCatalogOptions extends ConnectionOptions {
  /** A client to use instead of a new one. */
  readonly client?: SNSClient;
}

/** Topics of one region. */
export function createTopicCatalog(options: TopicCatalogOptions): TopicCatalog {
  const client = options.client ?? withServerTime(new SNSClient(clientSettings(options)), options);
  return {
    listSubscriptions: async (TopicArn) => {
      const found = await collectPages('ListSubscriptionsByTopic', async (NextToken) => {
        const command = new ListSubscriptionsByTopicCommand({ TopicArn, NextToken });
        const answer = await callAws('ListSubscriptionsByTopic', () => client.send(command));
        return { items: answer.Subscriptions ?? [], nextToken: answer.NextToken };
      });
      return found.map(({ Protocol = '', Endpoint = '', SubscriptionArn = '' }) => ({
        protocol: Protocol,
        endpoint: Endpoint,
        // Else `PendingConfirmation`, or `Deleted`.
        confirmed: SubscriptionArn.startsWith('arn:'),
      }));
    },
  };
}
