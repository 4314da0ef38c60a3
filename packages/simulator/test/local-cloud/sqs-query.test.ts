import { describe, expect, test } from 'vitest';
import type { ServiceRequest } from '../../src/local-cloud/endpoint.ts';
import { isSqsQuery, jsonRequestOf, queryAnswerOf } from '../../src/local-cloud/sqs-query.ts';

const request = (form: Readonly<Record<string, string>>): ServiceRequest => ({
  service: 'sqs',
  region: 'us-east-1',
  accessKeyId: 'local',
  path: '/',
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  body: Buffer.from(String(new URLSearchParams({ ...form, Version: '2012-11-05' }))),
});

function translated(form: Readonly<Record<string, string>>) {
  const { headers, body } = jsonRequestOf(request(form));
  return { target: headers['x-amz-target'], input: JSON.parse(body.toString('utf8')) as unknown };
}

test('only a request to SQS without a target is in the query protocol', () => {
  const query = request({ Action: 'ListQueues' });

  expect(isSqsQuery(query)).toBe(true);
  expect(isSqsQuery({ ...query, service: 'sns' })).toBe(false);
  expect(isSqsQuery(jsonRequestOf(query))).toBe(false);
});

describe('a request becomes the JSON one that means the same', () => {
  test('lists keep the order of their numbers, and what is a number becomes one', () => {
    const names = Object.fromEntries(
      Array.from({ length: 11 }, (_, n) => [`AttributeName.${n + 1}`, `name-${n + 1}`]),
    );
    expect(
      translated({ Action: 'ReceiveMessage', QueueUrl: 'http://q', MaxNumberOfMessages: '10', ...names }),
    ).toEqual({
      target: 'AmazonSQS.ReceiveMessage',
      input: {
        QueueUrl: 'http://q',
        MaxNumberOfMessages: 10,
        AttributeNames: Array.from({ length: 11 }, (_, n) => `name-${n + 1}`),
      },
    });
  });

  test('maps, and maps in the entries of a batch', () => {
    expect(
      translated({
        Action: 'SendMessageBatch',
        'SendMessageBatchRequestEntry.1.Id': 'a',
        'SendMessageBatchRequestEntry.1.MessageBody': '12',
        'SendMessageBatchRequestEntry.1.DelaySeconds': '5',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name': 'k',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType': 'String',
        'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue': 'v',
      }).input,
    ).toEqual({
      Entries: [
        {
          Id: 'a',
          MessageBody: '12',
          DelaySeconds: 5,
          MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
        },
      ],
    });
    expect(
      translated({
        Action: 'SetQueueAttributes',
        'Attribute.1.Name': 'VisibilityTimeout',
        'Attribute.1.Value': '30',
      }).input,
    ).toEqual({ Attributes: { VisibilityTimeout: '30' } });
    expect(translated({ Action: 'TagQueue', 'Tag.1.Key': 'team', 'Tag.1.Value': '' }).input).toEqual({
      Tags: { team: '' },
    });
  });
});

describe('an answer becomes XML', () => {
  const answer = (output: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => ({
    status,
    headers: { 'x-amzn-requestid': 'r', ...headers },
    body: output === undefined ? '' : JSON.stringify(output),
  });
  const metadata = '<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>';

  test('items of lists and entries of maps stand side by side, escaped', () => {
    const messages = [
      { Body: '<&>', Attributes: { SentTimestamp: '1' }, MessageAttributes: { k: { StringValue: 'v' } } },
      { Body: 'two' },
    ];
    expect(queryAnswerOf('ReceiveMessage', answer({ Messages: messages })).body).toBe(
      '<ReceiveMessageResponse><ReceiveMessageResult>' +
        '<Message><Body>&lt;&amp;&gt;</Body><Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>' +
        '<MessageAttribute><Name>k</Name><Value><StringValue>v</StringValue></Value></MessageAttribute></Message>' +
        '<Message><Body>two</Body></Message>' +
        `</ReceiveMessageResult>${metadata}</ReceiveMessageResponse>`,
    );
  });

  test('the entries of a batch are named for their operation', () => {
    const output = { Successful: [{ Id: 'a' }], Failed: [{ Id: 'b', SenderFault: true, Code: 'X' }] };
    expect(queryAnswerOf('DeleteMessageBatch', answer(output)).body).toBe(
      '<DeleteMessageBatchResponse><DeleteMessageBatchResult>' +
        '<DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry>' +
        '<BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>X</Code></BatchResultErrorEntry>' +
        `</DeleteMessageBatchResult>${metadata}</DeleteMessageBatchResponse>`,
    );
  });

  test('without an output there is no result', () => {
    expect(queryAnswerOf('DeleteMessage', answer(undefined)).body).toBe(
      `<DeleteMessageResponse>${metadata}</DeleteMessageResponse>`,
    );
  });

  test('errors have the code of the query protocol', () => {
    const error = { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no <queue>' };
    const header = { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' };
    const xml = (code: string) =>
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no &lt;queue&gt;</Message></Error>` +
      '<RequestId>r</RequestId></ErrorResponse>';

    expect(queryAnswerOf('GetQueueUrl', answer(error, 400, header))).toMatchObject({
      status: 400,
      body: xml('AWS.SimpleQueueService.NonExistentQueue'),
    });
    expect(queryAnswerOf('GetQueueUrl', answer(error, 400)).body).toBe(xml('QueueDoesNotExist'));
  });
});
