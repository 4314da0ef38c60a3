import { parseScheduledJob, parseScheduledRun, parseWakeUp } from '@smart-vault/core';
import { allows, type ScheduleSpec } from '@smart-vault/simulator';
import { beforeAll, expect, test } from 'vitest';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'], timezone: 'Europe/Berlin' });
});

/** The input as Scheduler sends it. */
const inputOf = ({ target }: ScheduleSpec): string =>
  (target.input ?? '').replace('<aws.scheduler.scheduled-time>', '2026-11-22T03:00:00Z');
const scheduleNamed = (name: string) => named(vault.source.schedules, `smart-vault-${name}`);

test('these are all, each enabled', () => {
  expect(vault.source.schedules.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'smart-vault-backup-default ENABLED',
    'smart-vault-prune ENABLED',
    'smart-vault-reconcile ENABLED',
    'smart-vault-tick-copier-eu-central-1 ENABLED',
    'smart-vault-tick-copier-eu-west-1 ENABLED',
    'smart-vault-tick-snapshotter-us-east-1 ENABLED',
  ]);
});

test('a run is for the scheduled instant, whenever it is called', () => {
  const backup = scheduleNamed('backup-default');

  expect(backup.target.arn).toBe(`arn:aws:lambda:us-east-1:${ACCOUNT}:function:smart-vault-scheduler`);
  expect([backup.expression, backup.timeZone]).toEqual(['cron(0 3 * * ? *)', 'Europe/Berlin']);
  expect(parseScheduledRun(JSON.parse(inputOf(backup)))).toEqual({
    v: 1,
    kind: 'scheduled-run',
    policy: 'default',
    slot: '2026-11-22T03:00:00Z',
  });
});

test('the reconciler runs hourly and the pruner by its own schedule', () => {
  const reconcile = scheduleNamed('reconcile');
  const prune = scheduleNamed('prune');

  expect([reconcile.expression, prune.expression, prune.timeZone]).toEqual([
    'rate(1 hour)',
    'cron(0 0/6 * * ? *)',
    'Europe/Berlin',
  ]);
  expect(parseScheduledJob(JSON.parse(inputOf(reconcile))).job).toBe('reconcile');
  expect(parseScheduledJob(JSON.parse(inputOf(prune))).job).toBe('prune');
});

test.each([
  ['tick-snapshotter-us-east-1', 'us-east-1', 'snapshotter-wakeups.fifo'],
  ['tick-copier-eu-west-1', 'eu-west-1', 'copier-wakeups.fifo'],
  ['tick-copier-eu-central-1', 'eu-central-1', 'copier-wakeups.fifo'],
])('%s wakes its pump every five minutes, once per tick', (name, region, queue) => {
  const tick = scheduleNamed(name);

  expect(tick.expression).toBe('rate(5 minutes)');
  expect(tick.target.arn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-${queue}`);
  expect(tick.target.messageGroupId).toBe(region);
  expect(parseWakeUp(inputOf(tick))).toEqual({
    v: 1,
    kind: 'wake-up',
    region,
    cause: 'tick',
    id: '2026-11-22T03:00:00Z',
  });
});

test('each retries, has dead letters, and a role that can call its target and bury, and no other schedule’s', () => {
  for (const schedule of vault.source.schedules) {
    const { target } = schedule;
    const role = vault.source.roles.find(({ arn }) => arn === target.roleArn);
    const may = (action: string, resource: string): boolean =>
      allows(role?.policies ?? [], { action, resource });
    const call = target.arn.includes(':lambda:') ? 'lambda:InvokeFunction' : 'sqs:SendMessage';

    expect(target.retry).toMatchObject({ maximumRetryAttempts: 185 });
    expect(target.deadLetterArn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-jobs-dlq`);
    expect(may(call, target.arn), schedule.name).toBe(true);
    expect(may('sqs:SendMessage', target.deadLetterArn ?? '')).toBe(true);
    for (const other of vault.source.schedules.filter((one) => one.target.arn !== target.arn)) {
      expect(may('lambda:InvokeFunction', other.target.arn) || may('sqs:SendMessage', other.target.arn)).toBe(
        false,
      );
    }
    expect(JSON.stringify(role?.trust)).toContain(`schedule-group/smart-vault"`);
  }
});

test('a rate is deployed as the cron whose slots everyone can compute', () => {
  const often = synthesize({ schedule: 'rate(6 hours)', timezone: 'Asia/Tokyo' });
  const backup = named(often.source.schedules, 'smart-vault-backup-default');
  const { environment } = named(often.source.functions, 'smart-vault-reconciler');

  expect([backup.expression, backup.timeZone]).toEqual(['cron(0 0/6 * * ? *)', 'UTC']);
  expect([environment['SCHEDULE_EXPRESSION'], environment['SCHEDULE_TIMEZONE']]).toEqual([
    backup.expression,
    backup.timeZone,
  ]);
});
