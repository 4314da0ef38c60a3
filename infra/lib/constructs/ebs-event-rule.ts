import { Stack } from 'aws-cdk-lib';
import { EventField, type IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** How EBS names what has ended; `detail.event` of its notifications. */
type EbsEventName = 'createSnapshot' | 'createSnapshots' | 'copySnapshot';

export interface EbsEventRuleProps {
  readonly ruleName: string;
  readonly description: string;
  /** Where the event happened. Events of other regions can arrive on a bus by forwarding. */
  readonly region: string;
  readonly events: readonly EbsEventName[];
  /** Takes events that cannot be delivered; in the rule's own region. */
  readonly deadLetterQueue: IQueue;
}

const DETAIL_TYPE: Readonly<Record<EbsEventName, string>> = {
  createSnapshot: 'EBS Snapshot Notification',
  createSnapshots: 'EBS Multi-Volume Snapshots Completion Status',
  copySnapshot: 'EBS Snapshot Notification',
};

/**
 * A rule for EBS events of one region.
 *
 * It does not filter on the result: a failed snapshot frees a permit as well. Its events are best effort (AWS),
 * so whatever hangs on them is repeated by ticks and by the reconciler.
 */
export class EbsEventRule extends Construct {
  readonly rule: Rule;
  private readonly ruleArn: string;
  private readonly deadLetterQueue: IQueue;

  constructor(scope: Construct, id: string, props: EbsEventRuleProps) {
    super(scope, id);
    const { partition, account } = Stack.of(this);
    this.ruleArn = `arn:${partition}:events:${Stack.of(this).region}:${account}:rule/${props.ruleName}`;
    this.deadLetterQueue = props.deadLetterQueue;
    this.rule = new Rule(this, 'Rule', {
      ruleName: props.ruleName,
      description: props.description,
      eventPattern: {
        source: ['aws.ec2'],
        detailType: [...new Set(props.events.map((event) => DETAIL_TYPE[event]))],
        region: [props.region],
        detail: { event: [...props.events] },
      },
    });
    this.mayBeSentTo('DeadLetters', props.deadLetterQueue);
  }

  /** Sends the event itself to a standard queue. */
  sendTo(id: string, queue: IQueue): void {
    this.mayBeSentTo(id, queue);
    this.addTarget({ id, arn: queue.queueArn });
  }

  /** Sends a wake-up for a region to the queue of a pump, in the region's message group. */
  wake(id: string, queue: IQueue, region: string): void {
    this.mayBeSentTo(id, queue);
    const wakeUp = { v: 1, kind: 'wake-up', region, cause: 'event', id: EventField.eventId };
    this.addTarget({
      id,
      arn: queue.queueArn,
      input: RuleTargetInput.fromObject(wakeUp),
      sqsParameters: { messageGroupId: region },
    });
  }

  /** Sends the event to the default bus of another region of this account. One hop is all that EventBridge makes. */
  forwardTo(id: string, region: string): void {
    const { partition, account } = Stack.of(this);
    const busArn = `arn:${partition}:events:${region}:${account}:event-bus/default`;
    const role = new Role(this, `${id}Role`, {
      description: `Lets ${this.rule.node.path} put events on the default bus of ${region}`,
      assumedBy: new ServicePrincipal('events.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnEquals: { 'aws:SourceArn': this.ruleArn },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ sid: 'Forward', actions: ['events:PutEvents'], resources: [busArn] }),
    );
    this.addTarget({ id, arn: busArn, role });
  }

  private addTarget(
    target: Omit<ReturnType<IRuleTarget['bind']>, 'deadLetterConfig'> & { id: string },
  ): void {
    const deadLetterConfig = { arn: this.deadLetterQueue.queueArn };
    this.rule.addTarget({ bind: () => ({ ...target, deadLetterConfig }) });
  }

  private mayBeSentTo(id: string, queue: IQueue): void {
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: `${this.node.id}To${id}`.replaceAll(/[^A-Za-z0-9]/g, ''),
        effect: Effect.ALLOW,
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        conditions: {
          ArnEquals: { 'aws:SourceArn': this.ruleArn },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      }),
    );
  }
}
