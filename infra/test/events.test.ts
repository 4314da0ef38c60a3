import { parseCopyWork, parseWakeUp } from '@smart-vault/core';
import { allows, matchesPattern, renderInput } from '@smart-vault/simulator';
import { beforeAll, describe, expect, test } from 'vitest';
import { copyEvent, snapshotEvent, snapshotSetEvent } from './support/ebs-events.ts';
import { ACCOUNT, named, type Synthesized, synthesize } from './support/synthesized.ts';

let vault: Synthesized;
beforeAll(() => {
  vault = synthesize({ destinationRegions: ['eu-west-1', 'eu-central-1'] });
});

/** Names of the rules of a stack that an event on its bus sets off. */
const rulesFor = (stack: string, event: object): readonly string[] =>
  named([...vault.models.values()], stack)
    .rules.filter(({ pattern }) => matchesPattern(pattern, event))
    .map(({ name }) => name.replace('smart-vault-', ''))
    .sort();

const ALL_SNAPSHOT_RULES = ['snapshots', 'snapshots-eu-central-1', 'snapshots-eu-west-1'];

describe('events on the bus of the source region', () => {
  test.each(['succeeded', 'failed'] as const)('a snapshot that %s concerns both pumps', (result) => {
    expect(rulesFor('smart-vault', snapshotEvent({ region: 'us-east-1', result }))).toEqual(
      ALL_SNAPSHOT_RULES,
    );
    expect(rulesFor('smart-vault', snapshotSetEvent({ region: 'us-east-1', result }))).toEqual(
      ALL_SNAPSHOT_RULES,
    );
  });

  test('the end of a copy, forwarded from a destination, concerns that destination only', () => {
    expect(rulesFor('smart-vault', copyEvent({ region: 'eu-west-1', result: 'failed' }))).toEqual([
      'copies-eu-west-1',
    ]);
    expect(rulesFor('smart-vault', copyEvent({ region: 'eu-central-1' }))).toEqual(['copies-eu-central-1']);
  });

  test('nothing of other regions, other sources and other events', () => {
    expect(rulesFor('smart-vault', snapshotEvent({ region: 'eu-west-1' }))).toEqual([]);
    expect(rulesFor('smart-vault', copyEvent({ region: 'us-east-1' }))).toEqual([]);
    expect(rulesFor('smart-vault', snapshotEvent({ region: 'us-east-1', event: 'archiveSnapshot' }))).toEqual(
      [],
    );
    expect(rulesFor('smart-vault', { ...snapshotEvent({ region: 'us-east-1' }), source: 'my.app' })).toEqual(
      [],
    );
  });
});

describe('targets', () => {
  const event = snapshotEvent({ region: 'us-east-1' });
  const render = (rule: string, id: string) => {
    const { targets, arn, name } = named(vault.source.rules, rule);
    const target = targets.find((candidate) => candidate.id === id);
    if (target === undefined) throw new Error(`${rule} has no target ${id}`);
    const rendered = renderInput(target, event, { ruleArn: arn, ruleName: name, ingestedAt: 0 });
    return { target, text: rendered.kind === 'text' ? rendered.text : rendered.message };
  };

  test.each([
    ['smart-vault-snapshots', 'Snapshotter', 'us-east-1', 'snapshotter-wakeups.fifo'],
    ['smart-vault-snapshots-eu-west-1', 'Copier', 'eu-west-1', 'copier-wakeups.fifo'],
    ['smart-vault-copies-eu-central-1', 'Copier', 'eu-central-1', 'copier-wakeups.fifo'],
  ])('%s wakes a pump in the group of its region', (rule, id, region, queue) => {
    const { target, text } = render(rule, id);

    expect(target.arn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-${queue}`);
    expect(target.messageGroupId).toBe(region);
    expect(parseWakeUp(text)).toEqual({ v: 1, kind: 'wake-up', region, cause: 'event', id: event.id });
  });

  test('the copies queue gets the event as it is', () => {
    const { target, text } = render('smart-vault-snapshots-eu-west-1', 'Copies');

    expect(target.arn).toBe(`arn:aws:sqs:us-east-1:${ACCOUNT}:smart-vault-copies-eu-west-1`);
    expect(JSON.parse(text)).toEqual(event);
    expect(parseCopyWork(text).kind).toBe('event');
  });

  test('no rule has more than the five targets that EventBridge allows', () => {
    for (const model of vault.models.values()) {
      for (const { targets } of model.rules) expect(targets.length).toBeLessThanOrEqual(5);
    }
  });

  test('every target has a dead-letter queue in the region of its rule', () => {
    for (const { region, rules } of vault.models.values()) {
      for (const target of rules.flatMap(({ targets }) => targets)) {
        expect(target.deadLetterArn).toMatch(new RegExp(`^arn:aws:sqs:${region}:`));
      }
    }
  });
});

describe('a destination', () => {
  test('forwards the end of copies to it, and nothing else', () => {
    expect(rulesFor('smart-vault-eu-west-1', copyEvent({ region: 'eu-west-1' }))).toEqual(['forward']);
    expect(rulesFor('smart-vault-eu-west-1', snapshotEvent({ region: 'eu-west-1' }))).toEqual([]);
    // An event that was forwarded once must not travel on: EventBridge makes one hop only.
    expect(rulesFor('smart-vault-eu-west-1', copyEvent({ region: 'eu-central-1' }))).toEqual([]);
  });

  test('puts events on the default bus of the source region, and its role can do nothing else', () => {
    const destination = named([...vault.models.values()], 'smart-vault-eu-west-1');
    const bus = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/default`;
    const [role] = destination.roles;

    expect(named(destination.rules, 'smart-vault-forward').targets.map(({ arn }) => arn)).toEqual([bus]);
    expect(destination.roles).toHaveLength(1);
    expect(role?.policies.flatMap(({ Statement }) => Statement)).toEqual([
      { Sid: 'Forward', Effect: 'Allow', Action: 'events:PutEvents', Resource: bus },
    ]);
    expect(allows(role?.policies ?? [], { action: 'events:PutEvents', resource: `${bus}-other` })).toBe(
      false,
    );
  });
});
