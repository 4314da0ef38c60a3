import type { EC2ClientConfig } from '@aws-sdk/client-ec2';
import type { Region } from '@smart-vault/core';
import type { BackOff } from './back-off.ts';

/**
 * Where and how a client connects. Credentials come from the environment, as the SDK finds them.
 *
 * Without `endpoint` the SDK itself reads `AWS_ENDPOINT_URL_<SERVICE>` (`_EC2`, `_SQS`, `_SNS`, `_CLOUDWATCH`), then
 * `AWS_ENDPOINT_URL`, then takes AWS's own for the region; one endpoint serves all regions.
 */
export interface ConnectionOptions {
  readonly region: Region;
  readonly endpoint?: string;
  /**
   * Profile of the shared config files to take credentials from, for commands that people run. The bundles of the
   * functions know no such files: there it has no effect.
   */
  readonly profile?: string;
  /** An answer that takes longer is an error, `TRANSIENT`. */
  readonly requestTimeoutMs?: number;
  /** Told the service's own time with every answer, refusals included: milliseconds since 1970, to the second. */
  readonly onServerTime?: (ms: number) => void;
  /** How writes wait before they are repeated. */
  readonly backOff?: BackOff;
  /** Instead of HTTP and of the environment's credentials: for tests. */
  readonly transport?: Pick<EC2ClientConfig, 'requestHandler' | 'credentials'>;
}

/** Calls for one read, the first included. */
const READ_ATTEMPTS_MAX = 4;
const CONNECTION_TIMEOUT_MS = 3_000;
/** A page of 1,000 snapshots takes EC2 some seconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Settings that all clients share; nothing is left to the SDK's defaults, which have no timeout at all. */
export function clientSettings(options: ConnectionOptions) {
  return {
    region: options.region,
    retryMode: 'standard',
    maxAttempts: READ_ATTEMPTS_MAX,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      // Without this the SDK only warns.
      throwOnRequestTimeout: true,
    },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...options.transport,
  };
}

/** What every client of the SDK has, as far as it is needed here. */
interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

/** Lets a client tell the time of the service, which it has in the header `Date` of every answer. */
export function withServerTime<Client extends AnyClient>(client: Client, options: ConnectionOptions): Client {
  const { onServerTime: tell } = options;
  if (tell === undefined) return client;
  const middleware = (next: (args: unknown) => Promise<Answer>) => async (args: unknown) => {
    const answer = await next(args);
    const at = Date.parse(answer.response?.headers?.['date'] ?? '');
    if (!Number.isNaN(at)) tell(at);
    return answer;
  };
  // The innermost step: the answer is still as it came, whatever it will be read as.
  const place = { step: 'deserialize', priority: 'low', name: 'serverTime', override: true };
  client.middlewareStack.add(middleware as never, place as never);
  return client;
}

interface Answer {
  readonly response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
}
