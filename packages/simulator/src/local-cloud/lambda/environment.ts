import { Worker } from 'node:worker_threads';
import type {
  InvocationContext,
  InvocationError,
  WorkerAnswer,
  WorkerCommand,
  WorkerStart,
} from './worker-protocol.ts';

/** How an invocation stands after it was given the processor. */
export type Turn =
  /** It waits for its timers; the first one is due at `nextDue` (never, if there is none). */
  | { readonly kind: 'waiting'; readonly nextDue?: number }
  | { readonly kind: 'returned'; readonly result: unknown }
  | { readonly kind: 'threw'; readonly error: InvocationError }
  /** The environment died under it: it was killed, ran out of memory or left with process.exit(). */
  | { readonly kind: 'died'; readonly error: InvocationError };

/** What an environment is made of. */
export interface EnvironmentOptions {
  readonly bundle: string;
  readonly handler: string;
  /** All of process.env that the function sees. */
  readonly variables: Readonly<Record<string, string>>;
  readonly memoryLimitMb: number;
  readonly now: number;
  onLines(lines: readonly string[]): void;
}

/**
 * One execution environment of a function: a worker thread that stays warm between invocations and runs one
 * invocation at a time. `begin` and `resume` give it the processor and come back when it only waits or is done.
 */
export class Environment {
  readonly #worker: Worker;
  readonly #onLines: (lines: readonly string[]) => void;
  #epoch = 0;
  #waiter: ((turn: Turn) => void) | undefined;
  #dead = false;
  /** It ended between two turns, when it seemed only to wait: told at the next one. */
  #early: Turn | undefined;
  #exited: Promise<void>;

  constructor(options: EnvironmentOptions) {
    this.#onLines = options.onLines;
    const workerData: WorkerStart = { bundle: options.bundle, handler: options.handler, now: options.now };
    this.#worker = new Worker(new URL('./function-worker.ts', import.meta.url), {
      workerData,
      env: { ...options.variables },
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: options.memoryLimitMb },
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#answered(answer));
    this.#worker.on('error', (thrown: unknown) => this.#died(errorOf(thrown)));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#died({
          name: 'Runtime.ExitError',
          message: `The process of the function ended with exit code ${code}`,
        });
        resolve();
      });
    });
  }

  /** False once its thread has ended: it takes no further invocation. */
  get alive(): boolean {
    return !this.#dead;
  }

  /** Starts an invocation; resolves when it waits, has ended or has died. */
  begin(now: number, event: unknown, context: InvocationContext): Promise<Turn> {
    return this.#command({ kind: 'invoke', epoch: ++this.#epoch, now, event, context });
  }

  /** Moves its clock to `now`, which runs its timers that are due. */
  resume(now: number): Promise<Turn> {
    return this.#command({ kind: 'tick', epoch: ++this.#epoch, now });
  }

  /** Kills it: whatever it was doing has no further effect. A turn that is under way ends as `died`. */
  async kill(error: InvocationError): Promise<void> {
    this.#died(error);
    await this.#worker.terminate();
    await this.#exited;
  }

  #command(command: WorkerCommand): Promise<Turn> {
    if (this.#dead) throw new Error('Environment: it has died');
    if (this.#waiter !== undefined) throw new Error('Environment: it is at work already');
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined && command.kind === 'tick') return Promise.resolve(early);
    return new Promise((resolve) => {
      this.#waiter = resolve;
      this.#worker.postMessage(command);
    });
  }

  #answered(answer: WorkerAnswer): void {
    if (answer.lines.length > 0) this.#onLines(answer.lines);
    if (answer.epoch !== this.#epoch && answer.kind === 'quiet') return;
    if (answer.kind === 'quiet') {
      this.#turn({ kind: 'waiting', ...(answer.nextDue === undefined ? {} : { nextDue: answer.nextDue }) });
    } else if (answer.error !== undefined) {
      this.#turn({ kind: 'threw', error: answer.error });
    } else {
      this.#turn({ kind: 'returned', result: answer.result });
    }
  }

  #died(error: InvocationError): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#turn({ kind: 'died', error });
  }

  #turn(turn: Turn): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) waiter(turn);
    else if (turn.kind !== 'waiting') this.#early = turn;
  }
}

function errorOf(thrown: unknown): InvocationError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: String(thrown) };
  return { name: thrown.name, message: thrown.message, ...(thrown.stack ? { stack: thrown.stack } : {}) };
}
