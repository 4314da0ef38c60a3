import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { topicName } from '../names.ts';

export interface NotificationsProps {
  readonly vault: string;
  readonly emails: readonly string[];
}

/**
 * The administrators' topic of one region. A destination has its own, as an alarm can only notify a topic of
 * its own region, and as it must still be heard when the source region is not.
 *
 * Not encrypted with a KMS key, on purpose. An alarm cannot publish to a topic with the key of SNS
 * (`alias/aws/sns` does not admit CloudWatch), and a key of our own would add cost and a key policy whose
 * breakage silences the alarms. A digest names instances and volumes, holds no data of theirs, and leaves as
 * e-mail anyway. On its way to SNS it is encrypted: the topic takes TLS only.
 */
export class Notifications extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { vault, emails }: NotificationsProps) {
    super(scope, id);
    const { partition, region, account } = Stack.of(this);
    this.topic = new Topic(this, 'Topic', { topicName: topicName(vault), enforceSSL: true });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisVault',
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:cloudwatch:${region}:${account}:alarm:${vault}-*` },
        },
      }),
    );
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
  }
}
