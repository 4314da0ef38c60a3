import type { PolicyStatement } from '@smart-vault/simulator';
import { beforeAll, describe, expect, test } from 'vitest';
import { named, type Synthesized, synthesize } from './support/synthesized.ts';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'] });
});

interface Granted {
  readonly role: string;
  readonly statement: PolicyStatement;
}
const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

/** Every statement of every role of every stack. */
const granted = (): readonly Granted[] =>
  [...vault.models.values()].flatMap(({ roles }) =>
    roles.flatMap((role) =>
      role.policies.flatMap(({ Statement }) =>
        Statement.map((statement) => ({ role: role.logicalId, statement })),
      ),
    ),
  );
const allowed = () => granted().filter(({ statement }) => statement.Effect === 'Allow');

/** The actions that the role of a function is allowed. */
function actionsOf(name: string): ReadonlySet<string> {
  const { roleArn } = named(vault.source.functions, `smart-vault-${name}`);
  const role = vault.source.roles.find(({ arn }) => arn === roleArn);
  const statements = role?.policies.flatMap(({ Statement }) => Statement) ?? [];
  return new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => list(Action)));
}

const QUEUE_WORK = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:ReceiveMessage',
];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const KMS = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

describe('the whole of what a function may do', () => {
  test.each([
    ['scheduler', ['ec2:DescribeInstances', 'ec2:DescribeVolumes', ...LOG, 'sqs:SendMessage']],
    [
      'snapshotter',
      [
        'ec2:CreateSnapshot',
        'ec2:CreateSnapshots',
        'ec2:CreateTags',
        'ec2:DescribeInstances',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
        ...LOG,
        ...QUEUE_WORK,
        'sqs:SendMessage',
      ],
    ],
    [
      'copier',
      [
        'ec2:CopySnapshot',
        'ec2:CreateTags',
        'ec2:DescribeSnapshots',
        ...KMS,
        ...LOG,
        ...QUEUE_WORK,
        'sqs:SendMessage',
      ],
    ],
    [
      'reconciler',
      [
        'ec2:DescribeInstances',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
        ...LOG,
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ],
    ],
    [
      'pruner',
      [
        'ec2:CreateTags',
        'ec2:DeleteSnapshot',
        'ec2:DeleteTags',
        'ec2:DescribeImages',
        'ec2:DescribeLockedSnapshots',
        'ec2:DescribeSnapshots',
        ...LOG,
        'sqs:SendMessage',
      ],
    ],
    [
      'reporter',
      [
        'cloudwatch:PutMetricData',
        'ec2:DescribeInstances',
        'ec2:DescribeSnapshots',
        'ec2:DescribeVolumes',
        ...LOG,
        'sns:Publish',
        ...QUEUE_WORK,
        'sqs:SendMessage',
      ],
    ],
  ])('%s', (name, actions) => {
    expect([...actionsOf(name)].sort()).toEqual([...actions].sort());
  });
});

test('the reconciler reads dead letters only, never work', () => {
  const { roleArn } = named(vault.source.functions, 'smart-vault-reconciler');
  const role = vault.source.roles.find(({ arn }) => arn === roleArn);
  const resources = (role?.policies.flatMap(({ Statement }) => Statement) ?? [])
    .filter(({ Action }) => list(Action).some((action) => /^sqs:(Receive|Delete|Change)/.test(action)))
    .flatMap(({ Resource }) => list(Resource).map((arn) => arn.split(':').at(-1)));

  expect([...new Set(resources)].sort()).toEqual([
    'smart-vault-copies-eu-central-1-dlq',
    'smart-vault-copies-eu-west-1-dlq',
    'smart-vault-volumes-dlq.fifo',
  ]);
});

describe('of all roles', () => {
  test('no action has a wildcard, and none is stated by exclusion', () => {
    for (const { role, statement } of granted()) {
      expect(list(statement.Action).join(' '), role).not.toMatch(/\*/);
      expect(statement).not.toHaveProperty('NotAction');
      expect(statement).not.toHaveProperty('NotResource');
    }
  });

  test('“all resources” only where AWS knows no resources, and then with a condition', () => {
    const unlimited = allowed().filter(({ statement }) => list(statement.Resource).includes('*'));

    expect(unlimited).toHaveLength(7);
    for (const { role, statement } of unlimited) {
      expect(list(statement.Action).join(' '), role).toMatch(
        /^(ec2:Describe\w+( ec2:Describe\w+)*|cloudwatch:PutMetricData)$/,
      );
      expect(Object.keys(statement.Condition ?? {})).toEqual(['StringEquals']);
    }
  });

  test('a resource with a wildcard in it has a condition, but for the source of a copy, volumes and log streams', () => {
    const bare = allowed().filter(
      ({ statement }) =>
        list(statement.Resource).some((arn) => arn.includes('*')) && statement.Condition === undefined,
    );

    expect([...new Set(bare.map(({ statement }) => statement.Sid))].sort()).toEqual([
      'CopyFromSource',
      'Log',
      'SnapshotVolumes',
    ]);
  });

  test('none can both make and delete snapshots', () => {
    const roles = new Set(allowed().map(({ role }) => role));
    for (const role of roles) {
      const actions = allowed()
        .filter((one) => one.role === role)
        .flatMap(({ statement }) => list(statement.Action));
      const makes = actions.some((action) => /^ec2:(Create|Copy)Snapshot/.test(action));
      expect(makes && actions.includes('ec2:DeleteSnapshot'), role).toBe(false);
    }
  });

  test('none has a right that would undo protection or widen rights', () => {
    const forbidden =
      /^(iam:|sts:|rbin:|organizations:|ec2:(Unlock|ModifySnapshot|ResetSnapshot|Disable|Enable|Deregister|Terminate|DeleteVolume)|kms:(ScheduleKeyDeletion|Disable|Put|Delete)|events:(Put(?!Events)|Delete)|lambda:(?!InvokeFunction)|sqs:(Purge|Delete(?!Message)|SetQueue|AddPermission))/;
    const found = allowed()
      .flatMap(({ statement }) => list(statement.Action))
      .filter((action) => forbidden.test(action));

    expect(found).toEqual([]);
  });

  test('no managed policies, and each is assumed by exactly one service', () => {
    for (const role of [...vault.models.values()].flatMap(({ roles }) => roles)) {
      expect(role.managedPolicyArns, role.logicalId).toEqual([]);
      expect(role.trust.Statement).toHaveLength(1);
      const [trust] = role.trust.Statement;
      const service = (trust?.Principal as { readonly Service?: string } | undefined)?.Service;
      expect(service).toMatch(/^(lambda|scheduler|events)\.amazonaws\.com$/);
      // Other services act for whoever asks; these conditions make it us.
      if (service !== 'lambda.amazonaws.com') {
        expect(
          Object.values(trust?.Condition ?? {})
            .flatMap((block) => Object.keys(block))
            .sort(),
        ).toEqual(['aws:SourceAccount', 'aws:SourceArn']);
      }
    }
  });

  test('the inline policies stay within IAM’s 10,240 characters, with eight destinations too', () => {
    const wide = synthesize({
      vault: 'a-vault-with-a-name-of-32-letter',
      destinationRegions: [
        'us-east-2',
        'us-west-1',
        'us-west-2',
        'eu-west-1',
        'eu-central-1',
        'ap-southeast-1',
        'ap-southeast-2',
        'ap-northeast-1',
      ],
    });
    for (const role of wide.source.roles) {
      const size = role.policies
        .map((policy) => JSON.stringify(policy).length)
        .reduce((sum, next) => sum + next, 0);
      expect(size, role.logicalId).toBeLessThan(10_240);
    }
    for (const { document, targets } of wide.source.queuePolicies) {
      expect(document.Statement.length, targets.join()).toBeLessThanOrEqual(20);
      expect(JSON.stringify(document).length).toBeLessThan(8_192);
    }
  });
});

test('a dry run has no right to tag or delete', () => {
  const dry = synthesize({ prunerMode: 'dry-run' });
  const { roleArn } = named(dry.source.functions, 'smart-vault-pruner');
  const role = dry.source.roles.find(({ arn }) => arn === roleArn);
  const actions =
    role?.policies.flatMap(({ Statement }) => Statement).flatMap(({ Action }) => list(Action)) ?? [];

  expect(actions.filter((action) => /^ec2:(?!Describe)/.test(action))).toEqual([]);
});
