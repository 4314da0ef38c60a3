import { afterEach, describe, expect, it } from 'vitest';
import { failedOf } from '../../src/local-cloud/mappings.ts';
import type { SqsRecord } from '../../src/local-cloud/queues.ts';
import { aLambda, MINUTE, START } from './a-lambda.ts';

let lambda: Awaited<ReturnType<typeof aLambda>> | undefined;
afterEach(async () => {
  await lambda?.close();
  lambda = undefined;
});

/** Prints the bodies of each batch with the minute; fails those that say so. */
const WORKER = `exports.handler = async (event) => {
  console.log(JSON.stringify([(Date.now() - ${START}) / 60000, ...event.Records.map((record) => record.body)]));
  return { batchItemFailures: event.Records.filter((record) => record.body.startsWith('bad'))
    .map((record) => ({ itemIdentifier: record.messageId })) };
};`;
const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '360' };

const batches = (lines: readonly string[]): unknown[] => lines.map((line) => JSON.parse(line) as unknown);

describe('an event source mapping', () => {
  it('hands over batches and leaves only the failed messages to their visibility timeout', async () => {
    lambda = await aLambda({
      functions: { worker: { code: WORKER } },
      queues: { work: { VisibilityTimeout: '120' } },
      mappings: [{ batchSize: 3 }],
    });
    for (const body of ['a', 'bad', 'c', 'd']) lambda.queues.send('work', body);

    await lambda.run(3);

    expect(batches(lambda.lines)).toEqual([
      [0, 'a', 'bad', 'c'],
      [0, 'd'],
      [2, 'bad'],
    ]);
  });

  it('moves a message to the dead-letter queue once it was received as often as the redrive policy allows', async () => {
    lambda = await aLambda({
      functions: { worker: { code: WORKER } },
      queues: {
        dead: {},
        work: {
          VisibilityTimeout: '60',
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
            maxReceiveCount: 2,
          }),
        },
      },
      mappings: [{}],
    });
    lambda.queues.send('work', 'bad');

    await lambda.run(10);

    expect(batches(lambda.lines)).toEqual([
      [0, 'bad'],
      [1, 'bad'],
    ]);
    expect(lambda.queues.messages('dead').map((message) => message.body)).toEqual(['bad']);
    expect(lambda.queues.counts('work')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('takes several messages of a group in order, and none of a group that is at work', async () => {
    const slow = WORKER.replace('return {', 'await new Promise((done) => setTimeout(done, 60000)); return {');
    lambda = await aLambda({
      functions: { worker: { code: slow } },
      queues: { 'work.fifo': FIFO },
      mappings: [{ queueName: 'work.fifo' }],
    });
    for (const body of ['a1', 'a2']) lambda.queues.send('work.fifo', body, { groupId: 'a' });
    lambda.clock.after(MINUTE / 2, 'later', () => {
      lambda?.queues.send('work.fifo', 'a3', { groupId: 'a' });
      lambda?.queues.send('work.fifo', 'b1', { groupId: 'b' });
    });

    await lambda.run(10);

    expect(batches(lambda.lines)).toEqual([
      [0, 'a1', 'a2'],
      [0.5, 'b1'],
      [1, 'a3'],
    ]);
  });

  it('keeps a failed FIFO message in front of its group until its visibility timeout is over', async () => {
    lambda = await aLambda({
      functions: { worker: { code: WORKER } },
      queues: { 'work.fifo': FIFO },
      mappings: [{ queueName: 'work.fifo' }],
    });
    lambda.queues.send('work.fifo', 'bad', { groupId: 'a' });
    lambda.clock.after(MINUTE, 'later', () => lambda?.queues.send('work.fifo', 'a2', { groupId: 'a' }));

    await lambda.run(7);

    expect(batches(lambda.lines)).toEqual([
      [0, 'bad'],
      [6, 'bad', 'a2'],
    ]);
  });

  it('waits for delayed messages without polling', async () => {
    lambda = await aLambda({
      functions: { worker: { code: WORKER } },
      queues: { work: { DelaySeconds: '600' } },
      mappings: [{}],
    });
    lambda.queues.send('work', 'late');

    await lambda.run(60);

    expect(batches(lambda.lines)).toEqual([[10, 'late']]);
    expect(lambda.functions.started).toBe(1);
  });

  it('never runs more batches at once than its maximum concurrency', async () => {
    const slow = WORKER.replace('return {', 'await new Promise((done) => setTimeout(done, 60000)); return {');
    lambda = await aLambda({
      functions: { worker: { code: slow } },
      queues: { work: { VisibilityTimeout: '360' } },
      mappings: [{ batchSize: 1, concurrencyMax: 2 }],
    });
    for (const body of ['a', 'b', 'c']) lambda.queues.send('work', body);

    await lambda.run(5);

    expect(batches(lambda.lines)).toEqual([
      [0, 'a'],
      [0, 'b'],
      [1, 'c'],
    ]);
  });

  it('does nothing while it is disabled', async () => {
    lambda = await aLambda({
      functions: { worker: { code: WORKER } },
      queues: { work: {} },
      mappings: [{ enabled: false }],
    });
    lambda.queues.send('work', 'a');

    await lambda.run(5);

    expect(lambda.functions.started).toBe(0);
    expect(lambda.queues.counts('work').visible).toBe(1);
  });
});

describe('which messages of a batch stay', () => {
  const records = ['1', '2'].map((messageId) => ({ messageId }) as SqsRecord);
  const returned = (result: unknown) => [...failedOf(records, { kind: 'returned', result }, true)];

  it.each([
    ['nothing returned', null, []],
    ['an empty object', {}, []],
    ['an empty list', { batchItemFailures: [] }, []],
    ['one failure', { batchItemFailures: [{ itemIdentifier: '2' }] }, ['2']],
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'x' }] }, ['1', '2']],
    ['an empty id', { batchItemFailures: [{ itemIdentifier: '' }] }, ['1', '2']],
    ['a wrong key', { batchItemFailures: [{ id: '2' }] }, ['1', '2']],
    ['something that is no object', 'fine', ['1', '2']],
  ])('%s', (_name, result, expected) => {
    expect(returned(result)).toEqual(expected);
  });

  it('an error means all of them, with or without item failures', () => {
    const end = { kind: 'failed', error: { name: 'Error', message: 'no' } } as const;
    expect([...failedOf(records, end, false)]).toEqual(['1', '2']);
  });
});
