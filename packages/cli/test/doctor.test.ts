import { rmSync } from 'node:fs';
import {
  DeleteQueueCommand,
  PurgeQueueCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Region } from '@smart-vault/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alarmNamesIn, ruleNamesIn } from '../src/doctor/names.ts';
import {
  anInstance,
  DESTINATION,
  HOUR,
  instanceId,
  SOURCE,
  snapshotId,
  startCloud,
  volumeId,
} from './seeded-vault.ts';

// One healthy vault of two servers; each test breaks one thing, has it found, and mends it.
const MAIL = 'ops@example.com';

let at: Awaited<ReturnType<typeof startCloud>>;
beforeAll(async () => {
  at = await startCloud([anInstance(1, [1, 2]), anInstance(2, [3])], { alertEmails: [MAIL] });
  await at.hours(4);
}, 60_000);
afterAll(async () => {
  await at?.cloud.close();
  rmSync(at.assembly, { recursive: true, force: true });
});

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly region: string | null;
  readonly what: string;
  readonly fix: string;
}
const examined = async (setup = {}): Promise<{ status: number; findings: readonly Finding[] }> => {
  const { status, out } = await at.vault('doctor --json', setup);
  return { status, findings: JSON.parse(out).findings };
};
const operator = () => at.cloud.world.operator;
test('before anybody has confirmed, both topics are found, with the mail to look for', async () => {
  const { status, findings } = await examined();

  expect(status).toBe(1);
  expect(findings.map(({ check, region }) => [check, region])).toEqual([
    ['subscribers', SOURCE],
    ['subscribers', DESTINATION],
  ]);
  expect(findings[0]?.what).toContain(`${MAIL} pending`);
  expect(findings[0]?.fix).toContain(
    'aws sns subscribe --region us-east-1 --topic-arn arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
  );
});

test('a healthy vault gives no finding', async () => {
  at.cloud.queues.confirmSubscriptions(MAIL);

  expect(await examined()).toEqual({ status: 0, findings: [] });
  expect((await at.vault('doctor')).out).toMatch(/^HEALTHY: \d+ checks, nothing wrong\.$/);
});

test('the names of rules and alarms that it looks for are those of the templates', () => {
  const place = {
    name: 'smart-vault',
    region: SOURCE as Region,
    destinations: [DESTINATION as Region],
  };
  for (const stack of at.cloud.stacks) {
    const region = stack.region as typeof place.region;
    expect([...ruleNamesIn(place, region)].sort()).toEqual(stack.rules.map(({ name }) => name).sort());
    expect([...alarmNamesIn(place, region)].sort()).toEqual(stack.alarms.map(({ name }) => name).sort());
  }
});

interface Fault {
  readonly name: string;
  readonly seed: () => unknown;
  readonly mend: () => unknown;
  /** The check that finds it, where, and what it says and wants done. */
  readonly finds: readonly [check: string, severity: string, region: string | null];
  readonly says: string;
  readonly fix: string;
}
let fault = '';

const FAULTS: readonly Fault[] = [
  {
    name: 'a tag that selects nothing',
    seed: () => operator().setTags(SOURCE, instanceId(2), { backup: undefined, Backup: 'True' }),
    mend: () => operator().setTags(SOURCE, instanceId(2), { backup: 'true', Backup: undefined }),
    finds: ['selection', 'problem', SOURCE],
    says: `${instanceId(2)} (Backup=True)`,
    fix: `aws ec2 create-tags --region us-east-1 --resources ${instanceId(2)} --tags Key=backup,Value=true`,
  },
  {
    name: 'an instance without a tag',
    seed: () => operator().setTags(SOURCE, instanceId(2), { backup: undefined }),
    mend: () => operator().setTags(SOURCE, instanceId(2), { backup: 'true' }),
    finds: ['selection', 'note', SOURCE],
    says: '1 instance without a tag backup',
    fix: 'Key=backup,Value=true',
  },
  {
    name: 'a selected instance whose only volume is left out',
    seed: () => operator().setTags(SOURCE, volumeId(3), { backup: 'false' }),
    mend: () => operator().setTags(SOURCE, volumeId(3), { backup: undefined }),
    finds: ['left-out', 'warning', SOURCE],
    says: `${instanceId(2)} (all its volumes are left out)`,
    fix: 'Value=false',
  },
  {
    name: 'a permission of the caller',
    seed: () => {
      fault = at.cloud.world.faults.deny('CreateTags', ({ region }) => region === DESTINATION);
    },
    mend: () => at.cloud.world.faults.lift(fault),
    finds: ['permissions', 'warning', DESTINATION],
    says: 'you may not ec2:CreateTags in eu-west-1',
    fix: 'Allow ec2:CreateTags',
  },
  {
    name: 'a permission to read',
    seed: () => {
      fault = at.cloud.world.faults.deny('DescribeLockedSnapshots', ({ region }) => region === SOURCE);
    },
    mend: () => at.cloud.world.faults.lift(fault),
    finds: ['permissions', 'warning', SOURCE],
    says: 'you may not ec2:DescribeLockedSnapshots',
    fix: 'Allow ec2:DescribeLockedSnapshots',
  },
  {
    name: 'an alarm whose actions are off',
    seed: () => at.cloud.cloudWatch(SOURCE).setActionsEnabled('smart-vault-RpoBreached-source', false),
    mend: () => at.cloud.cloudWatch(SOURCE).setActionsEnabled('smart-vault-RpoBreached-source', true),
    finds: ['alarms', 'problem', SOURCE],
    says: 'switched off: smart-vault-RpoBreached-source',
    fix: 'aws cloudwatch enable-alarm-actions --region us-east-1 --alarm-names smart-vault-RpoBreached-source',
  },
  {
    name: 'an alarm that is missing',
    seed: () => at.cloud.cloudWatch(DESTINATION).deleteAlarm('smart-vault-DeadLettersForwarding-eu-west-1'),
    mend: () => {
      const spec = at.cloud.stacks
        .flatMap(({ alarms }) => alarms)
        .find(({ name }) => name === 'smart-vault-DeadLettersForwarding-eu-west-1');
      if (spec !== undefined) at.cloud.cloudWatch(DESTINATION).addAlarm(spec);
    },
    finds: ['alarms', 'problem', DESTINATION],
    says: 'missing alarms: smart-vault-DeadLettersForwarding-eu-west-1',
    fix: 'cdk deploy smart-vault-eu-west-1',
  },
  {
    name: 'another vault in the region',
    seed: () => at.cloud.queues.createQueue('staging-volumes.fifo', SOURCE, { FifoQueue: 'true' }),
    mend: () => sqs(SOURCE).send(new DeleteQueueCommand({ QueueUrl: queueUrl('staging-volumes.fifo') })),
    finds: ['other-vaults', 'warning', SOURCE],
    says: 'other vaults in us-east-1: staging',
    fix: 'doctor --vault staging',
  },
  {
    name: 'a queue whose failures go nowhere, and whose messages come back too soon',
    seed: () => setAttributes({ RedrivePolicy: '', VisibilityTimeout: '30' }),
    mend: () =>
      setAttributes({
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:smart-vault-copies-eu-west-1-dlq',
          maxReceiveCount: 5,
        }),
        VisibilityTimeout: '420',
      }),
    finds: ['queues', 'problem', SOURCE],
    says: 'messages of smart-vault-copies-eu-west-1 stay hidden for 30 s',
    fix: 'cdk deploy --all',
  },
  {
    name: 'a dead letter of an event in the destination',
    seed: () => at.cloud.queues.send('smart-vault-events-dlq-eu-west-1', '{}', {}),
    mend: () =>
      sqs(DESTINATION).send(
        new PurgeQueueCommand({ QueueUrl: queueUrl('smart-vault-events-dlq-eu-west-1') }),
      ),
    finds: ['dead-letters', 'problem', DESTINATION],
    says: '1 dead letter in smart-vault-events-dlq-eu-west-1',
    fix: 'aws sqs receive-message --region eu-west-1',
  },
  {
    name: 'a key that cannot be used, by copies that failed for it',
    seed: () =>
      operator().addSnapshot(DESTINATION, {
        id: snapshotId(77),
        state: 'error',
        stateMessage: 'Given key ID is not accessible',
        tags: copyTags(),
      }),
    mend: () => operator().deleteSnapshot(DESTINATION, snapshotId(77)),
    finds: ['keys', 'problem', DESTINATION],
    says: `1 snapshot in eu-west-1 failed for a key: ${snapshotId(77)} (Given key ID is not accessible)`,
    fix: 'aws kms describe-key --region eu-west-1 --key-id alias/aws/ebs',
  },
  {
    name: 'a key that cannot be used, by a dry run',
    seed: () => {
      operator().addSnapshot(SOURCE, {
        ...aSource(78),
        kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/1',
      });
      operator().setKeyState(DESTINATION, 'default', 'disabled');
    },
    mend: () => {
      operator().deleteSnapshot(SOURCE, snapshotId(78));
      operator().setKeyState(DESTINATION, 'default', 'usable');
    },
    finds: ['keys', 'problem', DESTINATION],
    says: 'EC2 refuses a copy to eu-west-1 with the key alias/aws/ebs',
    fix: 'aws kms describe-key',
  },
  {
    name: 'a snapshot with the tag of the vault and nothing else',
    seed: () =>
      operator().addSnapshot(SOURCE, { id: snapshotId(79), tags: { 'smart-vault:vault': 'smart-vault' } }),
    mend: () => operator().deleteSnapshot(SOURCE, snapshotId(79)),
    finds: ['orphans', 'warning', SOURCE],
    says: snapshotId(79),
    fix: 'smart-vault prune plan --all',
  },
  {
    name: 'a hold that is over',
    seed: () =>
      operator().addSnapshot(SOURCE, {
        ...aSource(80),
        tags: { ...pointTags(), 'backup:hold': '2026-10-31' },
      }),
    mend: () => operator().deleteSnapshot(SOURCE, snapshotId(80)),
    finds: ['holds', 'note', SOURCE],
    says: `1 hold in us-east-1 that are over: ${snapshotId(80)}`,
    fix: `smart-vault release ${snapshotId(80)}`,
  },
  {
    name: 'a condemned snapshot that nobody deletes',
    seed: () => {
      const startedAt = at.cloud.clock.now() - 5 * 24 * HOUR;
      const condemned = { 'smart-vault:condemned-at': slotText(at.cloud.clock.now() - 80 * HOUR) };
      operator().addSnapshot(SOURCE, {
        ...aSource(81),
        state: 'error',
        startedAt,
        tags: { ...pointTags(startedAt), ...condemned },
      });
    },
    mend: () => operator().deleteSnapshot(SOURCE, snapshotId(81)),
    finds: ['pruning', 'warning', SOURCE],
    says: '1 snapshot condemned and not deleted',
    fix: 'smart-vault prune plan',
  },
  {
    name: 'a destination that is down',
    seed: () => {
      fault = at.cloud.world.faults.outage(DESTINATION);
    },
    mend: () => at.cloud.world.faults.lift(fault),
    finds: ['reachability', 'problem', DESTINATION],
    says: 'eu-west-1 did not answer ec2:DescribeSnapshots',
    fix: 'health.aws.amazon.com',
  },
];

const sqs = (region: string) => new SQSClient({ region, endpoint: at.cloud.endpoint });
const queueUrl = (name: string): string => at.cloud.queues.urlOf(name);
const setAttributes = (Attributes: Record<string, string>) =>
  sqs(SOURCE).send(
    new SetQueueAttributesCommand({ QueueUrl: queueUrl('smart-vault-copies-eu-west-1'), Attributes }),
  );
const slotText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const pointTags = (startedAt = at.cloud.clock.now() - HOUR) => ({
  'smart-vault:vault': 'smart-vault',
  'smart-vault:policy': 'default',
  'smart-vault:slot': slotText(startedAt),
  'smart-vault:instance': instanceId(1),
});
const aSource = (n: number) => ({
  id: snapshotId(n),
  volumeId: volumeId(1),
  startedAt: at.cloud.clock.now() - HOUR,
  tags: pointTags(),
});
const copyTags = () => ({
  ...pointTags(),
  'smart-vault:volume': volumeId(1),
  CopiedFrom: SOURCE,
  OriginalSnapshotId: snapshotId(1),
});

describe('finds', () => {
  test.each(FAULTS)('$name', async ({ seed, mend, finds: [check, severity, region], says, fix }) => {
    await seed();
    const { status, findings } = await examined();
    await mend();

    const found = findings.filter((each) => each.check === check && each.severity === severity);
    expect(found.map((each) => each.region)).toContain(region);
    expect(found.map(({ what }) => what).join('\n')).toContain(says);
    expect(found.map((each) => each.fix).join('\n')).toContain(fix);
    expect(status).toBe(severity === 'note' ? 0 : 1);
  });

  test('a clock of this machine that is another than that of the endpoint, which may have its own', async () => {
    const { status, findings } = await examined({ now: () => at.cloud.clock.now() - 600_000 });

    expect(findings).toMatchObject([{ check: 'clock', severity: 'note', region: null }]);
    expect(findings[0]?.what).toContain('10m behind');
    expect(status).toBe(0);
  });
});

test('what one region cannot tell hides nothing of the others', async () => {
  const outage = at.cloud.world.faults.outage(DESTINATION);
  operator().setTags(SOURCE, instanceId(2), { backup: undefined, BACKUP: 'yes' });
  const { findings } = await examined();
  operator().setTags(SOURCE, instanceId(2), { backup: 'true', BACKUP: undefined });
  at.cloud.world.faults.lift(outage);

  expect(findings.map(({ check }) => check)).toEqual(['reachability', 'selection']);
});

test('mended, the vault is healthy again', async () => {
  expect(await examined()).toEqual({ status: 0, findings: [] });
});

test('a day without schedules, and with rules switched off: all of it is found', async () => {
  for (const { name, arn } of at.cloud.schedules.list()) {
    if (name !== 'smart-vault-prune') at.cloud.schedules.remove(arn);
  }
  at.cloud.buses.bus(DESTINATION).setRuleState('smart-vault-forward', 'DISABLED');
  at.cloud.buses.bus(SOURCE).setRuleState('smart-vault-snapshots', 'DISABLED');
  await at.hours(12);
  // Snapshots and copies end without the rules that should hear of it.
  await at.vault('run');
  await at.hours(13);

  const { status, findings } = await examined();

  expect(status).toBe(1);
  const found = findings.map(({ check, what, fix }) => `${check}: ${what}: ${fix}`);
  expect(found.sort()).toEqual([
    expect.stringMatching(
      /^events: .*: aws events enable-rule --region eu-west-1 --name smart-vault-forward$/,
    ),
    expect.stringMatching(
      /^events: .*: aws events enable-rule --region us-east-1 --name smart-vault-snapshots$/,
    ),
    expect.stringMatching(/^last-run: the run of 2026-11-03T03:00:00Z has made no snapshot/),
    expect.stringMatching(/^schedules: the function smart-vault-copier has not run for 30m/),
    expect.stringMatching(/^schedules: the function smart-vault-reconciler has not run for 2h/),
    expect.stringMatching(/^schedules: the function smart-vault-snapshotter has not run for 30m/),
  ]);
}, 60_000);
