import { AppError, type ErrorCode, type ErrorDetails, errorText, isAppError } from '@smart-vault/core';

/**
 * What the codes of AWS mean to us. The one place that knows them.
 *
 * Decisions look at the code only, never at the text of a message. Sources: EC2's error code reference, the
 * exceptions in the models of SQS and SNS, and the throttling and timeout names that the SDK itself knows.
 */
const CODES_BY_MEANING: Readonly<Partial<Record<ErrorCode, readonly string[]>>> = {
  /** Refused before anything was done: safe to repeat, whatever the request. */
  THROTTLED: [
    'RequestLimitExceeded',
    'EC2ThrottledException',
    'Throttling',
    'ThrottlingException',
    'ThrottledException',
    'RequestThrottled',
    'RequestThrottledException',
    'TooManyRequestsException',
    'BandwidthLimitExceeded',
    'SlowDown',
    'KmsThrottled',
    'KMSThrottlingException',
  ],
  LIMIT_EXCEEDED: [
    'PendingSnapshotLimitExceeded',
    // CopySnapshot: more than 20 copies in progress to this destination region.
    'ResourceLimitExceeded',
    // 100,000 snapshots in the region: waits for the pruner, or for a larger quota.
    'SnapshotLimitExceeded',
    // SQS: too many messages in flight.
    'OverLimit',
  ],
  VOLUME_BUSY: [
    'SnapshotCreationPerVolumeRateExceeded',
    'ConcurrentSnapshotLimitExceeded',
    // "A previous identical request has not yet completed."
    'InvalidState',
  ],
  TRANSIENT: [
    'InternalError',
    'InternalFailure',
    'InternalErrorException',
    'InternalServerError',
    'InternalServiceFault',
    'ServerInternal',
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'Unavailable',
    'RequestTimeout',
    'RequestTimeoutException',
    'TimeoutError',
    // Credentials or a signature that became too old on the way; the next try has fresh ones.
    'RequestExpired',
    'ExpiredToken',
    'ExpiredTokenException',
    // Somebody else is tagging the same snapshot at this moment.
    'ConcurrentTagAccess',
  ],
  DENIED: [
    'UnauthorizedOperation',
    'AuthFailure',
    'OptInRequired',
    'AccessDenied',
    'AccessDeniedException',
    'AuthorizationError',
    'AuthorizationErrorException',
    'Blocked',
    'PendingVerification',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'MissingAuthenticationToken',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'TagPolicyViolation',
    'CustomerKeyHasBeenRevoked',
    'KmsAccessDenied',
    'KmsDisabled',
    'KmsInvalidKeyUsage',
    'KmsInvalidState',
    'KmsNotFound',
    'KmsOptInRequired',
    'KMSAccessDeniedException',
    'KMSDisabledException',
    'KMSInvalidStateException',
    'KMSNotFoundException',
    'KMSOptInRequired',
    'InvalidSecurity',
  ],
  CONFIG: [
    'InvalidRegion',
    'SnapshotCopyUnsupported.InterRegion',
    'CredentialsProviderError',
    // A queue or a topic that the environment names and that is not there.
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
    'InvalidAddress',
    'NotFound',
    'NotFoundException',
    'ResourceNotFoundException',
  ],
  NOT_FOUND: [
    'InvalidSnapshot.NotFound',
    'InvalidVolume.NotFound',
    'InvalidInstanceID.NotFound',
    // SQS: the message is no longer ours to delete or to hide.
    'MessageNotInflight',
    'ReceiptHandleIsInvalid',
  ],
  IN_USE: ['InvalidSnapshot.InUse'],
  INVALID: [
    'InvalidSnapshotID.Malformed',
    'InvalidVolumeID.Malformed',
    'InvalidInstanceID.Malformed',
    'InvalidParameter',
    'InvalidParameterCombination',
    'InvalidParameterDependency',
    'InvalidParameterValue',
    'InvalidParameterException',
    'InvalidParameterValueException',
    'MissingParameter',
    'UnknownParameter',
    'ValidationError',
    'ValidationException',
    'MalformedQueryString',
    'InvalidQueryParameter',
    'InvalidAction',
    'InvalidPaginationToken',
    'OperationNotPermitted',
    'UnsupportedOperation',
    'TagLimitExceeded',
    'FilterLimitExceeded',
    'RequestResourceCountExceeded',
    'IdempotentParameterMismatch',
    'DryRunOperation',
    'InvalidMessageContents',
    'BatchRequestTooLong',
  ],
  /** Not a state to give up on, nor one that waiting is sure to mend: repeated by the queue, then dead-lettered. */
  UNKNOWN: ['IncorrectState', 'IncorrectInstanceState'],
};

const MEANINGS: ReadonlyMap<string, ErrorCode> = new Map(
  Object.entries(CODES_BY_MEANING).flatMap(([meaning, codes]) =>
    codes.map((code) => [code, meaning as ErrorCode] as const),
  ),
);

/** What differs on one operation from what the codes mean elsewhere. */
export interface OperationMeanings {
  readonly codes?: Readonly<Record<string, ErrorCode>>;
  /** What an HTTP 400 with a code that we do not know means. */
  readonly unknownRefusal?: ErrorCode;
}

/**
 * EC2 refuses to delete what AWS Backup manages with `InvalidParameterValue`; the code for a locked snapshot is
 * not documented. We send nothing but a well-formed id, so a refusal is about the snapshot, and it stays.
 */
export const DELETE_SNAPSHOT_MEANINGS: OperationMeanings = {
  codes: { InvalidParameterValue: 'IN_USE', OperationNotPermitted: 'IN_USE', UnsupportedOperation: 'IN_USE' },
  unknownRefusal: 'IN_USE',
};

/** A missing or disabled key of the destination is an `InvalidParameterValue` on the copy of an encrypted snapshot. */
export const COPY_ENCRYPTED_MEANINGS: OperationMeanings = { codes: { InvalidParameterValue: 'DENIED' } };

/** The code of AWS in something thrown by an SDK client, or the name of a network error. */
function awsCodeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'Unknown';
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (typeof name === 'string' && name !== 'Error') return name;
  return typeof code === 'string' ? code : 'Unknown';
}

/** Our code for something that an SDK client threw. */
export function meaningOf(error: unknown, operation: OperationMeanings = {}): ErrorCode {
  const code = awsCodeOf(error);
  const here = operation.codes;
  if (here !== undefined && Object.hasOwn(here, code)) return here[code] as ErrorCode;
  const status = httpStatusOf(error);
  const known = MEANINGS.get(code);
  if (known !== undefined) return known;
  if (status === undefined) return isNetworkError(error) ? 'TRANSIENT' : 'UNKNOWN';
  if (status === 429) return 'THROTTLED';
  if (status >= 500 || status === 408) return 'TRANSIENT';
  if (status === 401 || status === 403) return 'DENIED';
  return status === 400 ? (operation.unknownRefusal ?? 'UNKNOWN') : 'UNKNOWN';
}

/** Wraps what an SDK client threw, with AWS's own code and text kept in the message. */
export function toAppError(error: unknown, operation: string, meanings?: OperationMeanings): AppError {
  if (isAppError(error)) return error;
  const awsCode = awsCodeOf(error);
  const details = { operation, awsCode, ...metadataOf(error) };
  return new AppError(meaningOf(error, meanings), `${operation}: ${awsCode}: ${errorText(error)}`, {
    details,
    cause: error,
  });
}

/** Runs one call of an SDK client. @throws AppError only. */
export async function callAws<Output>(
  operation: string,
  send: () => Promise<Output>,
  meanings?: OperationMeanings,
): Promise<Output> {
  try {
    return await send();
  } catch (error) {
    throw toAppError(error, operation, meanings);
  }
}

/** Our code for a refusal inside an answer, such as an entry of `Failed[]`: there is no status to go by. */
export function meaningOfCode(awsCode: string, senderFault: boolean): ErrorCode {
  return MEANINGS.get(awsCode) ?? (senderFault ? 'INVALID' : 'TRANSIENT');
}

/** Node's own errors of sockets and name look-up, such as ECONNRESET, and whatever the SDK wrapped around one. */
function isNetworkError(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string' && /^(E[A-Z]|ERR_(HTTP|SOCKET|STREAM|TLS))/.test(code)) return true;
  return isNetworkError(cause, depth + 1);
}

function httpStatusOf(error: unknown): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: unknown } } | null | undefined)?.$metadata;
  return typeof metadata?.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

function metadataOf(error: unknown): ErrorDetails {
  const metadata = (error as { $metadata?: Record<string, unknown> } | null | undefined)?.$metadata ?? {};
  const { httpStatusCode: status, requestId, attempts } = metadata;
  return Object.fromEntries(
    Object.entries({ status, requestId, attempts }).filter(([, value]) => value !== undefined),
  );
}
