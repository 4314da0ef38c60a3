import type { Region } from '@smart-vault/core';
import type { BackOff } from '../../src/back-off.ts';
import type { ConnectionOptions } from '../../src/clients.ts';

/** What went over the wire, decoded. */
export interface SentRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** EC2 and SNS: the form, without `Version`. */
  readonly form?: Readonly<Record<string, string>>;
  /** SQS and CloudWatch: the operation, from `x-amz-target`, and the JSON body. */
  readonly target?: string;
  readonly json?: unknown;
}

/** A canned answer; an `Error` is a connection that breaks. */
export type Answer = { readonly status: number; readonly body: string } | Error;

/** Stands where the SDK's HTTP handler stands: answers in order, and records what it is asked. */
export function scriptedAws(...answers: readonly Answer[]) {
  const requests: SentRequest[] = [];
  const waits: number[] = [];
  const left = [...answers];
  const handle = async (request: WireRequest) => {
    requests.push(decode(request));
    const answer = left.shift();
    if (answer === undefined) throw new Error(`no answer is scripted for request ${requests.length}`);
    if (answer instanceof Error) throw answer;
    const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': `request-${requests.length}` };
    return { response: { statusCode: answer.status, headers, body: Buffer.from(answer.body) } };
  };
  // Each wait is recorded at its longest, and is over at once.
  const backOff: BackOff = {
    sleep: async (ms) => {
      waits.push(ms);
    },
    random: () => 0.999_999,
  };
  const transport = {
    requestHandler: { handle, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) },
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  } as unknown as NonNullable<ConnectionOptions['transport']>;
  return {
    requests,
    waits,
    /** How many of the answers were not asked for. */
    unused: () => left.length,
    connection: (region = 'us-east-1') => ({ region: region as Region, transport, backOff }),
  };
}

interface WireRequest {
  method: string;
  hostname: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

function decode({ method, hostname, path, headers, body = '' }: WireRequest): SentRequest {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const target = headers['x-amz-target'];
  if (target !== undefined) return { method, host: hostname, path, target, json: JSON.parse(text) };
  const { Version: _, ...form } = Object.fromEntries(new URLSearchParams(text));
  return { method, host: hostname, path, form };
}

export const ok = (body: string): Answer => ({ status: 200, body });
export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });

/** An answer of EC2: the children of its root element. */
export const ec2 = (action: string, children: string): Answer =>
  ok(
    `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
      `<requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>${children}</${action}Response>`,
  );

/** An error as EC2 sends it. */
export const ec2Error = (status: number, code: string, message = 'EC2 says why.'): Answer => ({
  status,
  body:
    `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${code}</Code>` +
    `<Message>${message}</Message></Error></Errors><RequestID>ea966190-f9aa-478e-9ede-example</RequestID></Response>`,
});

/** A connection that breaks after the request has gone out: nobody knows whether it was carried out. */
export const lostAnswer = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', name: 'TimeoutError' });
