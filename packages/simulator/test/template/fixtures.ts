import type { Assembly, CfnTemplate, ReadTemplatesOptions } from '../../src/index.ts';

export const OPTIONS: ReadTemplatesOptions = {
  accountId: '000000000000',
  queueUrl: ({ name, accountId }) => `http://127.0.0.1:4566/${accountId}/${name}`,
};

const getAtt = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });

/** One of everything that a vault has, written the way that CDK writes it. */
export const TEMPLATE = {
  Parameters: {
    BootstrapVersion: {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/cdk-bootstrap/hnb659fds/version',
    },
  },
  Rules: { CheckBootstrapVersion: { Assertions: [] } },
  Resources: {
    Dlq0F1A: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'vault-copies-dlq',
        MessageRetentionPeriod: 1_209_600,
        SqsManagedSseEnabled: true,
      },
      UpdateReplacePolicy: 'Delete',
      DeletionPolicy: 'Delete',
    },
    Queue4A7E: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'vault-copies',
        RedrivePolicy: { deadLetterTargetArn: getAtt('Dlq0F1A'), maxReceiveCount: 5 },
        VisibilityTimeout: 420,
        Tags: [{ Key: 'smart-vault:retention-days', Value: '7' }],
      },
      DependsOn: ['Dlq0F1A'],
    },
    WakeUps77: {
      Type: 'AWS::SQS::Queue',
      Properties: { FifoQueue: true, ContentBasedDeduplication: true },
    },
    QueuePolicy9: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        PolicyDocument: {
          Statement: [
            {
              Action: 'sqs:SendMessage',
              Condition: { ArnEquals: { 'aws:SourceArn': getAtt('Rule5D44') } },
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Resource: getAtt('Queue4A7E'),
            },
          ],
          Version: '2012-10-17',
        },
        Queues: [{ Ref: 'Queue4A7E' }],
      },
    },
    Topic8B: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'vault-notifications' } },
    Subscription3: {
      Type: 'AWS::SNS::Subscription',
      Properties: { Endpoint: 'ops@example.com', Protocol: 'email', TopicArn: { Ref: 'Topic8B' } },
    },
    Role50: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
        Policies: [
          {
            PolicyName: 'vault',
            PolicyDocument: {
              Statement: [{ Effect: 'Allow', Action: 'ec2:DescribeSnapshots', Resource: '*' }],
            },
          },
        ],
      },
    },
    RolePolicy51: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyName: 'more',
        PolicyDocument: {
          Statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: getAtt('Queue4A7E') },
        },
        Roles: [{ Ref: 'Role50' }],
      },
    },
    Log1: {
      Type: 'AWS::Logs::LogGroup',
      Properties: { LogGroupName: '/aws/lambda/vault-copier', RetentionInDays: 30 },
    },
    CopierFEE3: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Architectures: ['arm64'],
        Code: {
          S3Bucket: { 'Fn::Sub': `cdk-hnb659fds-assets-\${AWS::AccountId}-\${AWS::Region}` },
          S3Key: 'abc123.zip',
        },
        Environment: {
          Variables: {
            COPIES_QUEUE_URLS: { Ref: 'Queue4A7E' },
            SNS_TOPIC_ARN: { Ref: 'Topic8B' },
            RETENTION_DAYS: '7',
          },
        },
        FunctionName: 'vault-copier',
        Handler: 'index.handler',
        LoggingConfig: { LogGroup: { Ref: 'Log1' } },
        MemorySize: 512,
        Role: getAtt('Role50'),
        Runtime: 'nodejs24.x',
        Timeout: 300,
      },
    },
    InvokeConfig6: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        DestinationConfig: { OnFailure: { Destination: getAtt('Dlq0F1A') } },
        FunctionName: { Ref: 'CopierFEE3' },
        MaximumRetryAttempts: 1,
        Qualifier: '$LATEST',
      },
    },
    Mapping2: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 1,
        EventSourceArn: getAtt('Queue4A7E'),
        FunctionName: { Ref: 'CopierFEE3' },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    Permission8: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: getAtt('CopierFEE3'),
        Principal: 'events.amazonaws.com',
        SourceArn: getAtt('Rule5D44'),
      },
    },
    Rule5D44: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.ec2'], region: [{ Ref: 'AWS::Region' }] },
        Name: 'vault-snapshots',
        State: 'ENABLED',
        Targets: [
          {
            Arn: getAtt('WakeUps77'),
            Id: 'Copier',
            DeadLetterConfig: { Arn: getAtt('Dlq0F1A') },
            InputTransformer: { InputPathsMap: { id: '$.id' }, InputTemplate: '{"id":<id>}' },
            SqsParameters: { MessageGroupId: 'eu-west-1' },
          },
          {
            Arn: {
              'Fn::Join': [
                '',
                [
                  'arn:',
                  { Ref: 'AWS::Partition' },
                  ':events:us-west-2:',
                  { Ref: 'AWS::AccountId' },
                  ':event-bus/default',
                ],
              ],
            },
            Id: 'Bus',
            RoleArn: getAtt('Role50'),
            RetryPolicy: { MaximumRetryAttempts: 3 },
          },
        ],
      },
    },
    Group1: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'vault' } },
    Schedule7: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
        GroupName: { Ref: 'Group1' },
        Name: 'vault-prune',
        ScheduleExpression: 'cron(0 3 * * ? *)',
        ScheduleExpressionTimezone: 'Europe/Berlin',
        StartDate: '2026-11-22T00:00:00Z',
        Target: {
          Arn: getAtt('CopierFEE3'),
          DeadLetterConfig: { Arn: getAtt('Dlq0F1A') },
          Input: '{"at":"<aws.scheduler.scheduled-time>"}',
          RetryPolicy: { MaximumEventAgeInSeconds: 3_600 },
          RoleArn: getAtt('Role50'),
        },
      },
    },
    Alarm1: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ActionsEnabled: true,
        AlarmActions: [{ Ref: 'Topic8B' }],
        AlarmName: 'vault-dead-letters',
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Dimensions: [{ Name: 'QueueName', Value: getAtt('Dlq0F1A', 'QueueName') }],
        EvaluationPeriods: 3,
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Namespace: 'AWS/SQS',
        Period: 300,
        Statistic: 'Maximum',
        Threshold: 1,
        TreatMissingData: 'notBreaching',
      },
    },
    Dashboard1: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: 'vault',
        DashboardBody: { 'Fn::Join': ['', ['{"region":"', { Ref: 'AWS::Region' }, '"}']] },
      },
    },
    CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:deflate64:AAAA' } },
  },
  Outputs: { QueueUrl: { Value: { Ref: 'Queue4A7E' } } },
} satisfies CfnTemplate;

export function anAssembly(template: CfnTemplate = TEMPLATE): Assembly {
  return {
    stacks: [
      {
        name: 'vault',
        region: 'us-east-1',
        template,
        assets: { 'abc123.zip': { path: '/cdk.out/asset.abc123', packaging: 'zip' } },
      },
    ],
  };
}
