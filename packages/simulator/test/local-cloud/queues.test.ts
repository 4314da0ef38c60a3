import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aLambda, MINUTE } from './a-lambda.ts';

const REDRIVE = JSON.stringify({
  deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
  maxReceiveCount: 3,
});
const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '360' };

let lambda: Awaited<ReturnType<typeof aLambda>>;
beforeEach(async () => {
  lambda = await aLambda({
    functions: {},
    queues: {
      dead: {},
      work: { VisibilityTimeout: '360', RedrivePolicy: REDRIVE },
      'work.fifo': FIFO,
      brief: { MessageRetentionPeriod: '600' },
    },
  });
});
afterEach(() => lambda.close());

/** Calls SQS over HTTP, as any SDK does. */
async function sqs(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  const response = await fetch(lambda.endpoint.url, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=k/20261102/us-east-1/sqs/aws4_request, Signature=x',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
    },
    body: JSON.stringify(input),
  });
  return (await response.json()) as Record<string, unknown>;
}
const urlOf = (name: string): string => `${lambda.endpoint.url}/000000000000/${name}`;
const bodiesOf = (answer: Record<string, unknown>): string[] =>
  ((answer['Messages'] ?? []) as { Body: string }[]).map(({ Body }) => Body);

describe('queues over HTTP, on the virtual clock', () => {
  it('gives queue URLs that lead back here', async () => {
    expect(await sqs('GetQueueUrl', { QueueName: 'work' })).toEqual({ QueueUrl: urlOf('work') });
  });

  it('shows a received message again when its visibility timeout of virtual time is over', async () => {
    await sqs('SendMessage', { QueueUrl: urlOf('work'), MessageBody: 'a' });
    const first = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work') }));
    await lambda.run(5);
    const early = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work') }));
    await lambda.run(2);
    const late = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work') }));

    expect([first, early, late]).toEqual([['a'], [], ['a']]);
  });

  it('keeps a FIFO group locked over virtual time until its message is back', async () => {
    for (const body of ['a1', 'a2']) {
      await sqs('SendMessage', { QueueUrl: urlOf('work.fifo'), MessageBody: body, MessageGroupId: 'a' });
    }
    const first = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work.fifo') }));
    await lambda.run(5);
    const locked = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work.fifo') }));
    await lambda.run(2);
    const back = bodiesOf(await sqs('ReceiveMessage', { QueueUrl: urlOf('work.fifo') }));

    expect([first, locked, back]).toEqual([['a1'], [], ['a1']]);
  });

  it('takes the same FIFO message once within five minutes, and again after them', async () => {
    lambda.queues.send('work.fifo', 'tick', { groupId: 'a' });
    lambda.queues.send('work.fifo', 'tick', { groupId: 'a' });
    expect(lambda.queues.counts('work.fifo').visible).toBe(1);

    await lambda.run(6);
    lambda.queues.send('work.fifo', 'tick', { groupId: 'a' });

    expect(lambda.queues.counts('work.fifo').visible).toBe(2);
  });

  it('drops messages whose retention is over', async () => {
    lambda.queues.send('brief', 'old news');

    await lambda.run(11);

    expect(lambda.queues.messages('brief')).toEqual([]);
  });

  it('says when something becomes visible next', async () => {
    await sqs('SendMessage', { QueueUrl: urlOf('work'), MessageBody: 'later', DelaySeconds: 120 });

    expect(lambda.queues.nextDue('work')).toBe(lambda.clock.now() + 2 * MINUTE);
  });

  it('refuses a message without a group for a FIFO queue', () => {
    expect(() => lambda.queues.send('work.fifo', 'x')).toThrow('MessageGroupId');
  });
});

describe('requests that cannot be served', () => {
  it('tells an unsigned caller what to do', async () => {
    const response = await fetch(lambda.endpoint.url, { method: 'POST', body: '{}' });

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Any access key will do');
  });

  it('tells that presigned URLs are not served', async () => {
    const response = await fetch(`${lambda.endpoint.url}/?X-Amz-Signature=abc`);

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('not presigned URLs');
  });
});
