import { gunzipSync } from 'node:zlib';
import type { CloudWatch } from './cloudwatch.ts';
import { CloudWatchFault, OPERATIONS } from './operations.ts';
import { jsonAnswer, jsonFault, queryAnswer, queryFault, readQueryForm } from './protocols.ts';

/** A request as it came over HTTP. Header names in lower case, as node:http has them. */
export interface CloudWatchRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What goes back. */
export interface CloudWatchResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A PutMetricData request holds 1 MB at most. */
const BODY_BYTES_MAX = 1_048_576;
const TARGET_PREFIX = 'GraniteServiceVersion20100801.';

/**
 * Answers a CloudWatch API call: AWS JSON 1.0 (what the SDK and the current AWS CLI send) and the older query
 * protocol, either one gzipped. Knows PutMetricData, ListMetrics, GetMetricStatistics, DescribeAlarms,
 * EnableAlarmActions, DisableAlarmActions and DeleteAlarms. Never
 * throws for what a caller may send.
 */
export function handleCloudWatchRequest(
  cloudwatch: CloudWatch,
  request: CloudWatchRequest,
): CloudWatchResponse {
  const target = headerOf(request, 'x-amz-target');
  const json = target !== '' || headerOf(request, 'content-type').includes('json');
  const requestId = `request-${cloudwatch.now().toString(16)}`;
  try {
    const text = readBody(request);
    const call = json ? readJsonCall(target, text) : readQueryForm(text);
    if (!Object.hasOwn(OPERATIONS, call.action)) {
      throw new CloudWatchFault(
        json ? 'UnknownOperation' : 'InvalidAction',
        `unknown operation ${call.action}`,
      );
    }
    const operation = OPERATIONS[call.action] as (typeof OPERATIONS)[string];
    const output = operation(cloudwatch, call.input);
    return json ? jsonAnswer(output, requestId) : queryAnswer(call.action, output, requestId);
  } catch (error) {
    if (!(error instanceof CloudWatchFault)) throw error;
    return json ? jsonFault(error, requestId) : queryFault(error, requestId);
  }
}

function readJsonCall(target: string, text: string): { action: string; input: unknown } {
  if (!target.startsWith(TARGET_PREFIX)) {
    throw new CloudWatchFault(
      'UnknownOperation',
      `unknown target ${target}; smithy-rpc-v2-cbor is not modelled`,
    );
  }
  try {
    return { action: target.slice(TARGET_PREFIX.length), input: JSON.parse(text === '' ? '{}' : text) };
  } catch {
    throw new CloudWatchFault('Serialization', 'the body is no JSON');
  }
}

function readBody(request: CloudWatchRequest): string {
  if (headerOf(request, 'content-encoding') !== 'gzip') return decode(request.body);
  try {
    return decode(gunzipSync(request.body, { maxOutputLength: 16 * BODY_BYTES_MAX }));
  } catch {
    throw new CloudWatchFault('Serialization', 'the body is not what its Content-Encoding says');
  }
}

function decode(body: Uint8Array): string {
  if (body.byteLength > BODY_BYTES_MAX) {
    throw new CloudWatchFault('RequestEntityTooLarge', `the body exceeds ${BODY_BYTES_MAX} bytes`, 413);
  }
  return new TextDecoder().decode(body);
}

function headerOf(request: CloudWatchRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
