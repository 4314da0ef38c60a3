import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { bodyText, type Notifier, subjectText } from '@smart-vault/core';
import { type ConnectionOptions, clientSettings } from './clients.ts';
import { callAws } from './ebs-errors.ts';

export interface NotifierOptions extends ConnectionOptions {
  readonly topicArn: string;
  /** A client to use instead of a new one. */
  readonly client?: SNSClient;
}

/** The administrators' SNS topic. Every text is made one that SNS takes (262,144 bytes at most). A publish whose answer is lost is repeated: two mails are better than none. */
export function createNotifier(options: NotifierOptions): Notifier {
  const client = options.client ?? createSnsClient(options);
  return {
    publish: async ({ subject, body }) => {
      const input = { TopicArn: options.topicArn, Subject: subjectText(subject), Message: bodyText(body) };
      await callAws('Publish', () => client.send(new PublishCommand(input)));
    },
  };
}

const createSnsClient = (options: ConnectionOptions): SNSClient => new SNSClient(clientSettings(options));
