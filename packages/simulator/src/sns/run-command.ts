import type { PublishCommandInput, PublishCommandOutput } from '@aws-sdk/client-sns';
import { ANSWERED, SdkError } from '../sdk-error.ts';
import type { SdkCommand } from '../sqs/run-command.ts';
import type { SnsService } from './sns.ts';

/**
 * Runs one command of `@aws-sdk/client-sns` against the model: what a client's `send` would resolve to, at once.
 * @throws SdkError as the client's `send` would reject; `InvalidAction` for anything but a publication to a topic
 */
export function runSnsCommand(sns: SnsService, command: SdkCommand): PublishCommandOutput {
  const { name } = command.constructor;
  if (name !== 'PublishCommand')
    throw new SdkError('InvalidAction', `The simulated SNS does not know ${name}.`);
  const {
    TopicArn: topicArn,
    Message: message = '',
    Subject: subject,
  } = command.input as PublishCommandInput;
  if (topicArn === undefined)
    throw new SdkError('InvalidParameterException', 'Invalid parameter: TopicArn or TargetArn');
  const { messageId } = sns.publish({ topicArn, message, subject });
  return { MessageId: messageId, $metadata: ANSWERED };
}
