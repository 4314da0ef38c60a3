import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { scheduleGroupName } from '../names.ts';

/** What EventBridge Scheduler puts in the place of this text: the instant the invocation is for, in UTC. */
export const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** What a schedule calls: a function, or a queue by message group. */
type ScheduleTarget =
  | { readonly kind: 'function'; readonly function: IFunction }
  | { readonly kind: 'queue'; readonly queue: IQueue; readonly messageGroupId: string };

export interface VaultScheduleProps {
  readonly name: string;
  readonly description: string;
  readonly group: CfnScheduleGroup;
  readonly expression: string;
  readonly timezone?: string;
  readonly target: ScheduleTarget;
  readonly input: Readonly<Record<string, unknown>>;
  /** How long an invocation that cannot be delivered is tried again. */
  readonly maxEventAge: Duration;
  readonly deadLetterQueue: IQueue;
}

/** The group of a vault's schedules. Roles trust the group, as Scheduler offers no narrower condition. */
export const scheduleGroup = (scope: Construct, id: string, vault: string): CfnScheduleGroup =>
  new CfnScheduleGroup(scope, id, { name: scheduleGroupName(vault) });

/** One schedule, with a role that can do nothing but call its target and bury what it could not deliver. */
export class VaultSchedule extends Construct {
  constructor(scope: Construct, id: string, props: VaultScheduleProps) {
    super(scope, id);
    const role = this.createRole(props);
    const schedule = new CfnSchedule(this, 'Schedule', {
      name: props.name,
      description: props.description,
      groupName: props.group.ref,
      scheduleExpression: props.expression,
      scheduleExpressionTimezone: props.timezone ?? 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: targetArn(props.target),
        roleArn: role.roleArn,
        input: JSON.stringify(props.input),
        deadLetterConfig: { arn: props.deadLetterQueue.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: props.maxEventAge.toSeconds(), maximumRetryAttempts: 185 },
        ...(props.target.kind === 'queue'
          ? { sqsParameters: { messageGroupId: props.target.messageGroupId } }
          : {}),
      },
    });
    // Scheduler tries the role when a schedule is created.
    schedule.node.addDependency(role);
  }

  private createRole(props: VaultScheduleProps): Role {
    const { name, target, deadLetterQueue } = props;
    const { partition, region, account } = Stack.of(this);
    const group = `arn:${partition}:scheduler:${region}:${account}:schedule-group/${props.group.name}`;
    const role = new Role(this, 'Role', {
      description: `Lets the schedule ${name} call its target`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnEquals: { 'aws:SourceArn': group } },
      }),
    });
    const action = target.kind === 'function' ? 'lambda:InvokeFunction' : 'sqs:SendMessage';
    role.addToPolicy(new PolicyStatement({ sid: 'Call', actions: [action], resources: [targetArn(target)] }));
    role.addToPolicy(
      new PolicyStatement({
        sid: 'Bury',
        actions: ['sqs:SendMessage'],
        resources: [deadLetterQueue.queueArn],
      }),
    );
    return role;
  }
}

const targetArn = (target: ScheduleTarget): string =>
  target.kind === 'function' ? target.function.functionArn : target.queue.queueArn;
