import {
  AppError,
  encodeMessage,
  type ReceivedMessage,
  type Region,
  type WakeUpMessage,
} from '@smart-vault/core';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { queueWorker, scheduledJob, wakeUpHandler } from '../src/index.ts';
import { createFakeLog, FakeClock } from './fakes.ts';

/** An invocation's context, as Lambda passes it. */
const context: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'smart-vault-copier',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:smart-vault-copier',
  memoryLimitInMB: '512',
  awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  logGroupName: '/aws/lambda/smart-vault-copier',
  logStreamName: '2026/11/22/[$LATEST]0',
  getRemainingTimeInMillis: () => 299_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};

/** A record of Lambda's SQS event, with everything that AWS puts in. */
function aRecord(
  body: string,
  changes: { messageId?: string; group?: string; attributes?: object } = {},
): SQSRecord {
  const { messageId = '059f36b4-87a3-44ab-83d2-661975830a7d', group } = changes;
  return {
    messageId,
    receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
    body,
    attributes: {
      ApproximateReceiveCount: '2',
      SentTimestamp: '1795348800000',
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: '1795348800123',
      ...(group === undefined
        ? {}
        : { MessageGroupId: group, SequenceNumber: '18849496460467696128', MessageDeduplicationId: '1' }),
    },
    messageAttributes: {
      'smart-vault.code': {
        stringValue: 'DENIED',
        stringListValues: [],
        binaryListValues: [],
        dataType: 'String',
      },
    },
    md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:smart-vault-copier-wakeups.fifo',
    awsRegion: 'us-east-1',
  };
}

const wakeUp = (region: string, id = '1'): string => {
  const message: WakeUpMessage = { v: 1, kind: 'wake-up', region: region as Region, cause: 'event', id };
  return encodeMessage(message);
};

/** Edges that keep what passes them. */
function aHost() {
  const metrics: [string, number, string][] = [];
  const log = createFakeLog();
  const emit = (name: string, value: number, unit: string) => void metrics.push([name, value, unit]);
  return { metrics, log, edges: { log, emit, clock: new FakeClock() } };
}

describe('wake-up handler', () => {
  it('runs the pump of every region that is named, each once, and acknowledges', async () => {
    const { edges, metrics } = aHost();
    const ran: Region[] = [];
    const handler = wakeUpHandler({
      service: 'copier',
      ...edges,
      run: async (region) => {
        ran.push(region);
        return { failed: 0 };
      },
    });

    const event: SQSEvent = {
      Records: [
        aRecord(wakeUp('eu-west-1'), { group: 'eu-west-1' }),
        aRecord(wakeUp('eu-west-1', '2'), { group: 'eu-west-1' }),
        aRecord(wakeUp('eu-central-1'), { group: 'eu-central-1' }),
      ],
    };
    const response = await handler(event, context);

    expect(ran).toEqual(['eu-west-1', 'eu-central-1']);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(metrics).toEqual([]);
  });

  it('acknowledges and counts when one region fails, and the other one still runs', async () => {
    const { edges, metrics, log } = aHost();
    const ran: Region[] = [];
    const handler = wakeUpHandler({
      service: 'copier',
      ...edges,
      run: async (region) => {
        if (region === 'eu-west-1') throw new Error('a bug');
        ran.push(region);
        return { failed: 2 };
      },
    });

    const event = { Records: [aRecord(wakeUp('eu-west-1')), aRecord(wakeUp('eu-central-1'))] };
    const response = await handler(event, context);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(ran).toEqual(['eu-central-1']);
    expect(metrics).toEqual([['RecordsFailed', 3, 'Count']]);
    expect(log.lines).toMatchObject([
      { event: 'wake-up.failed', fields: { region: 'eu-west-1', requestId: context.awsRequestId } },
    ]);
  });

  it('takes the region from the group when the body says nothing, and counts what it cannot read at all', async () => {
    const { edges, metrics } = aHost();
    const ran: Region[] = [];
    const handler = wakeUpHandler({
      service: 'copier',
      ...edges,
      run: async (region) => {
        ran.push(region);
        return { failed: 0 };
      },
    });

    const event = {
      Records: [aRecord('{"detail":{}}', { group: 'eu-west-1' }), aRecord('nonsense', { group: 'x' })],
    };
    const response = await handler(event, context);

    expect(ran).toEqual(['eu-west-1']);
    expect(response).toEqual({ batchItemFailures: [] });
    expect(metrics).toEqual([['RecordsFailed', 1, 'Count']]);
  });

  it('acknowledges even an event of a shape that Lambda never sends', async () => {
    const { edges, metrics, log } = aHost();
    const handler = wakeUpHandler({ service: 'copier', ...edges, run: async () => ({ failed: 0 }) });

    const response = await handler({} as SQSEvent, context);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(metrics).toEqual([['RecordsFailed', 1, 'Count']]);
    expect(log.lines).toMatchObject([{ level: 'error', event: 'wake-up.failed' }]);
  });

  it('gives the work the time that Lambda leaves it', async () => {
    const { edges } = aHost();
    const seen: number[] = [];
    const handler = wakeUpHandler({
      service: 'copier',
      ...edges,
      run: async (_region, { remainingMs }) => {
        seen.push(remainingMs());
        return { failed: 0 };
      },
    });

    await handler({ Records: [aRecord(wakeUp('eu-west-1'))] }, context);

    expect(seen).toEqual([299_000]);
  });
});

describe('queue worker', () => {
  it('returns exactly the messages that failed, and works on those behind them', async () => {
    const { edges, metrics, log } = aHost();
    const handled: string[] = [];
    const handler = queueWorker({
      service: 'reporter',
      ...edges,
      handle: async ({ id }) => {
        handled.push(id);
        if (id === 'b') throw new AppError('TRANSIENT', 'socket hang up');
      },
    });

    const event = { Records: ['a', 'b', 'c'].map((messageId) => aRecord('{}', { messageId })) };
    const response = await handler(event, context);

    expect(handled).toEqual(['a', 'b', 'c']);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'b' }] });
    expect(metrics).toEqual([['RecordsFailed', 1, 'Count']]);
    expect(log.lines).toMatchObject([
      { event: 'message.failed', fields: { messageId: 'b', receiveCount: 2 } },
    ]);
  });

  it('answers an empty list, never undefined, when all went well', async () => {
    const { edges } = aHost();
    const handler = queueWorker({ service: 'reporter', ...edges, handle: async () => undefined });

    expect(await handler({ Records: [aRecord('{}')] }, context)).toEqual({ batchItemFailures: [] });
  });

  it('hands messages over in our words', async () => {
    const { edges } = aHost();
    const messages: ReceivedMessage[] = [];
    const handler = queueWorker({
      service: 'reporter',
      ...edges,
      handle: async (message) => {
        messages.push(message);
      },
    });

    await handler({ Records: [aRecord('{"v":1}', { messageId: 'a', group: 'g' })] }, context);

    expect(messages).toEqual([
      {
        id: 'a',
        body: '{"v":1}',
        receipt: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        receiveCount: 2,
        sentAt: 1795348800000,
        groupId: 'g',
        attributes: { 'smart-vault.code': 'DENIED' },
      },
    ]);
  });
});

describe('scheduled job', () => {
  const options = { service: 'pruner', parse: (event: unknown) => String(event) };

  it('runs with the parsed input and answers what the job answers', async () => {
    const { edges } = aHost();
    const handler = scheduledJob({ ...options, ...edges, run: async (input) => ({ input, deleted: 3 }) });

    expect(await handler('prune', context)).toEqual({ input: 'prune', deleted: 3 });
  });

  it.each([
    ['the job', async () => Promise.reject(new AppError('TRANSIENT', 'no answer')), options.parse],
    [
      'the parser',
      async () => {},
      () => {
        throw new AppError('CONTRACT', 'no answer');
      },
    ],
  ])('throws on what %s throws, for Lambda to try again, and logs it once', async (_who, run, parse) => {
    const { edges, log } = aHost();
    const handler = scheduledJob({ ...options, ...edges, parse, run });

    await expect(handler('prune', context)).rejects.toThrow('no answer');
    expect(log.lines).toMatchObject([
      { level: 'error', event: 'job.failed', fields: { requestId: context.awsRequestId } },
    ]);
  });
});
