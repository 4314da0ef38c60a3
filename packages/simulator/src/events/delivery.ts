import type { VirtualClock } from '../clock.ts';
import { unitOf } from '../prng.ts';

/** What came of one attempt to reach a target. `code` is one of the documented ERROR_CODEs, such as NO_PERMISSIONS. */
export type DeliveryResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly retriable: boolean };

/** How often and how long EventBridge and Scheduler try: 185 retries and 24 hours unless the target says otherwise. */
export interface RetryPolicy {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maximumRetryAttempts: 185,
  maximumEventAgeSeconds: 86_400,
};

/** A letter for a target's dead-letter queue: the body and the documented string attributes. */
export interface DeadLetter {
  readonly queueArn: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The end of a failed delivery. `exhausted` is missing when the failure was of a kind that is not retried. */
export interface DeliveryFailure {
  readonly code: string;
  readonly message: string;
  /** How often it was tried again after the first time. */
  readonly retries: number;
  readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

/** One delivery with everything it needs to go on by itself. */
export interface DeliveryJob {
  readonly label: string;
  readonly retry: RetryPolicy;
  /** @param attempt 1 for the first */
  readonly attempt: (attempt: number) => DeliveryResult | Promise<DeliveryResult>;
  readonly delivered: () => void;
  readonly failed: (failure: DeliveryFailure) => void | Promise<void>;
}

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_MAX_MS = 600_000;

/**
 * Carries deliveries out: tries, backs off exponentially with jitter, gives up at the policy's bounds.
 * A target may answer at once or later; `busy` says how many are under way, so that a clock can stand meanwhile.
 * The length of AWS's own backoff is not documented; this one doubles from 1 s to 10 min.
 */
export class Deliveries {
  readonly #clock: VirtualClock;
  readonly #seed: number;
  #busy = 0;

  constructor(clock: VirtualClock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** Attempts that have been started and not answered. */
  get busy(): number {
    return this.#busy;
  }

  /** Tries now; everything after that happens by itself as the clock moves. */
  start(job: DeliveryJob): void {
    this.#try(job, 1, this.#clock.now());
  }

  #try(job: DeliveryJob, attempt: number, startedAt: number): void {
    const answer = settled(() => job.attempt(attempt));
    if (!(answer instanceof Promise)) {
      this.#finish(job, attempt, startedAt, answer);
      return;
    }
    this.#busy += 1;
    void answer.then((result) => {
      this.#busy -= 1;
      this.#finish(job, attempt, startedAt, result);
    });
  }

  #finish(job: DeliveryJob, attempt: number, startedAt: number, result: DeliveryResult): void {
    if (result.kind === 'delivered') {
      job.delivered();
      return;
    }
    const failure = { code: result.code, message: result.message, retries: attempt - 1 };
    if (!result.retriable) {
      this.#giveUp(job, failure);
      return;
    }
    if (attempt > job.retry.maximumRetryAttempts) {
      this.#giveUp(job, { ...failure, exhausted: 'MaximumRetryAttempts' });
      return;
    }
    const due = this.#clock.now() + this.#backoffMs(job.label, attempt);
    if (due - startedAt > job.retry.maximumEventAgeSeconds * 1_000) {
      this.#giveUp(job, { ...failure, exhausted: 'MaximumEventAgeInSeconds' });
      return;
    }
    this.#clock.at(due, `retry ${job.label}`, () => this.#try(job, attempt + 1, startedAt));
  }

  #giveUp(job: DeliveryJob, failure: DeliveryFailure): void {
    const done = job.failed(failure);
    if (!(done instanceof Promise)) return;
    this.#busy += 1;
    const settle = (): void => {
      this.#busy -= 1;
    };
    void done.then(settle, settle);
  }

  #backoffMs(label: string, attempt: number): number {
    const full = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (attempt - 1));
    return Math.round(full * (0.5 + unitOf(this.#seed, `backoff ${label} ${attempt}`) / 2));
  }
}

/** A target that throws has failed in a way that is worth another try. */
function settled(
  attempt: () => DeliveryResult | Promise<DeliveryResult>,
): DeliveryResult | Promise<DeliveryResult> {
  try {
    const answer = attempt();
    return answer instanceof Promise ? answer.catch(thrown) : answer;
  } catch (error) {
    return thrown(error);
  }
}

const thrown = (error: unknown): DeliveryResult => ({
  kind: 'failed',
  code: 'INTERNAL_ERROR',
  message: error instanceof Error ? error.message : String(error),
  retriable: true,
});
