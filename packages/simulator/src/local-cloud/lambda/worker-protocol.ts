/**
 * What the main thread and a function's worker thread say to each other.
 *
 * Every command carries an epoch and every answer repeats it, so that an answer to an older command, crossing a
 * newer one on its way, is recognised and dropped.
 */

/** What a worker is started with. */
export interface WorkerStart {
  /** Absolute path of the function's bundle, a CommonJS file. */
  readonly bundle: string;
  /** Name of the export that is the handler. */
  readonly handler: string;
  /** The virtual time, milliseconds since 1970. */
  readonly now: number;
}

/** What the handler's context tells, as Lambda does. */
export interface InvocationContext {
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryLimitMb: number;
  /** The virtual time at which Lambda would kill it, milliseconds since 1970. */
  readonly deadlineMs: number;
}

export type WorkerCommand =
  | {
      readonly kind: 'invoke';
      readonly epoch: number;
      readonly now: number;
      readonly event: unknown;
      readonly context: InvocationContext;
    }
  /** The clock has moved: run the timers that are due. */
  | { readonly kind: 'tick'; readonly epoch: number; readonly now: number };

export type WorkerAnswer =
  /** Nothing runs and no request is under way: it waits for timers only, the first one due at `nextDue`. */
  | {
      readonly kind: 'quiet';
      readonly epoch: number;
      readonly nextDue?: number;
      readonly lines: readonly string[];
    }
  | {
      readonly kind: 'done';
      readonly epoch: number;
      readonly result: unknown;
      readonly error?: InvocationError;
      readonly lines: readonly string[];
    };

/** What a handler threw. */
export interface InvocationError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}
