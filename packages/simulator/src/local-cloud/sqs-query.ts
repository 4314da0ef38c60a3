import { readQueryForm } from '../cloudwatch/protocols.ts';
import { block, element } from '../ec2/query/xml.ts';
import type { ServiceRequest } from './endpoint.ts';
import type { WireResponse } from './wire.ts';

/**
 * The query protocol that SQS had before AWS JSON (2023), for old clients: botocore before 1.31.60 and AWS CLIs with it,
 * Debian 12's among them. A request is turned into the JSON one that means the same, and its answer back.
 * Names: https://github.com/boto/botocore/blob/1.29.0/botocore/data/sqs/2012-11-05/service-2.json
 */
export const isSqsQuery = ({ service, headers }: ServiceRequest): boolean =>
  service === 'sqs' && headers['x-amz-target'] === undefined;

type Node = Readonly<Record<string, unknown>>;

/** Members that are lists: there `AttributeName.1=All`, here `AttributeNames: ['All']`. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
};

/** Members that are maps: there `Attribute.1.Name=…&Attribute.1.Value=…`. */
const MAPS: Readonly<Record<string, { readonly name: string; readonly key: string }>> = {
  Attribute: { name: 'Attributes', key: 'Name' },
  MessageAttribute: { name: 'MessageAttributes', key: 'Name' },
  MessageSystemAttribute: { name: 'MessageSystemAttributes', key: 'Name' },
  Tag: { name: 'Tags', key: 'Key' },
};

const INTEGERS = new Set([
  'DelaySeconds',
  'MaxNumberOfMessages',
  'MaxNumberOfMessagesPerSecond',
  'MaxResults',
  'VisibilityTimeout',
  'WaitTimeSeconds',
]);

/** The same request in AWS JSON 1.0. */
export function jsonRequestOf(request: ServiceRequest): ServiceRequest {
  const { action, input } = readQueryForm(request.body.toString('utf8'));
  const { Action: _action, Version: _version, ...members } = input as Node;
  const body = Buffer.from(JSON.stringify(jsonMembers(members)));
  return {
    ...request,
    headers: {
      ...request.headers,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(body.byteLength),
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body,
  };
}

function jsonMembers(members: Node): Node {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      const list = LISTS[name];
      if (list !== undefined) return [list, numbered(value).map(jsonItem)];
      const map = MAPS[name];
      if (map !== undefined) return [map.name, jsonMap(value, map.key)];
      return [name, INTEGERS.has(name) ? Number(value) : value];
    }),
  );
}

const jsonItem = (item: unknown): unknown => (isNode(item) ? jsonMembers(item) : item);

const jsonMap = (value: unknown, key: string): Node =>
  Object.fromEntries(
    numbered(value)
      .filter(isNode)
      .map((entry) => [String(entry[key]), entry['Value'] ?? '']),
  );

/** What stands under `.1`, `.2` and so on. */
const numbered = (value: unknown): readonly unknown[] =>
  isNode(value)
    ? Object.entries(value)
        .sort(([a], [b]) => Number(a) - Number(b))
        .map(([, item]) => item)
    : [];

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same answer in XML. @param operation such as `ReceiveMessage` */
export function queryAnswerOf(operation: string, answer: WireResponse): WireResponse {
  const output = answer.body === '' ? {} : (JSON.parse(answer.body) as Node);
  const id = answer.headers['x-amzn-requestid'] ?? '00000000-0000-0000-0000-000000000000';
  const body =
    answer.status === 200
      ? block(
          `${operation}Response`,
          resultOf(operation, output) + block('ResponseMetadata', element('RequestId', id)),
        )
      : block('ErrorResponse', errorOf(answer, output) + element('RequestId', id));
  return { status: answer.status, headers: { 'content-type': 'text/xml' }, body };
}

/** Operations without an output have no result at all. */
const resultOf = (operation: string, output: Node): string =>
  Object.keys(output).length === 0 ? '' : block(`${operation}Result`, xmlMembers(output, operation));

/** The code of the query protocol, where it differs, stands in a header of its own. */
function errorOf({ status, headers }: WireResponse, { __type, message, Message }: Node): string {
  const [old, type] = (headers['x-amzn-query-error'] ?? '').split(';');
  const code = old || String(__type ?? 'InternalFailure').replace(/^.*#/, '');
  return block(
    'Error',
    element('Type', type || (status < 500 ? 'Sender' : 'Receiver')) +
      element('Code', code) +
      element('Message', String(message ?? Message ?? '')),
  );
}

/** How the members of one name are written: each item of a list by itself, without anything around them. */
const ITEMS: Readonly<Record<string, string>> = {
  QueueUrls: 'QueueUrl',
  queueUrls: 'QueueUrl',
  Messages: 'Message',
  Failed: 'BatchResultErrorEntry',
};

const xmlMembers = (members: Node, operation: string): string =>
  Object.entries(members)
    .map(([name, value]) => xmlMember(name, value, operation))
    .join('');

function xmlMember(name: string, value: unknown, operation: string): string {
  if (Array.isArray(value)) {
    const item = name === 'Successful' ? `${operation}ResultEntry` : (ITEMS[name] ?? name);
    return value.map((each) => xmlMember(item, each, operation)).join('');
  }
  const map = Object.entries(MAPS).find(([, { name: plural }]) => plural === name);
  if (map !== undefined && isNode(value)) {
    const [entry, { key }] = map;
    return Object.entries(value)
      .map(([each, inner]) => block(entry, element(key, each) + xmlMember('Value', inner, operation)))
      .join('');
  }
  if (isNode(value)) return block(name, xmlMembers(value, operation));
  return value === undefined || value === null ? '' : element(name, value as string | number | boolean);
}
