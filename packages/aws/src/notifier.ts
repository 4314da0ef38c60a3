import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notifier } from '@smart-vault/core';
import { type ConnectionOptions, clientSettings } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { snsBody, snsSubject } from './sns-text.ts';

export interface NotifierOptions extends ConnectionOptions {
  readonly topicArn: string;
  /** A client to use instead of a new one. */
  readonly client?: SNSClient;
}

/** The administrators' SNS topic. A publish whose answer is lost is repeated: two mails are better than none. */
export function createNotifier(options: NotifierOptions): Notifier {
  const client = options.client ?? createSnsClient(options);
  return {
    publish: async ({ subject, body }) => {
      const input = { TopicArn: options.topicArn, Subject: snsSubject(subject), Message: snsBody(body) };
      await callAws('Publish', () => client.send(new PublishCommand(input)));
    },
  };
}

const createSnsClient = (options: ConnectionOptions): SNSClient => new SNSClient(clientSettings(options));
