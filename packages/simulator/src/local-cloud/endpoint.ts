import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@smart-vault/core';
import type { WireResponse } from './wire.ts';

/** A signed request to one service, taken apart. */
export interface ServiceRequest {
  /** As in the credential scope: ec2, sqs, sns, monitoring, sts. */
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface EndpointHandlers {
  /** Undefined: the connection is cut without an answer, as when the caller has died. */
  serve(request: ServiceRequest): Promise<WireResponse | undefined>;
  /** The local cloud's own pages, under `/_local/`. */
  local(method: string, path: string): Promise<WireResponse>;
}

/** A client that begins a request and never ends it must not keep the clock standing for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
const SCOPE = /Credential=([^/,\s]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request/;

/** The one HTTP endpoint of all services: the credential scope of a request says which one it is for. */
export class Endpoint {
  readonly #server: Server;
  #open = 0;
  #onRequest: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port 0 for any free one @throws AppError `CONFIG` when the port cannot be had */
  static async open(port: number, handlers: () => EndpointHandlers): Promise<Endpoint> {
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: REQUEST_TIMEOUT_MS });
    const endpoint = new Endpoint(server);
    server.on('request', (request, response) => {
      endpoint.#open += 1;
      void answer(request, response, handlers()).finally(() => {
        endpoint.#open -= 1;
        endpoint.#onRequest?.();
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        const text = `port ${port} cannot be used (${error.message}); choose another one with --port`;
        reject(new AppError('CONFIG', text, { cause: error }));
      });
      server.listen(port, '127.0.0.1', resolve);
    });
    return endpoint;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests being served right now. */
  get open(): number {
    return this.#open;
  }

  /** Calls `listener` after every request; for a loop that waits in real time. */
  onRequest(listener: (() => void) | undefined): void {
    this.#onRequest = listener;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: EndpointHandlers,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = await dispatch(request, Buffer.concat(chunks), handlers);
    if (reply === undefined) {
      request.socket.destroy();
      return;
    }
    // The SDK corrects its clock by this header: it has to tell the virtual time.
    response.writeHead(reply.status, { ...reply.headers, date: new Date().toUTCString() });
    response.end(reply.body);
  } catch (thrown) {
    if (response.headersSent || request.socket.destroyed) return;
    const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`The local cloud failed on this request, which is a defect of it: ${message}\n`);
  }
}

async function dispatch(
  request: IncomingMessage,
  body: Buffer,
  handlers: EndpointHandlers,
): Promise<WireResponse | undefined> {
  const path = request.url ?? '/';
  if (path.startsWith('/_local/')) return handlers.local(request.method ?? 'GET', path);
  const headers = headersOf(request);
  const scope = SCOPE.exec(headers['authorization'] ?? '');
  if (scope === null) return unsigned(path);
  const [, accessKeyId = '', , region = '', service = ''] = scope;
  return handlers.serve({ service, region, accessKeyId, path, headers, body });
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function unsigned(path: string): WireResponse {
  const presigned = path.includes('X-Amz-Signature=');
  const why = presigned
    ? 'The local cloud takes requests that are signed in their Authorization header, not presigned URLs.'
    : 'The request is not signed. Any access key will do, for instance AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local.';
  return awsError(403, 'MissingAuthenticationToken', why);
}

/** An error in the XML that the query protocols share. */
export function awsError(status: number, code: string, message: string): WireResponse {
  const escaped = message.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
      `<Response><Errors><Error><Code>${code}</Code><Message>${escaped}</Message></Error></Errors>` +
      `<RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>`,
  };
}

/** An error as SQS and other JSON services answer it. */
export function awsJsonError(status: number, code: string, message: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code },
    body: JSON.stringify({ __type: code, message }),
  };
}
