import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { createNotifier, createWorkQueue } from '@smart-vault/aws';
import { createQueueAdmin } from '@smart-vault/aws/queue-admin';
import type { Region } from '@smart-vault/core';
import {
  type QueueSpec,
  runSnsCommand,
  runSqsCommand,
  SdkError,
  SnsService,
  type SqsFaults,
  SqsService,
  VirtualClock,
} from '@smart-vault/simulator';
import { describe, expect, it } from 'vitest';

const region = 'us-east-1' as Region;
const accountId = '123456789012';
const SPEC = { region, fifo: false, visibilityTimeoutSeconds: 30, retentionSeconds: 86_400, delaySeconds: 0 };
type Command = Parameters<typeof runSqsCommand>[1];

/** The vault's own adapters, with a client that is no more than the model. */
function aVault(faults: SqsFaults = {}) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 2, 3));
  const account = { clock, seed: 3, accountId };
  const sqs = new SqsService({ ...account, queueUrl: (name) => `https://sqs.local/${name}`, faults });
  const sns = new SnsService(account);
  const client = { send: async (command: Command) => runSqsCommand(sqs, command, region) };
  const topic = { send: async (command: Command) => runSnsCommand(sns, command) };
  const backOff = {
    sleep: async (ms: number) => clock.advanceTo(clock.now() + Math.ceil(ms)),
    random: () => 0.5,
  };
  return {
    clock,
    sqs,
    sns,
    workQueue: (spec: Partial<QueueSpec> & { name: string }) =>
      createWorkQueue({
        region,
        url: sqs.createQueue({ ...SPEC, ...spec }).url,
        client: client as unknown as SQSClient,
        backOff,
      }),
    admin: createQueueAdmin({ region, client: client as unknown as SQSClient }),
    notifier: (topicArn: string) =>
      createNotifier({ region, topicArn, client: topic as unknown as SNSClient }),
  };
}

const bodies = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => body).sort();
const minutes = (vault: ReturnType<typeof aVault>, count: number) =>
  vault.clock.advanceTo(vault.clock.now() + count * 60_000);

describe('the work queue adapter on the model', () => {
  it('sends 25 messages in batches and receives them with what they carry', async () => {
    const vault = aVault();
    const queue = vault.workQueue({ name: 'work' });
    const sent = Array.from({ length: 25 }, (_, at) => `m${String(at).padStart(2, '0')}`);

    await queue.send(sent.map((body) => ({ body, attributes: { of: body } })));
    const received = await queue.receive(100);

    expect(bodies(received)).toEqual(sent);
    for (const { body, receiveCount, sentAt, attributes } of received)
      expect([receiveCount, sentAt, attributes]).toEqual([1, vault.clock.now(), { of: body }]);
    expect(await queue.depth()).toEqual({ visible: 0, inFlight: 25, delayed: 0 });
  });

  it('sends again what a fault of SQS refused', async () => {
    const offers: string[] = [];
    const vault = aVault({
      failEntry: (_, { body, at }) => {
        offers.push(body);
        return body === 'b' && at === Date.UTC(2026, 10, 2, 3);
      },
    });
    const queue = vault.workQueue({ name: 'work' });

    await queue.send([{ body: 'a' }, { body: 'b' }, { body: 'c' }]);

    expect(offers).toEqual(['a', 'b', 'c', 'b']);
    expect(bodies(await queue.receive(10))).toEqual(['a', 'b', 'c']);
  });

  it('says how many were refused when SQS goes on refusing', async () => {
    const queue = aVault({ failEntry: (_, { body }) => body === 'b' }).workQueue({ name: 'work' });

    await expect(queue.send([{ body: 'a' }, { body: 'b' }])).rejects.toMatchObject({
      code: 'TRANSIENT',
      details: { awsCode: 'InternalError', refused: 1, of: 2 },
    });
  });

  it('keeps a group locked until its message is deleted or handed back', async () => {
    const queue = aVault().workQueue({ name: 'work.fifo', fifo: true });
    await queue.send(['1', '2'].map((id) => ({ body: `a${id}`, groupId: 'a', deduplicationId: id })));

    const [first] = await queue.receive(1);
    const locked = await queue.receive(10);
    if (first !== undefined) await queue.changeVisibility(first, 0);
    const again = await queue.receive(1);
    if (again[0] !== undefined) await queue.delete(again[0]);
    const next = await queue.receive(10);

    expect([bodies(locked), bodies(again), bodies(next)]).toEqual([[], ['a1'], ['a2']]);
    expect(next[0]?.groupId).toBe('a');
  });

  it('tells that a queue is not there', async () => {
    const vault = aVault();
    const queue = vault.workQueue({ name: 'work' });
    const other = createWorkQueue({
      region,
      url: `${queue.url}-nobody`,
      client: { send: async (command: Command) => runSqsCommand(vault.sqs, command) } as unknown as SQSClient,
    });

    await expect(other.receive(1)).rejects.toMatchObject({ code: 'CONFIG' });
  });
});

describe('the queue administration on the model', () => {
  it('finds dead letters, and sends them back', async () => {
    const vault = aVault();
    const dead = vault.workQueue({ name: 'v-work-dlq' });
    const redrive = { deadLetterName: 'v-work-dlq', maxReceiveCount: 1 };
    const queue = vault.workQueue({ name: 'v-work', redrive });
    await queue.send([{ body: 'poison' }]);
    const [received] = await queue.receive(1);
    minutes(vault, 1);
    await queue.receive(1);

    const urls = await vault.admin.listQueueUrls('v-');
    const facts = await vault.admin.describeQueue(dead.url);
    const sources = await vault.admin.listSourceQueueUrls(dead.url);
    const handle = await vault.admin.startMove({ sourceArn: facts.arn });
    const moves = await vault.admin.listMoves(facts.arn);
    const [back] = await queue.receive(1);

    expect(urls).toEqual([queue.url, dead.url]);
    expect([facts.depth.visible, sources]).toEqual([1, [queue.url]]);
    expect(moves).toEqual([
      { status: 'completed', sourceArn: facts.arn, moved: 1, toMove: 1, startedAt: vault.clock.now() },
    ]);
    expect([back?.body, back?.receiveCount, back?.sentAt]).toEqual(['poison', 1, vault.clock.now()]);
    expect(back?.id).not.toBe(received?.id);
    await expect(vault.admin.cancelMove(handle)).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('needs a destination for letters that nobody knows the source of', async () => {
    const vault = aVault();
    const dead = vault.workQueue({ name: 'v-work-dlq' });
    const queue = vault.workQueue({
      name: 'v-work',
      redrive: { deadLetterName: 'v-work-dlq', maxReceiveCount: 1 },
    });
    await dead.send([{ body: 'sent here by a function' }]);
    const { arn } = await vault.admin.describeQueue(dead.url);
    const target = await vault.admin.describeQueue(queue.url);

    await vault.admin.startMove({ sourceArn: arn });
    const failed = await vault.admin.listMoves(arn);
    await vault.admin.startMove({ sourceArn: arn, destinationArn: target.arn });

    expect(failed[0]).toMatchObject({ status: 'failed', failureReason: 'CouldNotDetermineMessageSource' });
    expect(bodies(await queue.receive(10))).toEqual(['sent here by a function']);
    expect((await vault.admin.listMoves(arn)).map(({ status }) => status)).toEqual(['completed', 'failed']);
  });

  it('moves dead letters only', async () => {
    const vault = aVault();
    const queue = vault.workQueue({ name: 'v-work' });
    const { arn } = await vault.admin.describeQueue(queue.url);

    await expect(vault.admin.startMove({ sourceArn: arn })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(vault.admin.startMove({ sourceArn: `${arn}-nobody` })).rejects.toMatchObject({
      code: 'CONFIG',
    });
  });
});

describe('the notifier on the model', () => {
  it('makes of any text what SNS takes', async () => {
    const vault = aVault();
    const { arn } = vault.sns.createTopic('alerts', region);
    vault.sns.subscribe(arn, 'email', 'ops@example.com');
    const notifier = vault.notifier(arn);

    await notifier.publish({ subject: `FAILED:\n${'long '.repeat(50)}`, body: 'ä'.repeat(200_000) });
    vault.sns.confirm('ops@example.com');
    await notifier.publish({ subject: 'OK', body: 'fine' });

    const [first, second] = vault.sns.published();
    expect(first?.subject?.startsWith('FAILED:')).toBe(true);
    expect([first?.at, first?.receivers, second?.message]).toEqual([vault.clock.now(), [], 'fine']);
    expect(second?.receivers.map(({ endpoint }) => endpoint)).toEqual(['ops@example.com']);
  });

  it('tells that there is no topic, and that SNS is down', async () => {
    const vault = aVault();
    const notifier = vault.notifier('arn:aws:sns:us-east-1:123456789012:nobody');
    await expect(notifier.publish({ subject: 's', body: 'b' })).rejects.toMatchObject({ code: 'CONFIG' });

    vault.sns.fault = () => new SdkError('InternalError', 'SNS is down', 500);

    await expect(notifier.publish({ subject: 's', body: 'b' })).rejects.toMatchObject({ code: 'TRANSIENT' });
    expect(vault.sns.published()).toEqual([]);
  });
});
