/**
 * Why something could not be done, in our words. Callers branch on the code, never on a class or a message text.
 *
 * - `CONFIG`         the environment or the vault's configuration is wrong
 * - `CONTRACT`       a message or an answer has a shape that we do not know
 * - `THROTTLED`      the API's request rate is used up (token bucket)
 * - `LIMIT_EXCEEDED` a quota of the region is used up: pending snapshots, copies in flight
 * - `VOLUME_BUSY`    this one volume cannot be snapshotted just now: its own rate or its pending snapshots
 * - `TRANSIENT`      timeout, connection lost, 5xx; after a create or a copy it may have happened all the same
 * - `DENIED`         IAM or KMS says no
 * - `NOT_FOUND`      the thing is gone, or was never there
 * - `IN_USE`         a snapshot that EC2 does not let go of: an AMI uses it, it is locked, another service owns it
 * - `INVALID`        EC2 refuses the request as it stands; the same request will fail again
 * - `UNKNOWN`        anything else
 */
export type ErrorCode =
  | 'CONFIG'
  | 'CONTRACT'
  | 'THROTTLED'
  | 'LIMIT_EXCEEDED'
  | 'VOLUME_BUSY'
  | 'TRANSIENT'
  | 'DENIED'
  | 'NOT_FOUND'
  | 'IN_USE'
  | 'INVALID'
  | 'UNKNOWN';

/** What an operator can do with a dead letter: send it again as it is, mend the configuration first, or give it up. */
export type FailureClass = 'retryable' | 'configuration' | 'permanent';

/** Facts beside the message, as plain JSON, for the log. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/** The one error class of the system. `cause` holds what was thrown below, when something was. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** True for an `AppError`, with that code when one is given. Works across bundles, where `instanceof` does not. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return (
    error instanceof Error &&
    error.name === 'AppError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  );
}

/** What kind of failure a code is to the operator who finds it in a dead-letter queue. */
export function failureClassOf(code: ErrorCode): FailureClass {
  switch (code) {
    case 'THROTTLED':
    case 'LIMIT_EXCEEDED':
    case 'VOLUME_BUSY':
    case 'TRANSIENT':
    case 'UNKNOWN':
      return 'retryable';
    case 'CONFIG':
    case 'DENIED':
      return 'configuration';
    case 'CONTRACT':
    case 'NOT_FOUND':
    case 'IN_USE':
    case 'INVALID':
      return 'permanent';
  }
}

/** Throws when something that cannot be so is so: a bug of ours, not of the world. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

/** Text of anything thrown, on one line. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
