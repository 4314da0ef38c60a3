/** What an SDK client tells of a request beside its answer. */
export interface AnswerMetadata {
  readonly httpStatusCode: number;
  readonly requestId: string;
  readonly extendedRequestId: undefined;
  readonly cfId: undefined;
  readonly attempts: number;
  readonly totalRetryDelay: number;
}

/** As after one attempt. */
export function metadataOf(httpStatusCode: number, requestId: string): AnswerMetadata {
  return {
    httpStatusCode,
    requestId,
    extendedRequestId: undefined,
    cfId: undefined,
    attempts: 1,
    totalRetryDelay: 0,
  };
}

/** What an error has in the SDK: AWS's code is its `name`. */
export interface SdkErrorParts {
  readonly name: string;
  readonly message: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: AnswerMetadata;
}

/** An error as an SDK client throws it; `cause` is the model's own. */
export function sdkError(
  parts: SdkErrorParts,
  more: Readonly<Record<string, unknown>>,
  cause: unknown,
): Error {
  const error = new Error(parts.message, { cause });
  return Object.assign(error, parts, more);
}

/** Whose fault a status tells. */
export const faultOf = (status: number): 'client' | 'server' => (status >= 500 ? 'server' : 'client');
