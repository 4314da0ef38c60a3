import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyDocument, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionName, functionName, logGroupName } from '../names.ts';
import { FUNCTION_SHAPES } from './function-shapes.ts';
import { acknowledgeWildcards, allow, type Permission } from './permission.ts';

export interface VaultFunctionProps {
  readonly vault: string;
  readonly name: FunctionName;
  readonly code: Code;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
  readonly logRetention: RetentionDays;
  /** Takes invocations that failed three times; used by the functions that a schedule invokes. */
  readonly jobsDlq: IQueue;
}

/** One function with its own role, log group and bundle. */
export class VaultFunction extends Construct {
  readonly name: FunctionName;
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: VaultFunctionProps) {
    super(scope, id);
    const shape = FUNCTION_SHAPES[props.name];
    this.name = props.name;
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: logGroupName(props.vault, props.name),
      retention: props.logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = this.createRole(props, shape.scheduled);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(props.vault, props.name),
      description: shape.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      memorySize: 512,
      timeout: shape.timeout,
      environment: { ...props.environment },
      logGroup: this.logGroup,
      // The permissions are complete as they stand: no construct may add to them behind our back.
      role: this.role.withoutPolicyUpdates(),
      ...(shape.scheduled
        ? { deadLetterQueue: props.jobsDlq, retryAttempts: 2, maxEventAge: Duration.hours(6) }
        : {}),
    });
  }

  /** Inline, so that the permissions are there before anything that needs them is created. */
  private createRole(props: VaultFunctionProps, scheduled: boolean): Role {
    const permissions = [
      ...props.permissions,
      this.mayLog(props),
      ...(scheduled
        ? [allow({ sid: 'BuryJobs', actions: ['sqs:SendMessage'], resources: [props.jobsDlq.queueArn] })]
        : []),
    ];
    const role = new Role(this, 'Role', {
      description: `What ${functionName(props.vault, props.name)} may do`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: {
        vault: new PolicyDocument({ statements: permissions.map((permission) => permission.statement) }),
      },
    });
    acknowledgeWildcards(role, permissions);
    return role;
  }

  private mayLog(props: VaultFunctionProps): Permission {
    const { partition, region, account } = Stack.of(this);
    const group = logGroupName(props.vault, props.name);
    return allow({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`arn:${partition}:logs:${region}:${account}:log-group:${group}:log-stream:*`],
      wildcardReason: 'Lambda names the streams of the log group; the group is the function’s own.',
    });
  }
}
