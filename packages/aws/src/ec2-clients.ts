import { EC2Client } from '@aws-sdk/client-ec2';
import { systemBackOff } from './back-off.ts';
import { type ConnectionOptions, clientSettings, withServerTime } from './clients.ts';
import { throttleOnlyRetry, WRITE_ATTEMPTS_MAX } from './throttle-only-retry.ts';

/** EC2 of one region, twice: they differ in what is repeated. They share their connections. */
export interface Ec2Clients {
  /** Describe calls: throttles, 5xx and lost answers are repeated. */
  readonly reads: EC2Client;
  /** Create, copy, delete and tag calls: only throttles are repeated. */
  readonly writes: EC2Client;
}

export function createEc2Clients(options: ConnectionOptions): Ec2Clients {
  const settings = clientSettings(options);
  const reads = withServerTime(new EC2Client(settings), options);
  const writes = new EC2Client({
    ...settings,
    requestHandler: reads.config.requestHandler,
    maxAttempts: WRITE_ATTEMPTS_MAX,
    retryStrategy: throttleOnlyRetry(options.backOff ?? systemBackOff),
  });
  return { reads, writes };
}
