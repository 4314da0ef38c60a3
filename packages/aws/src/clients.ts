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
  /** An answer that takes longer is an error, `TRANSIENT`. */
  readonly requestTimeoutMs?: number;
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
    ...options.transport,
  };
}
