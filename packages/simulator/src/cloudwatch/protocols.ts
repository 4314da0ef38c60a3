import type { CloudWatchFault } from './operations.ts';
import type { CloudWatchResponse } from './wire.ts';

const XMLNS = 'http://monitoring.amazonaws.com/doc/2010-08-01/';

/** AWS JSON 1.0: times as seconds. */
export function jsonAnswer(output: unknown, requestId: string): CloudWatchResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': requestId },
    body: JSON.stringify(toJson(output) ?? {}),
  };
}

/** An error of AWS JSON 1.0, with the code of the query protocol beside it, as SDKs in query mode expect. */
export function jsonFault(fault: CloudWatchFault, requestId: string): CloudWatchResponse {
  return {
    status: fault.status,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amzn-requestid': requestId,
      'x-amzn-query-error': `${fault.code};${fault.status < 500 ? 'Sender' : 'Receiver'}`,
    },
    body: JSON.stringify({
      __type: `com.amazonaws.cloudwatch#${shapeOf(fault)}`,
      message: fault.message,
    }),
  };
}

/** The shapes whose names are not the query protocol's code with `Exception` behind it. */
const SHAPES: Readonly<Record<string, string>> = {
  MissingParameter: 'MissingRequiredParameterException',
  InvalidNextToken: 'InvalidNextToken',
};

/** The name of the shape of an error in the API's model. */
export const shapeOf = (fault: CloudWatchFault): string => SHAPES[fault.code] ?? `${fault.code}Exception`;

/** Turns `Action=…&MetricData.member.1.Value=…` into the same shape that JSON has; all scalars stay texts. */
export function readQueryForm(text: string): { action: string; input: unknown } {
  const root = new Map<string, unknown>();
  for (const [key, value] of new URLSearchParams(text)) {
    const path = key.split('.');
    const last = path.pop() as string;
    let node = root;
    for (const step of path) {
      const next = node.get(step);
      const inner = next instanceof Map ? (next as Map<string, unknown>) : new Map<string, unknown>();
      node.set(step, inner);
      node = inner;
    }
    node.set(last, value);
  }
  return { action: String(root.get('Action') ?? ''), input: plain(root) };
}

function plain(node: unknown): unknown {
  if (!(node instanceof Map)) return node;
  const members = node.get('member');
  if (members instanceof Map) {
    const entries = [...(members as Map<string, unknown>)].sort(([a], [b]) => Number(a) - Number(b));
    return entries.map(([, value]) => plain(value));
  }
  return Object.fromEntries([...(node as Map<string, unknown>)].map(([key, value]) => [key, plain(value)]));
}

/** The query protocol's XML: lists as `<member>`, times as ISO 8601. */
export function queryAnswer(action: string, output: unknown, requestId: string): CloudWatchResponse {
  const result = output === undefined ? '' : `<${action}Result>${toXml(output)}</${action}Result>`;
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  return xml(200, `<${action}Response xmlns="${XMLNS}">${result}${metadata}</${action}Response>`, requestId);
}

/** An error of the query protocol. */
export function queryFault(fault: CloudWatchFault, requestId: string): CloudWatchResponse {
  const type = fault.status < 500 ? 'Sender' : 'Receiver';
  const error = `<Error><Type>${type}</Type><Code>${fault.code}</Code><Message>${escapeXml(fault.message)}</Message></Error>`;
  const body = `<ErrorResponse xmlns="${XMLNS}">${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
  return xml(fault.status, body, requestId);
}

function xml(status: number, body: string, requestId: string): CloudWatchResponse {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}

function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
}

function toXml(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => `<member>${toXml(item)}</member>`).join('');
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => `<${key}>${toXml(inner)}</${key}>`)
    .join('');
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
