import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { VaultConfig } from '../config.ts';
import { queueNames, ruleNames } from '../names.ts';
import { EbsEventRule } from './ebs-event-rule.ts';
import { Notifications } from './notifications.ts';
import { tagWithSettings } from './settings-tags.ts';
import { mustBeIn } from './smart-vault.ts';
import { deadLetterAlarm } from './vault-alarm.ts';
import { DeadLetterQueue } from './work-queue.ts';

export interface SmartVaultDestinationProps {
  readonly config: VaultConfig;
  /** Which of the vault's destinations this is. */
  readonly region: string;
}

/**
 * What a vault needs in a destination: EC2 tells the end of a copy only here, so it is forwarded to the source
 * region, where the copier waits for it.
 */
export class SmartVaultDestination extends Construct {
  constructor(scope: Construct, id: string, { config, region }: SmartVaultDestinationProps) {
    super(scope, id);
    mustBeIn(this, region);
    const { vault, sourceRegion, alertEmails } = config;
    const deadLetters = new DeadLetterQueue(this, 'EventsDlq', queueNames(vault).forwardingDlq(region));
    tagWithSettings(deadLetters, config);
    const { topic } = new Notifications(this, 'Notifications', { vault, emails: alertEmails });
    const rule = new EbsEventRule(this, 'CopyEnded', {
      ruleName: ruleNames(vault).forward,
      description: `Forwards the end of copies to ${sourceRegion}`,
      region,
      events: ['copySnapshot'],
      deadLetterQueue: deadLetters,
    });
    rule.forwardTo('SourceBus', sourceRegion);
    deadLetterAlarm(this, {
      vault,
      id: 'DeadLettersForwarding',
      subject: region,
      meaning: `Events of copies could not be forwarded to ${sourceRegion}.`,
      queue: deadLetters,
      topic,
    });
    new CfnOutput(Stack.of(this), 'EventsDlqUrl', { value: deadLetters.queueUrl });
    new CfnOutput(Stack.of(this), 'TopicArn', { value: topic.topicArn });
  }
}
