import { AppError } from '@smart-vault/core';
import type { VirtualClock } from '../clock.ts';
import {
  DEFAULT_RETRY_POLICY,
  type DeadLetter,
  Deliveries,
  type DeliveryFailure,
  type DeliveryResult,
  type RetryPolicy,
} from '../events/delivery.ts';
import { hash32, unitOf } from '../prng.ts';
import { type Occurrences, parseExpression } from './expression.ts';

/** A schedule as its template says. Times in milliseconds since 1970. */
export interface ScheduleSpec {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly expression: string;
  /** IANA name; `UTC` when the template gives none. */
  readonly timeZone: string;
  readonly state: 'ENABLED' | 'DISABLED';
  /** Missing: FlexibleTimeWindow OFF. */
  readonly flexibleWindowMinutes?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly target: {
    readonly arn: string;
    readonly roleArn?: string;
    /** With `<aws.scheduler.…>` placeholders. A queue without one gets an empty JSON object. */
    readonly input?: string;
    readonly messageGroupId?: string;
    readonly retry?: RetryPolicy;
    readonly deadLetterArn?: string;
  };
}

/** One attempt to invoke a schedule's target. */
export interface ScheduleCall {
  readonly schedule: ScheduleSpec;
  readonly kind: 'lambda' | 'sqs';
  /** The text: the function's payload, or the message's body. */
  readonly body: string;
  /** The time that it was scheduled for, without any window or jitter. */
  readonly scheduledMs: number;
  readonly executionId: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What became of a run, for metrics and traces. */
export type ScheduleOutcome =
  | { readonly kind: 'delivered'; readonly schedule: ScheduleSpec; readonly scheduledMs: number }
  | {
      readonly kind: 'dead-lettered' | 'lost';
      readonly schedule: ScheduleSpec;
      readonly scheduledMs: number;
      readonly failure: DeliveryFailure;
    };

/** What Scheduler needs of the world around it. */
export interface SchedulesOptions {
  readonly clock: VirtualClock;
  readonly seed: number;
  /**
   * Scheduler runs anywhere between :00 and :59 of the minute; this is how much of that a run may be late, drawn by
   * label. Default 0.
   */
  readonly jitterMaxMs?: number;
  invoke(call: ScheduleCall): DeliveryResult | Promise<DeliveryResult>;
  deadLetter(letter: DeadLetter): void | Promise<void>;
  onOutcome?(outcome: ScheduleOutcome): void;
}

/**
 * EventBridge Scheduler on a virtual clock: each enabled schedule keeps one timer for its next run.
 *
 * The run's `<aws.scheduler.scheduled-time>` is the time of the expression whatever window, jitter or retry came in
 * between; `<aws.scheduler.execution-id>` is another one for every attempt.
 */
export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #deliveries: Deliveries;
  readonly #schedules = new Map<string, { spec: ScheduleSpec; cancel: () => void }>();

  constructor(options: SchedulesOptions) {
    this.#options = options;
    this.#deliveries = new Deliveries(options.clock, options.seed);
  }

  /** Invocations that wait for an answer just now. */
  get busy(): number {
    return this.#deliveries.busy;
  }

  /** Creates a schedule now. @throws AppError `CONFIG` for what Scheduler would refuse */
  add(spec: ScheduleSpec): void {
    checkSpec(spec);
    if (this.#schedules.has(spec.arn)) throw bad(spec, 'is there twice');
    const createdMs = this.#options.clock.now();
    const occurrences = parseExpression(spec.expression, spec.timeZone, {
      createdMs,
      ...(spec.startMs !== undefined && { startMs: spec.startMs }),
      ...(spec.endMs !== undefined && { endMs: spec.endMs }),
    });
    const entry = { spec, cancel: (): void => {} };
    this.#schedules.set(spec.arn, entry);
    if (spec.state === 'ENABLED') this.#arm(entry, occurrences, createdMs - 1);
  }

  /** Takes a schedule away; runs under way go on. */
  remove(arn: string): void {
    this.#schedules.get(arn)?.cancel();
    this.#schedules.delete(arn);
  }

  /** All schedules, enabled or not. */
  list(): readonly ScheduleSpec[] {
    return [...this.#schedules.values()].map(({ spec }) => spec);
  }

  #arm(entry: { spec: ScheduleSpec; cancel: () => void }, occurrences: Occurrences, afterMs: number): void {
    const next = occurrences.after(afterMs);
    if (next === undefined) return;
    entry.cancel = this.#options.clock.at(next, `schedule ${entry.spec.name}`, () => {
      this.#arm(entry, occurrences, next);
      this.#run(entry.spec, next);
    });
  }

  #run(spec: ScheduleSpec, scheduledMs: number): void {
    const label = `${spec.name} ${isoSeconds(scheduledMs)}`;
    const windowMs = (spec.flexibleWindowMinutes ?? 0) * 60_000;
    const lateMs =
      Math.floor(unitOf(this.#options.seed, `window ${label}`) * windowMs) +
      Math.floor(unitOf(this.#options.seed, `jitter ${label}`) * (this.#options.jitterMaxMs ?? 0));
    const start = (): void => this.#deliver(spec, scheduledMs, label);
    if (lateMs === 0) start();
    else this.#options.clock.after(lateMs, `run ${label}`, start);
  }

  #deliver(schedule: ScheduleSpec, scheduledMs: number, label: string): void {
    const { seed } = this.#options;
    let body = '';
    let executionId = '';
    this.#deliveries.start({
      label,
      retry: schedule.target.retry ?? DEFAULT_RETRY_POLICY,
      attempt: (attempt) => {
        executionId = [0, 1]
          .map((half) =>
            hash32(`${label} ${attempt}`, seed + half)
              .toString(16)
              .padStart(8, '0'),
          )
          .join('');
        body = fillInput(schedule, { scheduledMs, executionId, attempt });
        const kind = serviceOf(schedule.target.arn) as 'lambda' | 'sqs';
        return this.#options.invoke({ schedule, kind, body, scheduledMs, executionId, attempt });
      },
      delivered: () => this.#options.onOutcome?.({ kind: 'delivered', schedule, scheduledMs }),
      failed: (failure) => this.#failed(schedule, scheduledMs, body, executionId, failure),
    });
  }

  #failed(
    schedule: ScheduleSpec,
    scheduledMs: number,
    body: string,
    executionId: string,
    failure: DeliveryFailure,
  ): void | Promise<void> {
    const queueArn = schedule.target.deadLetterArn;
    const kind = queueArn === undefined ? 'lost' : 'dead-lettered';
    this.#options.onOutcome?.({ kind, schedule, scheduledMs, failure });
    if (queueArn === undefined) return;
    return this.#options.deadLetter({
      queueArn,
      body,
      attributes: {
        ERROR_CODE: failure.code,
        ERROR_MESSAGE: failure.message,
        EXECUTION_ID: executionId,
        IS_PAYLOAD_TRUNCATED: 'false',
        RETRY_ATTEMPTS: String(failure.retries),
        SCHEDULED_TIME: isoSeconds(scheduledMs),
        SCHEDULE_ARN: schedule.arn,
        TARGET_ARN: schedule.target.arn,
        ...(failure.exhausted && { EXHAUSTED_RETRY_CONDITION: failure.exhausted }),
      },
    });
  }
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function fillInput(
  schedule: ScheduleSpec,
  run: { scheduledMs: number; executionId: string; attempt: number },
): string {
  return (schedule.target.input ?? '{}')
    .replaceAll('<aws.scheduler.schedule-arn>', () => schedule.arn)
    .replaceAll('<aws.scheduler.scheduled-time>', () => isoSeconds(run.scheduledMs))
    .replaceAll('<aws.scheduler.execution-id>', () => run.executionId)
    .replaceAll('<aws.scheduler.attempt-number>', () => String(run.attempt));
}

/** `2022-03-22T18:59:43Z`: seconds, no parts of them. */
const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

function checkSpec(spec: ScheduleSpec): void {
  const { target } = spec;
  if (serviceOf(target.arn) !== 'lambda' && serviceOf(target.arn) !== 'sqs') {
    throw bad(spec, `has the target ${target.arn}; this model knows lambda and sqs`);
  }
  if (target.arn.endsWith('.fifo') && target.messageGroupId === undefined) {
    throw bad(spec, `has the FIFO target ${target.arn} without SqsParameters.MessageGroupId`);
  }
  if (target.deadLetterArn?.endsWith('.fifo'))
    throw bad(spec, 'has a FIFO dead-letter queue; only standard ones');
  const window = spec.flexibleWindowMinutes;
  if (window !== undefined && !(window >= 1 && window <= 1_440)) {
    throw bad(spec, `has a flexible window of ${window} minutes; 1 to 1440 are allowed`);
  }
}

const bad = (spec: ScheduleSpec, problem: string): AppError =>
  new AppError('CONFIG', `schedule ${spec.name} (${spec.region}) ${problem}`);
