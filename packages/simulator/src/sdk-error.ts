/** An error as an AWS SDK client throws it: `name` is AWS's code, and that is what callers decide by. */
export class SdkError extends Error {
  /** Whose fault it is; the SDK repeats what is the server's. */
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };

  /** @param code AWS's own, such as `QueueDoesNotExist` */
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.$fault = status >= 500 ? 'server' : 'client';
    this.$metadata = { httpStatusCode: status, attempts: 1 };
  }
}

/** What every answer of an SDK client carries. */
export const ANSWERED: { readonly httpStatusCode: number; readonly attempts: number } = Object.freeze({
  httpStatusCode: 200,
  attempts: 1,
});
