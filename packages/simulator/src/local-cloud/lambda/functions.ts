import type { VirtualClock } from '../../clock.ts';
import type { Processor } from '../processor.ts';
import { Environment, type Turn } from './environment.ts';
import type { InvocationError } from './worker-protocol.ts';

/** One function, as its template describes it. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  /** Absolute path of the bundle and the name of its export. */
  readonly bundle: string;
  readonly handler: string;
  /** All variables of its process but the credentials, which differ between environments. */
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly reservedConcurrency?: number;
  /** Retries of asynchronous invocations, 0 to 2. */
  readonly asyncRetriesMax: number;
  readonly asyncMaxAgeSeconds: number;
  /** ARN of where an asynchronous invocation goes that failed for good. */
  readonly onFailure?: string;
  /** The function's older dead-letter setting: gets the event alone. */
  readonly deadLetterArn?: string;
}

/** How an invocation ended. */
export type InvocationEnd =
  | { readonly kind: 'returned'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: InvocationError };

/** One line per invocation, for reports and metrics. */
export interface InvocationRecord {
  readonly requestId: string;
  readonly functionName: string;
  readonly region: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly error?: InvocationError;
}

/** An asynchronous invocation that failed for good, as it goes to its destination. */
export interface FailedInvocation {
  readonly config: FunctionConfig;
  readonly requestId: string;
  readonly event: unknown;
  readonly attempts: number;
  readonly error: InvocationError;
  readonly at: number;
}

export interface FunctionsOptions {
  readonly clock: VirtualClock;
  readonly processor: Processor;
  /** Variables of one environment: its credentials. */
  credentials(functionName: string, environment: number): Readonly<Record<string, string>>;
  onLines(functionName: string, lines: readonly string[], requestId: string): void;
  onEnd(record: InvocationRecord): void;
  onFailedForGood(failed: FailedInvocation): void;
}

/** Real milliseconds that a function may compute without waiting for anything before it counts as hung. */
const HUNG_AFTER_MS = 120_000;
const ASYNC_RETRY_DELAYS_MS = [60_000, 120_000];

interface Slot {
  readonly environment: Environment;
  readonly accessKeyId: string;
  running: Running | undefined;
}
interface Running {
  readonly requestId: string;
  readonly startedAt: number;
  readonly finish: (end: InvocationEnd) => void;
  cancelTimeout: () => void;
  cancelTimer: () => void;
  over: boolean;
}

/** Who makes a request: found by the access key that it is signed with. */
export interface Caller {
  readonly functionName: string;
  /** Of the invocation that is running there, if one is. */
  readonly requestId?: string;
}

/** Lambda: functions in worker threads, warm environments, timeouts, asynchronous retries. */
export class Functions {
  readonly #options: FunctionsOptions;
  readonly #configs = new Map<string, FunctionConfig>();
  readonly #slots = new Map<string, Slot[]>();
  readonly #callers = new Map<string, { functionName: string; slot: Slot }>();
  #requests = 0;
  #environments = 0;
  #hasRun = 0;

  constructor(options: FunctionsOptions) {
    this.#options = options;
  }

  add(config: FunctionConfig): void {
    this.#configs.set(config.name, config);
    this.#slots.set(config.name, []);
  }

  list(): readonly FunctionConfig[] {
    return [...this.#configs.values()];
  }

  /** By name or ARN. */
  find(nameOrArn: string): FunctionConfig | undefined {
    return this.#configs.get(nameOrArn) ?? this.list().find((config) => config.arn === nameOrArn);
  }

  /** Invocations that have started and not ended. */
  get running(): number {
    let count = 0;
    for (const slots of this.#slots.values())
      count += slots.filter((slot) => slot.running !== undefined).length;
    return count;
  }

  /** How many invocations were started so far. */
  get started(): number {
    return this.#hasRun;
  }

  callerOf(accessKeyId: string): Caller | undefined {
    const found = this.#callers.get(accessKeyId);
    if (found === undefined) return undefined;
    const requestId = found.slot.running?.requestId;
    return { functionName: found.functionName, ...(requestId === undefined ? {} : { requestId }) };
  }

  /**
   * Starts an invocation at the next turn of the processor.
   * @returns false when the function's reserved concurrency is used up: nothing was started
   */
  invoke(name: string, event: unknown, onEnd: (end: InvocationEnd) => void): boolean {
    const config = this.#config(name);
    const slots = this.#slots.get(name) as Slot[];
    const limit = config.reservedConcurrency ?? Number.POSITIVE_INFINITY;
    if (slots.filter((slot) => slot.running !== undefined).length >= limit) return false;
    const slot =
      slots.find((one) => one.running === undefined && one.environment.alive) ?? this.#cold(config, slots);
    this.#start(config, slot, event, onEnd);
    return true;
  }

  /** As a schedule or an event rule invokes: retried twice, then handed to the destination for failures. */
  invokeAsync(name: string, event: unknown): void {
    const config = this.#config(name);
    const acceptedAt = this.#options.clock.now();
    const requestId = this.#requestId(config);
    const attempt = (attempts: number): void => {
      const started = this.invoke(name, event, (end) => {
        if (end.kind === 'returned') return;
        const age = this.#options.clock.now() - acceptedAt;
        if (attempts <= config.asyncRetriesMax && age < config.asyncMaxAgeSeconds * 1000) {
          const delay = ASYNC_RETRY_DELAYS_MS[attempts - 1] ?? 120_000;
          this.#options.clock.after(delay, `retry ${name}`, () => attempt(attempts + 1));
        } else {
          const at = this.#options.clock.now();
          this.#options.onFailedForGood({ config, requestId, event, attempts, error: end.error, at });
        }
      });
      if (!started) this.#options.clock.after(60_000, `throttled ${name}`, () => attempt(attempts));
    };
    attempt(1);
  }

  /** Kills the environment that signs with this key, as a crash of its process does. */
  crash(accessKeyId: string, reason: string): void {
    const found = this.#callers.get(accessKeyId);
    if (found === undefined) return;
    void found.slot.environment.kill({ name: 'Runtime.ExitError', message: reason });
  }

  /** Ends every environment. */
  async close(): Promise<void> {
    const slots = [...this.#slots.values()].flat();
    for (const slot of slots) if (slot.running) slot.running.over = true;
    await Promise.all(
      slots.map((slot) => slot.environment.kill({ name: 'Shutdown', message: 'The local cloud closes' })),
    );
  }

  #config(name: string): FunctionConfig {
    const config = this.#configs.get(name);
    if (config === undefined) throw new Error(`Lambda: there is no function "${name}"`);
    return config;
  }

  #requestId(config: FunctionConfig): string {
    this.#requests += 1;
    const text = this.#requests.toString(16).padStart(12, '0');
    return `00000000-0000-4000-8000-${text}`.replace('00000000', hex8(config.name));
  }

  #cold(config: FunctionConfig, slots: Slot[]): Slot {
    this.#environments += 1;
    const credentials = this.#options.credentials(config.name, this.#environments);
    const accessKeyId = credentials['AWS_ACCESS_KEY_ID'] ?? '';
    const slot: Slot = {
      accessKeyId,
      running: undefined,
      environment: new Environment({
        bundle: config.bundle,
        handler: config.handler,
        variables: { ...config.variables, ...credentials },
        memoryLimitMb: config.memoryMb,
        now: this.#options.clock.now(),
        onLines: (lines) => this.#options.onLines(config.name, lines, slot.running?.requestId ?? ''),
      }),
    };
    slots.push(slot);
    this.#callers.set(accessKeyId, { functionName: config.name, slot });
    return slot;
  }

  #start(config: FunctionConfig, slot: Slot, event: unknown, onEnd: (end: InvocationEnd) => void): void {
    const { clock, processor } = this.#options;
    const requestId = this.#requestId(config);
    const startedAt = clock.now();
    const deadlineMs = startedAt + config.timeoutSeconds * 1000;
    const running: Running = {
      requestId,
      startedAt,
      over: false,
      cancelTimer: () => {},
      cancelTimeout: clock.at(deadlineMs, `timeout of ${config.name}`, () => {
        processor.push(() => this.#timeOut(config, slot, running));
      }),
      finish: (end) => {
        if (running.over) return;
        running.over = true;
        running.cancelTimeout();
        running.cancelTimer();
        slot.running = undefined;
        if (!slot.environment.alive) this.#remove(config, slot);
        const error = end.kind === 'failed' ? { error: end.error } : {};
        const endedAt = clock.now();
        this.#options.onEnd({
          requestId,
          functionName: config.name,
          region: config.region,
          startedAt,
          endedAt,
          ...error,
        });
        onEnd(end);
      },
    };
    slot.running = running;
    this.#hasRun += 1;
    processor.push(async () => {
      if (running.over) return;
      const context = {
        requestId,
        functionName: config.name,
        functionArn: config.arn,
        memoryLimitMb: config.memoryMb,
        deadlineMs,
      };
      const turn = await unlessHung(slot.environment, slot.environment.begin(clock.now(), event, context));
      this.#afterTurn(config, slot, running, turn);
    });
  }

  #afterTurn(config: FunctionConfig, slot: Slot, running: Running, turn: Turn): void {
    const { clock, processor } = this.#options;
    switch (turn.kind) {
      case 'returned':
        running.finish({ kind: 'returned', result: turn.result });
        return;
      case 'threw':
      case 'died':
        running.finish({ kind: 'failed', error: turn.error });
        return;
      case 'waiting': {
        if (turn.nextDue === undefined) return;
        running.cancelTimer = clock.at(turn.nextDue, `timer of ${config.name}`, () => {
          processor.push(async () => {
            if (running.over) return;
            if (!slot.environment.alive) {
              return running.finish({
                kind: 'failed',
                error: { name: 'Runtime.ExitError', message: 'Its process died' },
              });
            }
            const next = await unlessHung(slot.environment, slot.environment.resume(clock.now()));
            this.#afterTurn(config, slot, running, next);
          });
        });
      }
    }
  }

  async #timeOut(config: FunctionConfig, slot: Slot, running: Running): Promise<void> {
    if (running.over) return;
    const message = `${running.requestId} Task timed out after ${config.timeoutSeconds}.00 seconds`;
    const error = { name: 'Sandbox.Timedout', message };
    await slot.environment.kill(error);
    running.finish({ kind: 'failed', error });
  }

  #remove(config: FunctionConfig, slot: Slot): void {
    const slots = this.#slots.get(config.name) as Slot[];
    const at = slots.indexOf(slot);
    if (at >= 0) slots.splice(at, 1);
    this.#callers.delete(slot.accessKeyId);
  }
}

/** A function that computes for ever would stop the clock for ever: it is killed after a real-time bound. */
async function unlessHung(environment: Environment, turn: Promise<Turn>): Promise<Turn> {
  const timer = setTimeout(() => {
    const message = `It computed for ${HUNG_AFTER_MS / 1000} s of real time without waiting for anything`;
    void environment.kill({ name: 'Sandbox.Hung', message });
  }, HUNG_AFTER_MS);
  try {
    return await turn;
  } finally {
    clearTimeout(timer);
  }
}

/** Eight hexadecimal digits that belong to a name. */
function hex8(name: string): string {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
