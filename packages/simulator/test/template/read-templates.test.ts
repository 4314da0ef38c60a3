import { describe, expect, it } from 'vitest';
import { type CfnResource, type CfnTemplate, readTemplates, type StackModel } from '../../src/index.ts';
import { anAssembly, OPTIONS, TEMPLATE } from './fixtures.ts';

const ACCOUNT = '000000000000';
const QUEUE_ARN = `arn:aws:sqs:us-east-1:${ACCOUNT}:vault-copies`;
const DLQ_ARN = `arn:aws:sqs:us-east-1:${ACCOUNT}:vault-copies-dlq`;

function read(template: CfnTemplate = TEMPLATE, options = {}): StackModel {
  const [stack] = readTemplates(anAssembly(template), { ...OPTIONS, ...options });
  if (stack === undefined) throw new Error('no stack');
  return stack;
}

/** The template of one resource, or of some with intrinsics to be resolved. */
const only = (
  resources: Readonly<Record<string, CfnResource>>,
  sections: Partial<CfnTemplate> = {},
): CfnTemplate => ({
  ...sections,
  Resources: resources,
});
const topicNamed = (name: unknown): CfnResource => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName: name },
});
const nameFrom = (name: unknown, sections: Partial<CfnTemplate> = {}, options = {}): string | undefined =>
  read(only({ T: topicNamed(name) }, sections), options).topics[0]?.name;

describe('the resources of a stack', () => {
  it('has queues with their redrive and AWS’s defaults', () => {
    const [dlq, queue, wakeUps] = read().queues;

    expect(dlq).toMatchObject({
      name: 'vault-copies-dlq',
      retentionSeconds: 1_209_600,
      visibilityTimeoutSeconds: 30,
    });
    expect(queue).toEqual({
      stack: 'vault',
      region: 'us-east-1',
      logicalId: 'Queue4A7E',
      name: 'vault-copies',
      arn: QUEUE_ARN,
      url: `http://127.0.0.1:4566/${ACCOUNT}/vault-copies`,
      fifo: false,
      contentBasedDeduplication: false,
      visibilityTimeoutSeconds: 420,
      retentionSeconds: 345_600,
      delaySeconds: 0,
      receiveWaitSeconds: 0,
      tags: { 'smart-vault:retention-days': '7' },
      redrive: { deadLetterArn: DLQ_ARN, maxReceiveCount: 5 },
    });
    expect(wakeUps).toMatchObject({ fifo: true, contentBasedDeduplication: true });
    expect(wakeUps?.name).toMatch(/^vault-WakeUps77-[0-9a-f]{8}\.fifo$/);
  });

  it('has functions with code, environment, role and what happens to asynchronous calls', () => {
    const { functions, roles, logGroups } = read();

    expect(functions).toEqual([
      {
        stack: 'vault',
        region: 'us-east-1',
        logicalId: 'CopierFEE3',
        name: 'vault-copier',
        arn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:vault-copier`,
        handler: 'index.handler',
        runtime: 'nodejs24.x',
        architecture: 'arm64',
        timeoutSeconds: 300,
        memoryMb: 512,
        environment: {
          COPIES_QUEUE_URLS: `http://127.0.0.1:4566/${ACCOUNT}/vault-copies`,
          SNS_TOPIC_ARN: `arn:aws:sns:us-east-1:${ACCOUNT}:vault-notifications`,
          RETENTION_DAYS: '7',
        },
        roleArn: roles[0]?.arn,
        code: { kind: 'asset', path: '/cdk.out/asset.abc123', packaging: 'zip' },
        logGroup: '/aws/lambda/vault-copier',
        asyncInvoke: { maximumRetryAttempts: 1, maximumEventAgeSeconds: 21_600, onFailureArn: DLQ_ARN },
      },
    ]);
    expect(logGroups).toMatchObject([{ name: '/aws/lambda/vault-copier', retentionDays: 30 }]);
  });

  it('has roles with the policies in them and those attached to them', () => {
    const [role] = read().roles;

    expect(role?.policies.map(({ Statement }) => Statement)).toEqual([
      [{ Effect: 'Allow', Action: 'ec2:DescribeSnapshots', Resource: '*' }],
      [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE_ARN }],
    ]);
    expect(role?.trust.Statement[0]?.Principal).toEqual({ Service: 'lambda.amazonaws.com' });
  });

  it('has event source mappings, permissions, policies, topics and subscriptions', () => {
    const stack = read();

    expect(stack.eventSourceMappings).toMatchObject([
      {
        eventSourceArn: QUEUE_ARN,
        functionName: 'vault-copier',
        batchSize: 1,
        enabled: true,
        reportBatchItemFailures: true,
      },
    ]);
    expect(stack.permissions).toMatchObject([
      { functionName: 'vault-copier', principal: 'events.amazonaws.com', sourceArn: stack.rules[0]?.arn },
    ]);
    expect(stack.queuePolicies).toMatchObject([
      { targets: [`http://127.0.0.1:4566/${ACCOUNT}/vault-copies`] },
    ]);
    expect(stack.queuePolicies[0]?.document.Statement[0]?.Condition).toEqual({
      ArnEquals: { 'aws:SourceArn': `arn:aws:events:us-east-1:${ACCOUNT}:rule/vault-snapshots` },
    });
    expect(stack.subscriptions).toMatchObject([
      {
        topicArn: stack.topics[0]?.arn,
        protocol: 'email',
        endpoint: 'ops@example.com',
        rawMessageDelivery: false,
      },
    ]);
  });

  it('has rules, ready for the event bus', () => {
    const stack = read();

    expect(stack.rules).toMatchObject([
      {
        name: 'vault-snapshots',
        region: 'us-east-1',
        busName: 'default',
        state: 'ENABLED',
        pattern: { source: ['aws.ec2'], region: ['us-east-1'] },
        targets: [
          {
            id: 'Copier',
            arn: stack.queues[2]?.arn,
            messageGroupId: 'eu-west-1',
            deadLetterArn: DLQ_ARN,
            transformer: { paths: { id: '$.id' }, template: '{"id":<id>}' },
            retry: { maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400 },
          },
          {
            arn: `arn:aws:events:us-west-2:${ACCOUNT}:event-bus/default`,
            roleArn: stack.roles[0]?.arn,
            retry: { maximumRetryAttempts: 3, maximumEventAgeSeconds: 86_400 },
          },
        ],
      },
    ]);
  });

  it('has schedules, alarms and dashboards', () => {
    const stack = read();

    expect(stack.schedules).toMatchObject([
      {
        arn: `arn:aws:scheduler:us-east-1:${ACCOUNT}:schedule/vault/vault-prune`,
        expression: 'cron(0 3 * * ? *)',
        timeZone: 'Europe/Berlin',
        flexibleWindowMinutes: 15,
        startMs: Date.UTC(2026, 10, 22),
        target: {
          arn: stack.functions[0]?.arn,
          input: '{"at":"<aws.scheduler.scheduled-time>"}',
          deadLetterArn: DLQ_ARN,
          retry: { maximumRetryAttempts: 185, maximumEventAgeSeconds: 3_600 },
        },
      },
    ]);
    expect(stack.alarms).toMatchObject([
      {
        name: 'vault-dead-letters',
        metric: {
          namespace: 'AWS/SQS',
          name: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: 'vault-copies-dlq' },
        },
        statistic: 'Maximum',
        periodSeconds: 300,
        evaluationPeriods: 3,
        datapointsToAlarm: 3,
        actions: { ALARM: [stack.topics[0]?.arn], OK: [], INSUFFICIENT_DATA: [] },
      },
    ]);
    expect(stack.dashboards).toMatchObject([{ name: 'vault', body: '{"region":"us-east-1"}' }]);
    expect(stack.outputs).toEqual({ QueueUrl: `http://127.0.0.1:4566/${ACCOUNT}/vault-copies` });
  });

  it('is where the caller says', () => {
    const stack = read(TEMPLATE, { regionOf: () => 'eu-central-1', partition: 'aws-eusc' });

    expect(stack.region).toBe('eu-central-1');
    expect(stack.topics[0]?.arn).toBe(`arn:aws-eusc:sns:eu-central-1:${ACCOUNT}:vault-notifications`);
  });
});

describe('an intrinsic function', () => {
  const sections = {
    Parameters: { Env: { Type: 'String', Default: 'prod' }, Free: { Type: 'String' } },
    Conditions: {
      IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] },
      IsTest: { 'Fn::Not': [{ Condition: 'IsProd' }] },
      Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
      Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsTest' }] },
    },
    Mappings: { ByRegion: { 'us-east-1': { short: 'use1' } } },
  };

  it.each([
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'AWS::StackName' }, 'vault'],
    [{ Ref: 'Env' }, 'prod'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'Env' }, 'b']] }, 'a-prod-b'],
    [{ 'Fn::Select': [1, ['a', 'b']] }, 'b'],
    [{ 'Fn::Select': ['2', { 'Fn::Split': [':', 'arn:aws:sqs:us-east-1'] }] }, 'sqs'],
    [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
    [{ 'Fn::Sub': `v-\${AWS::Region}-\${Env}-\${!Literal}` }, `v-us-east-1-prod-\${Literal}`],
    [{ 'Fn::Sub': [`\${a}-\${Env}`, { a: { Ref: 'AWS::AccountId' } }] }, `${ACCOUNT}-prod`],
    [{ 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['IsTest', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    [{ 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::FindInMap': ['ByRegion', { Ref: 'AWS::Region' }, 'short'] }, 'use1'],
    [{ 'Fn::Base64': 'abc' }, 'YWJj'],
  ])('%j is %s', (value, expected) => {
    expect(nameFrom(value, sections)).toBe(expected);
  });

  it('takes a parameter’s value from the caller', () => {
    expect(nameFrom({ Ref: 'Free' }, sections, { parameters: { Free: 'given' } })).toBe('given');
  });

  it('leaves a property out for AWS::NoValue, and a resource whose condition does not hold', () => {
    const topic = topicNamed({ 'Fn::If': ['IsTest', 'named', { Ref: 'AWS::NoValue' }] });
    const { topics } = read(only({ T: topic, U: { ...topic, Condition: 'IsTest' } }, sections));

    expect(topics).toHaveLength(1);
    expect(topics[0]?.name).toMatch(/^vault-T-[0-9a-f]{8}$/);
  });

  it('in a name is resolved wherever the name is referred to', () => {
    const { queues } = read(
      only(
        {
          A: {
            Type: 'AWS::SQS::Queue',
            Properties: {
              RedrivePolicy: { deadLetterTargetArn: { 'Fn::Sub': `\${B.Arn}` }, maxReceiveCount: 1 },
            },
          },
          B: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': `\${Env}-dlq` } } },
        },
        sections,
      ),
    );

    expect(queues[0]?.redrive?.deadLetterArn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:prod-dlq`);
  });
});

describe('what is not understood', () => {
  const problemsOf = (template: CfnTemplate): string => {
    try {
      read(template);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  it('is named all at once: types, properties, intrinsics, sections', () => {
    const template = only(
      {
        Table: { Type: 'AWS::DynamoDB::Table', Properties: { Name: 'x' } },
        Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q', Turbo: true } },
        T: topicNamed({ 'Fn::ImportValue': 'other-stack' }),
        F: {
          Type: 'AWS::CloudWatch::Dashboard',
          Properties: { DashboardBody: { 'Fn::GetAtt': ['Gone', 'Arn'] } },
        },
      },
      { Transform: 'AWS::Serverless-2016-10-31' },
    );

    expect(problemsOf(template).split('\n').slice(1).sort()).toEqual([
      '- vault/ (Transform): a section that is not modelled',
      '- vault/F (AWS::CloudWatch::Dashboard): DashboardBody is no JSON',
      '- vault/F (AWS::CloudWatch::Dashboard): Fn::GetAtt of Gone, which is not in the template',
      '- vault/Q (AWS::SQS::Queue): has Turbo: not modelled',
      '- vault/T (AWS::SNS::Topic): uses Fn::ImportValue, which this model does not know',
      '- vault/Table (AWS::DynamoDB::Table): a resource type that is not modelled',
    ]);
  });

  it.each([
    [{ T: topicNamed({ Ref: 'Gone' }) }, /vault\/T \(AWS::SNS::Topic\): Ref of Gone/],
    [{ T: topicNamed({ Ref: 'T' }) }, /the name of T depends on itself/],
    [{ T: topicNamed({ 'Fn::GetAtt': ['T', 'Colour'] }) }, /the name of T depends on itself/],
    [{ T: { ...topicNamed('t'), Condition: 'Gone' } }, /the condition Gone is not in the template/],
    [
      { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q', FifoQueue: true } } },
      /the name q and FifoQueue do not agree/,
    ],
    [
      { R: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: [{ like: 'x' }] } } } },
      /unknown operator "like"/,
    ],
    [
      { R: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'rate(1 day)' } } },
      /only rules with an EventPattern/,
    ],
    [
      {
        S: { Type: 'AWS::Scheduler::Schedule', Properties: { Target: { Arn: 'a', KinesisParameters: {} } } },
      },
      /Target\.KinesisParameters: not modelled/,
    ],
    [
      { A: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics: [{ Id: 'e', Expression: 'a+b' }] } } },
      /metric math is not modelled/,
    ],
    [
      { A: { Type: 'AWS::CloudWatch::Alarm', Properties: { Statistic: 'p99' } } },
      /Statistic is not one of .*but p99/,
    ],
    [
      { P: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [] } } },
      /PolicyDocument is no policy document/,
    ],
    [
      {
        ...TEMPLATE.Resources,
        X: {
          ...TEMPLATE.Resources.CopierFEE3,
          Properties: { ...TEMPLATE.Resources.CopierFEE3.Properties, Code: { S3Key: 'gone.zip' } },
        },
      },
      /Code\.S3Key gone\.zip is not in the assets manifest/,
    ],
  ] as const)('is an error (%#)', (resources, message) => {
    expect(problemsOf(only(resources))).toMatch(message);
  });

  it('includes a stack without a region', () => {
    const assembly = { stacks: anAssembly().stacks.map(({ region: _region, ...stack }) => stack) };

    expect(() => readTemplates(assembly, OPTIONS)).toThrow(/has no region; give it one by regionOf/);
  });
});
