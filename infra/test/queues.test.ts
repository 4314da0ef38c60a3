import { decodeSettings } from '@smart-vault/core';
import { allowsService, type QueueResource, type StackModel } from '@smart-vault/simulator';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'] });
});

const DAY_SECONDS = 86_400;
const allQueues = (): readonly QueueResource[] => [...vault.models.values()].flatMap((model) => model.queues);
const isDeadLetterQueue = (queue: QueueResource): boolean => /-dlq(\.fifo|-[a-z0-9-]+)?$/.test(queue.name);
const policiesOf = (model: StackModel, queue: QueueResource) =>
  model.queuePolicies.filter(({ targets }) => targets.includes(queue.url)).map(({ document }) => document);

test('the queues are those that everyone agreed on', () => {
  expect(vault.source.queues.map(({ name }) => name).sort()).toEqual([
    'smart-vault-copier-wakeups.fifo',
    'smart-vault-copies-eu-central-1',
    'smart-vault-copies-eu-central-1-dlq',
    'smart-vault-copies-eu-west-1',
    'smart-vault-copies-eu-west-1-dlq',
    'smart-vault-events-dlq',
    'smart-vault-jobs-dlq',
    'smart-vault-reports',
    'smart-vault-reports-dlq',
    'smart-vault-snapshotter-wakeups.fifo',
    'smart-vault-volumes-dlq.fifo',
    'smart-vault-volumes.fifo',
  ]);
  expect(named([...vault.models.values()], 'smart-vault-eu-west-1').queues.map(({ name }) => name)).toEqual([
    'smart-vault-events-dlq-eu-west-1',
  ]);
});

test('every queue that carries work has a dead-letter queue of its own kind and takes five receives', () => {
  const work = allQueues().filter(
    (queue) => !isDeadLetterQueue(queue) && !queue.name.endsWith('-wakeups.fifo'),
  );

  expect(work.map(({ name }) => name)).toHaveLength(4);
  for (const queue of work) {
    const deadLetters = allQueues().find(({ arn }) => arn === queue.redrive?.deadLetterArn);
    expect(deadLetters, queue.name).toBeDefined();
    expect(deadLetters?.fifo).toBe(queue.fifo);
    expect(queue.redrive?.maxReceiveCount).toBe(5);
    expect(queue.retentionSeconds).toBe(4 * DAY_SECONDS);
  }
});

test('dead letters are kept for 14 days, and rules and schedules bury in standard queues', () => {
  const deadLetterQueues = allQueues().filter(isDeadLetterQueue);

  expect(deadLetterQueues).toHaveLength(8);
  for (const queue of deadLetterQueues) expect(queue.retentionSeconds, queue.name).toBe(14 * DAY_SECONDS);
  const buried = vault.source.schedules.map(({ target }) => target.deadLetterArn);
  buried.push(...vault.source.rules.flatMap(({ targets }) => targets.map((target) => target.deadLetterArn)));
  for (const arn of buried) expect(allQueues().find((queue) => queue.arn === arn)?.fifo).toBe(false);
});

describe('visibility timeouts', () => {
  test('a queue behind an event source mapping hides a message for six times the function’s timeout', () => {
    const reports = named(vault.source.queues, 'smart-vault-reports');
    const reporter = named(vault.source.functions, 'smart-vault-reporter');

    expect(reports.visibilityTimeoutSeconds).toBeGreaterThanOrEqual(6 * reporter.timeoutSeconds);
  });

  test('wake-ups stay hidden just longer than their pump can run, and are gone soon', () => {
    for (const pump of ['snapshotter', 'copier']) {
      const wakeUps = named(vault.source.queues, `smart-vault-${pump}-wakeups.fifo`);
      const { timeoutSeconds } = named(vault.source.functions, `smart-vault-${pump}`);

      expect(wakeUps.visibilityTimeoutSeconds).toBeGreaterThan(timeoutSeconds);
      expect(wakeUps.visibilityTimeoutSeconds).toBeLessThanOrEqual(timeoutSeconds + 60);
      expect(wakeUps.retentionSeconds).toBe(600);
      expect(wakeUps.contentBasedDeduplication).toBe(true);
      expect(wakeUps.redrive).toBeUndefined();
      // The copier's work comes with the same event as its wake-up; the snapshotter's has been there long before.
      expect(wakeUps.delaySeconds).toBe(pump === 'copier' ? 1 : 0);
    }
  });

  test('work in hand stays hidden longer than EC2’s reads lag and than its pump can run', () => {
    for (const name of ['volumes.fifo', 'copies-eu-west-1', 'copies-eu-central-1']) {
      const { visibilityTimeoutSeconds } = named(vault.source.queues, `smart-vault-${name}`);

      expect(visibilityTimeoutSeconds).toBeGreaterThanOrEqual(360);
    }
  });
});

describe('who may send', () => {
  const overTls = { 'aws:SecureTransport': 'true', 'aws:SourceAccount': ACCOUNT };
  const send = (queue: QueueResource, context: Readonly<Record<string, string>>) => ({
    action: 'sqs:SendMessage',
    resource: queue.arn,
    context,
  });

  test('every queue is encrypted and denies what does not come over TLS', () => {
    for (const [name, model] of vault.models) {
      for (const queue of model.queues) {
        const statements = policiesOf(model, queue).flatMap(({ Statement }) => Statement);
        const properties = vault.templates.get(name)?.Resources?.[queue.logicalId]?.Properties;

        expect(properties?.['SqsManagedSseEnabled'], queue.name).toBe(true);
        expect(statements).toContainEqual({
          Action: 'sqs:*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Resource: queue.arn,
        });
      }
    }
  });

  test('a rule may send to its targets and dead letters, and to nothing else', () => {
    for (const model of vault.models.values()) {
      for (const rule of model.rules) {
        const wanted = rule.targets.flatMap(({ arn, deadLetterArn }) => [arn, deadLetterArn ?? '']);
        for (const queue of model.queues) {
          const request = send(queue, { ...overTls, 'aws:SourceArn': rule.arn });
          const allowed = allowsService(policiesOf(model, queue), 'events.amazonaws.com', request);
          expect(allowed, `${rule.name} to ${queue.name}`).toBe(wanted.includes(queue.arn));
        }
      }
    }
  });

  test('another rule, another account, another service and plain HTTP may not', () => {
    const queue = named(vault.source.queues, 'smart-vault-copies-eu-west-1');
    const rule = named(vault.source.rules, 'smart-vault-snapshots-eu-west-1');
    const ours = { ...overTls, 'aws:SourceArn': rule.arn };
    const may = (service: string, context: Readonly<Record<string, string>>): boolean =>
      allowsService(policiesOf(vault.source, queue), service, send(queue, context));

    expect(may('events.amazonaws.com', ours)).toBe(true);
    expect(may('events.amazonaws.com', { ...ours, 'aws:SourceArn': `${rule.arn}-other` })).toBe(false);
    expect(may('events.amazonaws.com', { ...ours, 'aws:SourceAccount': '999999999999' })).toBe(false);
    expect(may('events.amazonaws.com', { ...ours, 'aws:SecureTransport': 'false' })).toBe(false);
    expect(may('sns.amazonaws.com', ours)).toBe(false);
  });
});

test('in each region a queue carries the settings of the vault, for the operator who has only that region left', () => {
  const destination = named([...vault.models.values()], 'smart-vault-eu-west-1');
  const anchors = [
    named(vault.source.queues, 'smart-vault-volumes.fifo'),
    named(destination.queues, 'smart-vault-events-dlq-eu-west-1'),
  ];

  for (const { tags } of anchors) {
    expect(decodeSettings(tags)).toMatchObject({
      sourceRegion: 'us-east-1',
      destinations: ['eu-west-1', 'eu-central-1'],
      policy: 'default',
      schedule: 'cron(0 3 * * ? *)',
      timezone: 'UTC',
      retentionDays: 7,
      keepMin: 3,
    });
  }
});
