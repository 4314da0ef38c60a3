import { describe, expect, test } from 'vitest';
import { createQueueAdmin } from '../src/queue-admin.ts';
import { json, scriptedAws } from './support/scripted-aws.ts';

const HOST = 'https://sqs.us-east-1.amazonaws.com/000000000000';
const ARN = 'arn:aws:sqs:us-east-1:000000000000';

test('lists the queues of a vault, over all pages', async () => {
  const aws = scriptedAws(
    json({ QueueUrls: [`${HOST}/v-volumes.fifo`], NextToken: 't1' }),
    json({ QueueUrls: [`${HOST}/v-reports`] }),
  );

  const urls = await createQueueAdmin(aws.connection()).listQueueUrls('v-');

  expect(urls).toEqual([`${HOST}/v-volumes.fifo`, `${HOST}/v-reports`]);
  expect(aws.requests).toMatchObject([
    { target: 'AmazonSQS.ListQueues', json: { QueueNamePrefix: 'v-', MaxResults: 1_000 } },
    { target: 'AmazonSQS.ListQueues', json: { QueueNamePrefix: 'v-', MaxResults: 1_000, NextToken: 't1' } },
  ]);
});

test('lists the queues whose dead letters come here; none when there are none', async () => {
  const aws = scriptedAws(json({ queueUrls: [`${HOST}/v-reports`] }), json({}));
  const admin = createQueueAdmin(aws.connection());

  await expect(admin.listSourceQueueUrls(`${HOST}/v-reports-dlq`)).resolves.toEqual([`${HOST}/v-reports`]);
  await expect(admin.listSourceQueueUrls(`${HOST}/v-reports`)).resolves.toEqual([]);

  expect(aws.requests[0]).toMatchObject({
    target: 'AmazonSQS.ListDeadLetterSourceQueues',
    json: { QueueUrl: `${HOST}/v-reports-dlq`, MaxResults: 1_000 },
  });
});

describe('describeQueue', () => {
  const attributes = {
    QueueArn: `${ARN}:v-volumes.fifo`,
    ApproximateNumberOfMessages: '3',
    ApproximateNumberOfMessagesNotVisible: '1',
    ApproximateNumberOfMessagesDelayed: '0',
    MessageRetentionPeriod: '345600',
    VisibilityTimeout: '420',
    CreatedTimestamp: '1793000000',
  };
  const facts = {
    url: `${HOST}/v-volumes.fifo`,
    arn: `${ARN}:v-volumes.fifo`,
    name: 'v-volumes.fifo',
    fifo: true,
    depth: { visible: 3, inFlight: 1, delayed: 0 },
    retentionSeconds: 345_600,
    visibilitySeconds: 420,
    createdAt: 1_793_000_000_000,
  };

  test.each([5, '5'])('tells where dead letters go (maxReceiveCount %j)', async (maxReceiveCount) => {
    const RedrivePolicy = JSON.stringify({
      deadLetterTargetArn: `${ARN}:v-volumes-dlq.fifo`,
      maxReceiveCount,
    });
    const aws = scriptedAws(json({ Attributes: { ...attributes, RedrivePolicy } }));

    const found = await createQueueAdmin(aws.connection()).describeQueue(facts.url);

    expect(found).toEqual({
      ...facts,
      redrive: { deadLetterArn: `${ARN}:v-volumes-dlq.fifo`, maxReceiveCount: 5 },
    });
    expect(aws.requests[0]).toMatchObject({ json: { QueueUrl: facts.url, AttributeNames: ['All'] } });
  });

  test('tells nothing of dead letters when there is no place for them', async () => {
    const aws = scriptedAws(json({ Attributes: attributes }));

    await expect(createQueueAdmin(aws.connection()).describeQueue(facts.url)).resolves.toEqual(facts);
  });

  test('says CONFIG when there is no such queue', async () => {
    const aws = scriptedAws(json({ __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no' }, 400));

    await expect(createQueueAdmin(aws.connection()).describeQueue(facts.url)).rejects.toMatchObject({
      code: 'CONFIG',
    });
  });
});

describe('a move of dead letters', () => {
  test('goes back to where they came from, or elsewhere', async () => {
    const aws = scriptedAws(json({ TaskHandle: 'h1' }), json({ TaskHandle: 'h2' }));
    const admin = createQueueAdmin(aws.connection());

    await expect(admin.startMove({ sourceArn: `${ARN}:v-reports-dlq` })).resolves.toBe('h1');
    await admin.startMove({
      sourceArn: `${ARN}:v-reports-dlq`,
      destinationArn: `${ARN}:v-reports`,
      messagesPerSecondMax: 10,
    });

    expect(aws.requests.map((request) => request.json)).toEqual([
      { SourceArn: `${ARN}:v-reports-dlq` },
      {
        SourceArn: `${ARN}:v-reports-dlq`,
        DestinationArn: `${ARN}:v-reports`,
        MaxNumberOfMessagesPerSecond: 10,
      },
    ]);
    expect(aws.requests[0]?.target).toBe('AmazonSQS.StartMessageMoveTask');
  });

  test('is listed while it runs and after', async () => {
    const aws = scriptedAws(
      json({
        Results: [
          {
            TaskHandle: 'h1',
            Status: 'RUNNING',
            SourceArn: `${ARN}:d`,
            ApproximateNumberOfMessagesMoved: 2,
            ApproximateNumberOfMessagesToMove: 5,
            StartedTimestamp: 1_790_349_600_000,
          },
          {
            Status: 'FAILED',
            SourceArn: `${ARN}:d`,
            DestinationArn: `${ARN}:q`,
            FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
            StartedTimestamp: 1,
          },
        ],
      }),
    );

    const moves = await createQueueAdmin(aws.connection()).listMoves(`${ARN}:d`);

    expect(moves).toEqual([
      {
        handle: 'h1',
        status: 'running',
        sourceArn: `${ARN}:d`,
        moved: 2,
        toMove: 5,
        startedAt: 1_790_349_600_000,
      },
      {
        status: 'failed',
        sourceArn: `${ARN}:d`,
        destinationArn: `${ARN}:q`,
        moved: 0,
        startedAt: 1,
        failureReason: 'AWS.SimpleQueueService.NonExistentQueue',
      },
    ]);
    expect(aws.requests[0]).toMatchObject({
      target: 'AmazonSQS.ListMessageMoveTasks',
      json: { SourceArn: `${ARN}:d`, MaxResults: 10 },
    });
  });

  test('can be stopped', async () => {
    const aws = scriptedAws(json({ ApproximateNumberOfMessagesMoved: 4 }));

    await expect(createQueueAdmin(aws.connection()).cancelMove('h1')).resolves.toBe(4);

    expect(aws.requests[0]).toMatchObject({
      target: 'AmazonSQS.CancelMessageMoveTask',
      json: { TaskHandle: 'h1' },
    });
  });
});
