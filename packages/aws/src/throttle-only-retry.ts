import type { EC2ClientConfig } from '@aws-sdk/client-ec2';
import { type BackOff, backOffMs } from './back-off.ts';
import { meaningOf } from './ebs-errors.ts';

/** What an EC2 client takes as `retryStrategy`. */
type RetryStrategy = Extract<NonNullable<EC2ClientConfig['retryStrategy']>, { recordSuccess: unknown }>;
type RetryToken = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

/** Calls for one request, the first included. At worst 3.5 s of waiting between them. */
export const WRITE_ATTEMPTS_MAX = 4;

/**
 * Repeats a request only when EC2 said that it was too many: then nothing has happened yet.
 *
 * CreateSnapshot, CreateSnapshots and CopySnapshot take no client token, so a request whose answer was lost, or
 * whose answer was a 5xx, may have made its snapshot; repeating it makes a second one. That is left to the caller,
 * who looks again first. The SDK's own strategies repeat those.
 */
export function throttleOnlyRetry(backOff: BackOff, attemptsMax: number = WRITE_ATTEMPTS_MAX): RetryStrategy {
  return {
    acquireInitialRetryToken: async () => tokenAfter(0),
    refreshRetryTokenForRetry: async (token, { error }) => {
      const repetition = token.getRetryCount() + 1;
      if (repetition >= attemptsMax || meaningOf(error) !== 'THROTTLED') throw new Error('not repeated');
      await backOff.sleep(backOffMs(repetition, backOff.random));
      return tokenAfter(repetition);
    },
    recordSuccess: () => {},
  };
}

/** The delay is over when a token is handed out, so it carries none. */
function tokenAfter(repetitions: number): RetryToken {
  return { getRetryCount: () => repetitions, getRetryDelay: () => 0 };
}
