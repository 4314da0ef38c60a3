import { describe, expect, it } from 'vitest';
import { allows, allowsService, decideAccess, type PolicyStatement } from '../../src/index.ts';

const ACCOUNT = '111122223333';
const SNAPSHOT = 'arn:aws:ec2:us-east-1::snapshot/snap-0a285e09f710b5417';
const NEW_SNAPSHOT = 'arn:aws:ec2:us-east-1::snapshot/*';
const VOLUME = `arn:aws:ec2:us-east-1:${ACCOUNT}:volume/vol-033bb51d90d7fbc9f`;
const INSTANCE = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-0123456789abcdef0`;

/** The least-privilege statements for a vault, one role for all of them. */
const VAULT: readonly PolicyStatement[] = [
  { Sid: 'Read', Effect: 'Allow', Action: ['ec2:DescribeVolumes', 'ec2:DescribeSnapshots'], Resource: '*' },
  {
    Sid: 'SnapVolumes',
    Effect: 'Allow',
    Action: ['ec2:CreateSnapshot', 'ec2:CreateSnapshots'],
    Resource: `arn:aws:ec2:*:${ACCOUNT}:volume/*`,
    Condition: { StringEquals: { 'aws:ResourceTag/Backup': 'true' } },
  },
  {
    Sid: 'SnapInstances',
    Effect: 'Allow',
    Action: 'ec2:CreateSnapshots',
    Resource: `arn:aws:ec2:*:${ACCOUNT}:instance/*`,
  },
  {
    Sid: 'SnapNew',
    Effect: 'Allow',
    Action: ['ec2:CreateSnapshot', 'ec2:CreateSnapshots'],
    Resource: 'arn:aws:ec2:*::snapshot/*',
    Condition: { StringEquals: { 'aws:RequestTag/managed-by': 'ebs-backup' } },
  },
  {
    Sid: 'TagOnCreate',
    Effect: 'Allow',
    Action: 'ec2:CreateTags',
    Resource: 'arn:aws:ec2:*::snapshot/*',
    Condition: {
      StringEquals: { 'ec2:CreateAction': ['CreateSnapshot', 'CreateSnapshots', 'CopySnapshot'] },
    },
  },
  {
    Sid: 'Prune',
    Effect: 'Allow',
    Action: 'ec2:DeleteSnapshot',
    Resource: 'arn:aws:ec2:*::snapshot/*',
    Condition: { StringEquals: { 'aws:ResourceTag/managed-by': 'ebs-backup' } },
  },
  {
    Sid: 'Metrics',
    Effect: 'Allow',
    Action: 'cloudwatch:PutMetricData',
    Resource: '*',
    Condition: { StringEquals: { 'cloudwatch:namespace': 'EbsBackup' } },
  },
];

describe('the statements of a vault', () => {
  it.each([
    ['ec2:DescribeSnapshots', '*', {}, 'Read'],
    ['EC2:describesnapshots', '*', {}, 'Read'],
    ['ec2:DescribeInstances', '*', {}, undefined],
    ['ec2:CreateSnapshot', VOLUME, { 'aws:ResourceTag/Backup': 'true' }, 'SnapVolumes'],
    ['ec2:CreateSnapshot', VOLUME, { 'aws:ResourceTag/Backup': 'false' }, undefined],
    ['ec2:CreateSnapshot', VOLUME, {}, undefined],
    ['ec2:CreateSnapshot', VOLUME, { 'AWS:resourcetag/backup': 'true' }, 'SnapVolumes'],
    ['ec2:CreateSnapshot', INSTANCE, {}, undefined],
    ['ec2:CreateSnapshots', INSTANCE, {}, 'SnapInstances'],
    ['ec2:CreateSnapshot', NEW_SNAPSHOT, { 'aws:RequestTag/managed-by': 'ebs-backup' }, 'SnapNew'],
    ['ec2:CreateSnapshot', NEW_SNAPSHOT, { 'aws:RequestTag/managed-by': 'someone' }, undefined],
    ['ec2:CreateTags', NEW_SNAPSHOT, { 'ec2:CreateAction': 'CopySnapshot' }, 'TagOnCreate'],
    ['ec2:CreateTags', SNAPSHOT, {}, undefined],
    ['ec2:DeleteSnapshot', SNAPSHOT, { 'aws:ResourceTag/managed-by': 'ebs-backup' }, 'Prune'],
    ['ec2:DeleteSnapshot', SNAPSHOT, {}, undefined],
    // A snapshot's ARN has no account; one with an account is another thing.
    [
      'ec2:DeleteSnapshot',
      SNAPSHOT.replace('::', `:${ACCOUNT}:`),
      { 'aws:ResourceTag/managed-by': 'ebs-backup' },
      undefined,
    ],
    ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'EbsBackup' }, 'Metrics'],
    ['cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Other' }, undefined],
  ])('%s on %s with %j: %s', (action, resource, context, sid) => {
    const decision = decideAccess([{ Statement: VAULT }], { action, resource, context });

    expect(decision.kind === 'allowed' ? decision.statement.Sid : undefined).toBe(sid);
  });
});

const allow = (overrides: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: 'Allow',
  Action: 'ec2:*',
  Resource: '*',
  ...overrides,
});
const request = (context = {}) => ({ action: 'ec2:DeleteSnapshot', resource: SNAPSHOT, context });
const withCondition = (Condition: NonNullable<PolicyStatement['Condition']>, context: object): boolean =>
  allows([{ Statement: [allow({ Condition })] }], request(context));

describe('a policy', () => {
  it('allows nothing by itself', () => {
    expect(allows([], request())).toBe(false);
  });

  it('denies in spite of any allow, also from another policy', () => {
    const deny: PolicyStatement = { Effect: 'Deny', NotAction: 'ec2:Describe*', Resource: '*' };

    expect(decideAccess([{ Statement: [allow()] }, { Statement: [deny] }], request()).kind).toBe('denied');
    expect(allows([{ Statement: [allow(), deny] }], { action: 'ec2:DescribeSnapshots', resource: '*' })).toBe(
      true,
    );
  });

  it('reads NotResource', () => {
    const statement = allow({ NotResource: 'arn:aws:ec2:eu-west-1::snapshot/*' });
    const { Resource: _resource, ...notResource } = statement;

    expect(allows([{ Statement: [notResource] }], request())).toBe(true);
    expect(
      allows([{ Statement: [{ ...notResource, NotResource: 'arn:aws:ec2:*::snapshot/*' }] }], request()),
    ).toBe(false);
  });

  it('without a resource of its own does not cover a call without one', () => {
    const statement = allow({ Resource: 'arn:aws:ec2:*:*:*' });

    expect(allows([{ Statement: [statement] }], { action: 'ec2:DescribeSnapshots', resource: '*' })).toBe(
      false,
    );
  });

  it('completes an ARN that ends early', () => {
    expect(allows([{ Statement: [allow({ Resource: 'arn:aws:ec2:us-east-1' })] }], request())).toBe(true);
    expect(allows([{ Statement: [allow({ Resource: 'arn:aws:ec2:eu-west-1' })] }], request())).toBe(false);
  });
});

describe('a condition', () => {
  it.each([
    [{ StringEquals: { k: 'a' } }, { k: 'a' }, true],
    [{ StringEquals: { k: 'a' } }, { k: 'A' }, false],
    [{ StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
    [{ StringEquals: { k: 'a', l: 'b' } }, { k: 'a', l: 'x' }, false],
    [{ StringEquals: { k: 'a' }, Bool: { l: 'true' } }, { k: 'a', l: true }, true],
    [{ StringEquals: { k: 'a' } }, {}, false],
    [{ StringEquals: { k: 'a' } }, { k: [] }, false],
    [{ Null: { k: 'true' } }, { k: [] }, true],
    [{ StringEqualsIfExists: { k: 'a' } }, {}, true],
    [{ StringEqualsIfExists: { k: 'a' } }, { k: 'b' }, false],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
    [{ StringNotEquals: { k: ['a', 'b'] } }, { k: 'c' }, true],
    [{ StringNotEquals: { k: 'a' } }, {}, true],
    [{ StringLike: { k: 'ec2.*.amazonaws.com' } }, { k: 'ec2.eu-west-1.amazonaws.com' }, true],
    [{ StringNotLike: { k: 'ec2.*' } }, { k: 'ec2.x' }, false],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': true }, false],
    [{ Bool: { 'aws:SecureTransport': false } }, { 'aws:SecureTransport': false }, true],
    [{ Null: { k: 'true' } }, {}, true],
    [{ Null: { k: 'true' } }, { k: '' }, false],
    [{ Null: { k: 'false' } }, { k: 'a' }, true],
    [
      { ArnLike: { k: 'arn:aws:events:*:*:rule/vault-*' } },
      { k: 'arn:aws:events:us-east-1:1:rule/vault-x' },
      true,
    ],
    [
      { ArnEquals: { k: 'arn:aws:events:us-east-1:1:rule/a' } },
      { k: 'arn:aws:events:us-east-1:1:rule/b' },
      false,
    ],
    [{ ArnLike: { k: 'arn:aws:sqs:*:work' } }, { k: 'arn:aws:sqs:us-east-1:1:work' }, false],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'b'] }, true],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'c'] }, false],
    [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, {}, true],
    [{ 'ForAnyValue:StringLike': { k: 'smart-vault:*' } }, { k: ['x', 'smart-vault:slot'] }, true],
    [{ 'ForAnyValue:StringEquals': { k: ['a'] } }, { k: ['x'] }, false],
    [{ 'ForAnyValue:StringEquals': { k: ['a'] } }, {}, false],
    [{ NumericLessThanEquals: { k: '5' } }, { k: 5 }, true],
    [{ NumericGreaterThan: { k: '5' } }, { k: 5 }, false],
  ])('%j with %j: %s', (condition, context, holds) => {
    expect(withCondition(condition, context)).toBe(holds);
  });

  it.each([
    [{ DateLessThan: { k: '2026-01-01' } }, /does not know the condition operator DateLessThan/],
    [{ StringEquals: { k: `\${aws:username}` } }, /does not know the policy variable/],
  ])('that is not known is no condition that holds: %j', (condition, message) => {
    expect(() => withCondition(condition, { k: 'x' })).toThrow(message);
  });
});

describe('a queue’s policy', () => {
  const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:work';
  const RULE = 'arn:aws:events:us-east-1:000000000000:rule/vault';
  const policy = {
    Statement: [
      {
        Effect: 'Deny' as const,
        Principal: { AWS: '*' },
        Action: 'sqs:*',
        Resource: QUEUE,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Effect: 'Allow' as const,
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: QUEUE,
        Condition: { ArnEquals: { 'aws:SourceArn': RULE } },
      },
    ],
  };
  const send = (service: string, context: object): boolean =>
    allowsService([policy], service, { action: 'sqs:SendMessage', resource: QUEUE, context: { ...context } });

  it('lets in the service and the rule that it names, over TLS', () => {
    expect(send('events.amazonaws.com', { 'aws:SourceArn': RULE, 'aws:SecureTransport': true })).toBe(true);
    expect(send('events.amazonaws.com', { 'aws:SourceArn': RULE, 'aws:SecureTransport': false })).toBe(false);
    expect(send('events.amazonaws.com', { 'aws:SourceArn': `${RULE}-2`, 'aws:SecureTransport': true })).toBe(
      false,
    );
    expect(send('sns.amazonaws.com', { 'aws:SourceArn': RULE, 'aws:SecureTransport': true })).toBe(false);
  });
});
