import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { runSnsCommand, SdkError, SnsService, VirtualClock } from '../../src/index.ts';

const START_MS = Date.UTC(2026, 10, 2, 3);
let clock: VirtualClock;
let sns: SnsService;
let TopicArn: string;
beforeEach(() => {
  clock = new VirtualClock(START_MS);
  sns = new SnsService({ clock, seed: 1, accountId: '123456789012' });
  TopicArn = sns.createTopic('alerts', 'us-east-1').arn;
});

const publish = (input: { Subject?: string; Message?: string } = {}) =>
  runSnsCommand(sns, new PublishCommand({ TopicArn, Message: 'm', ...input }));

describe('publishing', () => {
  it('keeps what was published, when, and who got it', () => {
    sns.subscribe(TopicArn, 'email', 'ops@example.com');
    sns.subscribe(TopicArn, 'sqs', 'arn:aws:sqs:us-east-1:123456789012:alerts');
    publish({ Subject: 'first', Message: 'one' });
    clock.advanceTo(START_MS + 5);
    sns.confirm('ops@example.com');
    const { MessageId } = publish({ Message: 'two' });

    const [first, second] = sns.published();
    expect([first?.subject, first?.message, first?.at]).toEqual(['first', 'one', START_MS]);
    expect(first?.receivers.map(({ protocol }) => protocol)).toEqual(['sqs']);
    expect([second?.messageId, second?.subject, second?.at]).toEqual([MessageId, undefined, START_MS + 5]);
    expect(second?.receivers.map(({ protocol }) => protocol)).toEqual(['email', 'sqs']);
  });

  it.each([
    ['Backup OK', true],
    ['Sauvegarde terminée ✓', true],
    ['x'.repeat(99), true],
    ['💾'.repeat(99), true],
    ['x'.repeat(100), false],
    ['', false],
    ['two\nlines', false],
    ['two\u2028lines', false],
    ['bell\u0007', false],
    ['delete\u007f', false],
  ])('judges the subject %j', (Subject, taken) => {
    const attempt = () => publish({ Subject });

    if (taken) expect(attempt().MessageId).toMatch(/^[0-9a-f-]{36}$/);
    else expect(attempt).toThrow(expect.objectContaining({ name: 'InvalidParameterException' }));
    expect(sns.published().length).toBe(taken ? 1 : 0);
  });

  it('fails as it is told to', () => {
    sns.fault = ({ message }, at) =>
      message === 'm' && at === START_MS ? new SdkError('InternalError', 'down', 500) : undefined;

    expect(() => publish()).toThrow('down');
    clock.advanceTo(START_MS + 1);

    expect(publish().$metadata.httpStatusCode).toBe(200);
  });

  it('knows nothing but publishing to a topic', () => {
    const command = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [] });

    expect(() => runSnsCommand(sns, command)).toThrow('does not know PublishBatchCommand');
    expect(() => runSnsCommand(sns, new PublishCommand({ Message: 'm' }))).toThrow('TopicArn');
  });
});

describe('subscriptions', () => {
  it('are pending for mail until it is confirmed', () => {
    sns.subscribe(TopicArn, 'email', 'ops@example.com');
    sns.subscribe(TopicArn, 'email', 'ops@example.com');
    expect(sns.subscriptions('pending').map(({ endpoint }) => endpoint)).toEqual(['ops@example.com']);

    sns.confirm('ops@example.com');

    expect([sns.subscriptions('pending'), sns.subscriptions().length]).toEqual([[], 1]);
  });

  it('need a topic', () => {
    expect(() => sns.subscribe(`${TopicArn}-no`, 'email', 'a@b.c')).toThrow('Topic does not exist');
    expect(sns.topics().map(({ name }) => name)).toEqual(['alerts']);
  });
});
