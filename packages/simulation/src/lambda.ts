import type { Environment as Variables } from '@smart-vault/lambda-kit';
import type { Context } from 'aws-lambda';
import { type CallHooks, Environment, type Invocation, type InvocationEnd } from './environment.ts';

/** A function as its template has it. */
export interface FunctionSpec {
  /** `scheduler`, `snapshotter` and so on. */
  readonly name: string;
  readonly arn: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly variables: Variables;
  readonly asyncRetriesMax: number;
  readonly asyncMaxAgeMs: number;
}

export type AnyHandler = (event: never, context: Context) => Promise<unknown>;

export interface LambdaOptions extends CallHooks {
  readonly spec: FunctionSpec;
  /** A fresh execution environment's handler. Throws when its variables are wrong. */
  open(environment: Environment, variables: Variables): AnyHandler;
  /** Told of every end. */
  onEnd(invocation: Invocation, end: InvocationEnd): void;
  /** An asynchronous invocation that failed for good. */
  bury(event: unknown, error: Error): void;
}

interface Warm {
  readonly environment: Environment;
  readonly handler: AnyHandler;
}

/** From an invocation to its handler in a new environment; Lambda bills it. */
export const COLD_START_MS = 250;
const WARM_START_MS = 8;
/** Lambda waits a minute before the first repetition of an asynchronous invocation, and two before the second. */
const ASYNC_RETRY_MS = 60_000;

/** A Lambda function: its environments, warm or new, and what becomes of invocations that fail. */
export class LambdaFunction {
  readonly spec: FunctionSpec;
  readonly #options: LambdaOptions;
  #variables: Variables;
  #idle: Warm[] = [];
  #generation = 0;
  #opened = 0;
  #running = 0;

  constructor(options: LambdaOptions) {
    this.spec = options.spec;
    this.#options = options;
    this.#variables = options.spec.variables;
  }

  get running(): number {
    return this.#running;
  }

  /** Execution environments that were started so far. */
  get opened(): number {
    return this.#opened;
  }

  get variables(): Variables {
    return this.#variables;
  }

  /** A new version, perhaps with other variables: environments of the old one end with the invocation they are at. */
  deploy(changes: Variables = {}): void {
    this.#variables = { ...this.#variables, ...changes };
    this.#idle = [];
    this.#generation += 1;
  }

  /** Invokes it once. `done` is told of the end exactly once. */
  invoke(event: unknown, label: string, done: (end: InvocationEnd) => void): void {
    const { kernel } = this.#options;
    this.#running += 1;
    const known = this.#idle.pop();
    const generation = this.#generation;
    kernel.clock.after(known === undefined ? COLD_START_MS : WARM_START_MS, `start ${label}`, () => {
      let warm: Warm;
      try {
        warm = known ?? this.#open(label);
      } catch (error) {
        this.#running -= 1;
        done({ kind: 'failed', error: asError(error) });
        return;
      }
      this.#run(warm, event, label, (end) => {
        this.#running -= 1;
        if (!warm.environment.isDead && generation === this.#generation) this.#idle.push(warm);
        done(end);
      });
    });
  }

  /** Invokes it as Scheduler and EventBridge do: failures are repeated, then buried. */
  invokeAsync(event: unknown, label: string, repetition = 0, firstAt = this.#options.kernel.now()): void {
    const { kernel, spec, bury } = this.#options;
    this.invoke(event, repetition === 0 ? label : `${label}+${repetition}`, (end) => {
      if (end.kind === 'returned') return;
      const wait = ASYNC_RETRY_MS * (repetition + 1);
      const old = kernel.now() + wait - firstAt > spec.asyncMaxAgeMs;
      if (repetition >= spec.asyncRetriesMax || old) bury(event, end.error);
      else
        kernel.clock.after(wait, `again ${label}`, () =>
          this.invokeAsync(event, label, repetition + 1, firstAt),
        );
    });
  }

  #open(label: string): Warm {
    const { chaos, open, spec } = this.#options;
    this.#opened += 1;
    const skewed = chaos.strikes('clock-skew', `${spec.name} environment ${this.#opened}`);
    const skewMs = skewed ? Math.round((chaos.unit(`skew ${label}`) - 0.5) * 2 * 15 * 60_000) : 0;
    const environment = new Environment(spec.name, skewMs, this.#options);
    return { environment, handler: open(environment, this.#variables) };
  }

  #run(
    { environment, handler }: Warm,
    event: unknown,
    label: string,
    done: (end: InvocationEnd) => void,
  ): void {
    const { kernel, chaos, spec, onEnd } = this.#options;
    const deadline = kernel.now() + spec.timeoutMs;
    const end = (how: InvocationEnd): void => {
      if (invocation.ended) return;
      invocation.ended = true;
      // Of a dead one it was the last: what is still on its way is its doing.
      if (!environment.isDead) environment.invocation = undefined;
      cancel();
      onEnd(invocation, how);
      done(how);
    };
    const invocation: Invocation = {
      label,
      functionName: spec.name,
      startedAt: kernel.now(),
      deadline,
      throttled: chaos.strikes('throttled-batch', label),
      ended: false,
      sleptMs: 0,
      end,
    };
    const cancel = kernel.clock.at(deadline, `deadline ${label}`, () => environment.kill('Task timed out'));
    environment.invocation = invocation;
    const context = {
      awsRequestId: label,
      getRemainingTimeInMillis: () => Math.max(0, deadline - kernel.now()),
    } as Context;
    handler(event as never, context).then(
      (result) => end({ kind: 'returned', result }),
      (error: unknown) => end({ kind: 'failed', error: asError(error) }),
    );
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
