import { allows, type ConditionContext, decideAccess, type PolicyDocument } from '@smart-vault/simulator';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FunctionName } from '../lib/index.ts';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

const OTHER_KEY = '1234abcd-12ab-34cd-56ef-1234567890ab';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({
    destinationRegions: ['eu-west-1', 'eu-central-1'],
    kmsKeyIds: { 'eu-central-1': OTHER_KEY },
  });
});

const policiesOf = (name: FunctionName): readonly PolicyDocument[] => {
  const { roleArn } = named(vault.source.functions, `smart-vault-${name}`);
  return vault.source.roles.find(({ arn }) => arn === roleArn)?.policies ?? [];
};
const may = (name: FunctionName, action: string, resource: string, context: ConditionContext = {}): boolean =>
  allows(policiesOf(name), { action, resource, context });

const snapshot = (region: string): string => `arn:aws:ec2:${region}::snapshot/snap-0123456789abcdef0`;
const newSnapshot = (region: string): string => `arn:aws:ec2:${region}::snapshot/*`;
const volume = (region: string): string => `arn:aws:ec2:${region}:${ACCOUNT}:volume/vol-0123456789abcdef0`;
const instance = (region: string): string => `arn:aws:ec2:${region}:${ACCOUNT}:instance/i-0123456789abcdef0`;
const queue = (name: string): string => `arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-${name}`;

const asOurs = { 'aws:RequestTag/smart-vault:vault': 'smart-vault' };
const ours = { 'aws:ResourceTag/smart-vault:vault': 'smart-vault' };
const condemned = { ...ours, 'aws:ResourceTag/smart-vault:condemned-at': '2026-11-22T03:00:00Z' };

describe('looking', () => {
  test('is limited to the regions of the vault', () => {
    const look = (name: FunctionName, region: string): boolean =>
      may(name, 'ec2:DescribeSnapshots', '*', { 'aws:RequestedRegion': region });

    expect(['us-east-1', 'eu-west-1', 'eu-central-1'].map((region) => look('pruner', region))).toEqual([
      true,
      true,
      true,
    ]);
    expect(look('pruner', 'eu-west-2')).toBe(false);
    expect(look('snapshotter', 'us-east-1')).toBe(true);
    expect(look('snapshotter', 'eu-west-1')).toBe(false);
    expect(look('scheduler', 'us-east-1')).toBe(false);
  });
});

describe('the snapshotter', () => {
  test('makes snapshots that carry the tag of its vault, in the source region', () => {
    const make = (region: string, context: ConditionContext): boolean =>
      may('snapshotter', 'ec2:CreateSnapshot', newSnapshot(region), context);

    expect(make('us-east-1', asOurs)).toBe(true);
    expect(make('us-east-1', {})).toBe(false);
    expect(make('us-east-1', { 'aws:RequestTag/smart-vault:vault': 'other' })).toBe(false);
    expect(make('eu-west-1', asOurs)).toBe(false);
  });

  test('of volumes without any tag, but never of one that opted out', () => {
    const snap = (context: ConditionContext) =>
      decideAccess(policiesOf('snapshotter'), {
        action: 'ec2:CreateSnapshot',
        resource: volume('us-east-1'),
        context,
      });

    expect(snap({}).kind).toBe('allowed');
    expect(snap({ 'aws:ResourceTag/backup': 'false' }).kind).toBe('denied');
    expect(may('snapshotter', 'ec2:CreateSnapshot', volume('eu-west-1'))).toBe(false);
    expect(
      may('snapshotter', 'ec2:CreateSnapshot', volume('us-east-1').replace(ACCOUNT, '999999999999')),
    ).toBe(false);
  });

  test('takes sets of instances that are tagged for backup only', () => {
    const set = (context: ConditionContext): boolean =>
      may('snapshotter', 'ec2:CreateSnapshots', instance('us-east-1'), context);

    expect(set({ 'aws:ResourceTag/backup': 'true' })).toBe(true);
    expect(set({ 'aws:ResourceTag/backup': 'false' })).toBe(false);
    expect(set({})).toBe(false);
  });

  test('tags while it creates and never afterwards', () => {
    const tag = (context: ConditionContext): boolean =>
      may('snapshotter', 'ec2:CreateTags', snapshot('us-east-1'), context);

    expect(tag({ ...asOurs, 'ec2:CreateAction': 'CreateSnapshot' })).toBe(true);
    expect(tag({ ...asOurs, 'ec2:CreateAction': 'CreateSnapshots' })).toBe(true);
    expect(tag({ ...asOurs, 'ec2:CreateAction': 'CopySnapshot' })).toBe(false);
    expect(tag(asOurs)).toBe(false);
    expect(tag({ 'ec2:CreateAction': 'CreateSnapshot' })).toBe(false);
  });

  test('cannot copy, delete or condemn', () => {
    expect(may('snapshotter', 'ec2:CopySnapshot', newSnapshot('eu-west-1'), asOurs)).toBe(false);
    expect(may('snapshotter', 'ec2:DeleteSnapshot', snapshot('us-east-1'), condemned)).toBe(false);
    expect(
      may('snapshotter', 'ec2:CreateTags', snapshot('us-east-1'), {
        ...ours,
        'aws:TagKeys': ['smart-vault:condemned-at'],
      }),
    ).toBe(false);
  });
});

describe('the copier', () => {
  test('copies any snapshot of the source region into a destination, as ours', () => {
    expect(may('copier', 'ec2:CopySnapshot', snapshot('us-east-1'))).toBe(true);
    expect(may('copier', 'ec2:CopySnapshot', newSnapshot('eu-west-1'), asOurs)).toBe(true);
    expect(may('copier', 'ec2:CopySnapshot', newSnapshot('eu-west-1'))).toBe(false);
    expect(may('copier', 'ec2:CopySnapshot', newSnapshot('eu-west-2'), asOurs)).toBe(false);
  });

  test('tags while it copies and never afterwards', () => {
    const tag = (context: ConditionContext): boolean =>
      may('copier', 'ec2:CreateTags', snapshot('eu-west-1'), context);

    expect(tag({ ...asOurs, 'ec2:CreateAction': 'CopySnapshot' })).toBe(true);
    expect(tag({ ...asOurs, 'ec2:CreateAction': 'CreateSnapshot' })).toBe(false);
    expect(tag(asOurs)).toBe(false);
  });

  test('uses keys through EC2 only, and in a destination only the key that is configured', () => {
    const key = (region: string, id: string): string => `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`;
    const use = (arn: string, service: string): boolean =>
      may('copier', 'kms:GenerateDataKeyWithoutPlaintext', arn, { 'kms:ViaService': service });

    expect(use(key('us-east-1', 'any'), 'ec2.us-east-1.amazonaws.com')).toBe(true);
    expect(use(key('us-east-1', 'any'), 's3.us-east-1.amazonaws.com')).toBe(false);
    expect(use(key('eu-central-1', OTHER_KEY), 'ec2.eu-central-1.amazonaws.com')).toBe(true);
    expect(use(key('eu-central-1', 'any'), 'ec2.eu-central-1.amazonaws.com')).toBe(false);
    expect(
      may('copier', 'kms:CreateGrant', key('eu-west-1', 'any'), { 'kms:GrantIsForAWSResource': true }),
    ).toBe(true);
    expect(may('copier', 'kms:CreateGrant', key('eu-west-1', 'any'), {})).toBe(false);
  });
});

describe('the pruner', () => {
  const remove = (context: ConditionContext, region = 'eu-west-1') =>
    decideAccess(policiesOf('pruner'), { action: 'ec2:DeleteSnapshot', resource: snapshot(region), context })
      .kind;

  test('deletes what is ours and condemned, and nothing else', () => {
    expect(remove(condemned)).toBe('allowed');
    expect(remove(condemned, 'us-east-1')).toBe('allowed');
    expect(remove(ours)).toBe('not-allowed');
    expect(remove({})).toBe('not-allowed');
    expect(remove({ ...condemned, 'aws:ResourceTag/smart-vault:vault': 'other' })).toBe('not-allowed');
    expect(remove(condemned, 'eu-west-2')).toBe('not-allowed');
  });

  test('never deletes what someone holds, whatever the value of the tag', () => {
    expect(remove({ ...condemned, 'aws:ResourceTag/backup:hold': '2027-01-01' })).toBe('denied');
    expect(remove({ ...condemned, 'aws:ResourceTag/backup:hold': '' })).toBe('denied');
  });

  test.each(['ec2:CreateTags', 'ec2:DeleteTags'])(
    '%s: the one tag that condemns, on snapshots of ours',
    (action) => {
      const tag = (context: ConditionContext): boolean =>
        may('pruner', action, snapshot('eu-west-1'), context);
      const keys = { 'aws:TagKeys': ['smart-vault:condemned-at'] };

      expect(tag({ ...ours, ...keys })).toBe(true);
      expect(tag(keys)).toBe(false);
      expect(tag({ ...ours, 'aws:TagKeys': ['smart-vault:vault'] })).toBe(false);
      expect(tag({ ...ours, 'aws:TagKeys': ['smart-vault:condemned-at', 'backup:hold'] })).toBe(false);
      // No keys at all would be all keys.
      expect(tag(ours)).toBe(false);
    },
  );
});

describe('queues, topic and metrics', () => {
  test('a dead letter can be read by the reporter and the reconciler and removed by none', () => {
    for (const name of ['volumes-dlq.fifo', 'copies-eu-west-1-dlq']) {
      for (const one of ['reporter', 'reconciler'] as const)
        expect(may(one, 'sqs:ReceiveMessage', queue(name)), one).toBe(true);
      for (const one of ['scheduler', 'snapshotter', 'copier', 'reconciler', 'pruner', 'reporter'] as const) {
        expect(may(one, 'sqs:DeleteMessage', queue(name)), one).toBe(false);
      }
    }
  });

  test('pumps work their own queues only', () => {
    expect(may('snapshotter', 'sqs:ReceiveMessage', queue('volumes.fifo'))).toBe(true);
    expect(may('snapshotter', 'sqs:ReceiveMessage', queue('copies-eu-west-1'))).toBe(false);
    expect(may('copier', 'sqs:ReceiveMessage', queue('copies-eu-central-1'))).toBe(true);
    expect(may('copier', 'sqs:ReceiveMessage', queue('volumes.fifo'))).toBe(false);
  });

  test('the reporter publishes to our topic and measures in our namespace', () => {
    const topic = `arn:aws:sns:us-east-1:${ACCOUNT}:smart-vault-notifications`;

    expect(may('reporter', 'sns:Publish', topic)).toBe(true);
    expect(may('reporter', 'sns:Publish', `${topic}-other`)).toBe(false);
    expect(may('reporter', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'SmartVault' })).toBe(
      true,
    );
    expect(may('reporter', 'cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'Other' })).toBe(false);
  });
});
