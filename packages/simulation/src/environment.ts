import type { Clock } from '@smart-vault/core';
import type { Chaos } from './chaos.ts';
import type { Kernel } from './kernel.ts';

/** One call to a service, as faults and the oracle see it. */
export interface Call {
  readonly service: 'ec2' | 'sqs' | 'sns' | 'cloudwatch';
  readonly region: string;
  /** `CreateSnapshot`, `ReceiveMessage` and so on. */
  readonly operation: string;
  /** Ids that it acts on; empty for listings. */
  readonly subject: string;
}

/** How an invocation ended. */
export type InvocationEnd =
  | { readonly kind: 'returned'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: Error };

/** One run of a handler. */
export interface Invocation {
  /** Which function, and when and for what it was started: the same in every run of the seed. */
  readonly label: string;
  readonly functionName: string;
  readonly startedAt: number;
  /** When Lambda ends it, virtual milliseconds since 1970. */
  readonly deadline: number;
  /** Every EC2 call is throttled. */
  readonly throttled: boolean;
  /** Set once by its end. */
  ended: boolean;
  /** Milliseconds that it spent waiting for its own timers. */
  sleptMs: number;
  end(end: InvocationEnd): void;
}

/** What a world does with the calls of its functions. */
export interface CallHooks {
  readonly kernel: Kernel;
  readonly chaos: Chaos;
  /** From a call to its effect, milliseconds. */
  latencyMs(call: Call): number;
  /** A call was refused before it reached its service. */
  refused(environment: Environment, call: Call, error: Error): void;
  /** A call took effect, and its caller will never know. */
  unanswered(call: Call, output: unknown): void;
}

const never = <T>(): Promise<T> => new Promise(() => {});

/** What a caller sees of an answer that never came. */
class LostAnswer extends Error {
  readonly code = 'ETIMEDOUT';
  override readonly name = 'TimeoutError';
}

/** An error as an SDK client throws it: its name is AWS's code. */
export function serviceError(code: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode }, $fault: 'server' });
}

/** Operations of which each effect is another snapshot: there, a lost answer is ambiguous. */
const MAKING = new Set(['CreateSnapshot', 'CreateSnapshots', 'CopySnapshot']);
/** How long a client waits for an answer that does not come. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * An execution environment of a function: what is warm from one invocation to the next, and the only way out. When it
 * is killed everything that it waits for stays silent for ever; a call that was under way may still take effect.
 */
export class Environment {
  readonly functionName: string;
  /** How wrong its clock is. */
  readonly skewMs: number;
  readonly clock: Clock;
  invocation: Invocation | undefined;
  /** While a call takes effect whose sender has died since: when it was sent, ms. */
  sentBeforeDeath: number | undefined;
  #dead = false;
  readonly #hooks: CallHooks;

  constructor(functionName: string, skewMs: number, hooks: CallHooks) {
    this.functionName = functionName;
    this.skewMs = skewMs;
    this.#hooks = hooks;
    this.clock = { now: () => hooks.kernel.now() + skewMs, sleep: (ms) => this.sleep(ms) };
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** Resolves after so many virtual milliseconds, if it is still alive then. */
  sleep(ms: number): Promise<void> {
    if (this.#dead) return never();
    if (this.invocation !== undefined) this.invocation.sleptMs += ms;
    return new Promise((resolve) => {
      this.#hooks.kernel.clock.after(Math.max(0, Math.round(ms)), 'sleep', () => {
        if (!this.#dead) resolve();
      });
    });
  }

  /** Ends the environment from outside: out of time, or its process died. */
  kill(cause: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#hooks.kernel.note(this.functionName, `KILLED ${cause}`, []);
    this.invocation?.end({ kind: 'failed', error: new Error(cause) });
  }

  /** Carries a call out: later than it was made, perhaps not at all, perhaps without an answer. */
  call<T>(call: Call, effect: () => T): Promise<T> {
    if (this.#dead) return never();
    const { kernel, chaos } = this.#hooks;
    const label = `${this.functionName}/${call.operation}/${call.region}/${call.subject}`;
    if (this.#diesBefore(call, label)) return never();
    const hangs = chaos.isOn && chaos.strikesAgain('timeout', label);
    const latency = hangs ? this.#longerThanLife(label) : this.#latency(call, label);
    const sentAt = kernel.now();
    return new Promise<T>((resolve, reject) => {
      kernel.clock.after(latency, label, () => {
        if (this.#dead) this.#arriveOrphaned(call, label, effect, sentAt);
        else this.#arrive(call, label, effect, resolve, reject);
      });
    });
  }

  #diesBefore(call: Call, label: string): boolean {
    const { chaos } = this.#hooks;
    if (!chaos.isOn) return false;
    const between = this.functionName === 'scheduler' && call.operation === 'SendMessageBatch';
    if (!chaos.strikesAgain(between ? 'crash-between-batches' : 'crash-before', label)) return false;
    this.kill(`died before ${call.operation} ${call.subject}`);
    return true;
  }

  #latency(call: Call, label: string): number {
    const { chaos } = this.#hooks;
    if (chaos.isOn && chaos.strikesAgain('slow-call', label))
      return 60_000 + Math.floor(chaos.unit(`slow ${label}`) * 540_000);
    return this.#hooks.latencyMs(call);
  }

  #longerThanLife(label: string): number {
    const left = (this.invocation?.deadline ?? 0) - this.#hooks.kernel.now();
    return left + 1_000 + Math.floor(this.#hooks.chaos.unit(`hang ${label}`) * 60_000);
  }

  /** The request was on its way when its sender died: half of them arrive. */
  #arriveOrphaned(call: Call, label: string, effect: () => unknown, sentAt: number): void {
    const { kernel, chaos } = this.#hooks;
    if (chaos.unit(`arrives ${label} ${kernel.now()}`) >= 0.5) return;
    this.sentBeforeDeath = sentAt;
    const late = attempt(effect);
    this.sentBeforeDeath = undefined;
    if (late.ok) this.#hooks.unanswered(call, late.value);
  }

  #arrive<T>(
    call: Call,
    label: string,
    effect: () => T,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void {
    const { kernel, chaos } = this.#hooks;
    const refusal = chaos.isOn ? this.#refusal(call, label) : undefined;
    if (refusal !== undefined) {
      this.#hooks.refused(this, call, refusal);
      kernel.note(this.functionName, `${call.operation} → ${refusal.name}`, [call.subject]);
      reject(refusal);
      return;
    }
    const answer = attempt(effect);
    if (!answer.ok) reject(answer.error);
    else if (chaos.isOn && chaos.strikesAgain('crash-after', label)) {
      this.#hooks.unanswered(call, answer.value);
      this.kill(`died after ${call.operation} ${call.subject}`);
    } else if (chaos.isOn && this.#isLost(call, label)) {
      this.#hooks.unanswered(call, answer.value);
      this.#loseAnswer(call, reject);
    } else resolve(answer.value);
  }

  #refusal(call: Call, label: string): Error | undefined {
    const { chaos } = this.#hooks;
    if (call.service === 'ec2') {
      if (this.invocation?.throttled || chaos.strikesAgain('throttle', label))
        return serviceError('RequestLimitExceeded', 'Request limit exceeded.', 503);
    }
    if (chaos.strikesAgain('server-error', label))
      return serviceError('InternalError', 'An internal error has occurred', 500);
    return undefined;
  }

  #isLost({ operation }: Call, label: string): boolean {
    const { chaos } = this.#hooks;
    if (MAKING.has(operation)) return chaos.strikesAgain('lost-answer', label);
    return operation === 'DeleteSnapshot' && chaos.strikesAgain('delete-answer-lost', label);
  }

  #loseAnswer(call: Call, reject: (error: unknown) => void): void {
    this.#hooks.kernel.note(this.functionName, `${call.operation} took effect, its answer is lost`, [
      call.subject,
    ]);
    this.#hooks.kernel.clock.after(ANSWER_TIMEOUT_MS, 'answer lost', () => {
      if (!this.#dead) reject(new LostAnswer(`${call.operation} timed out`));
    });
  }
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempt<T>(effect: () => T): Attempt<T> {
  try {
    return { ok: true, value: effect() };
  } catch (error) {
    return { ok: false, error };
  }
}
