import middy from '@middy/core';
import type { Clock, Log, Metric } from '@smart-vault/core';
import type { Context } from 'aws-lambda';
import { systemClock } from './clock.ts';
import { type JobContext, withFields } from './context.ts';
import { createLog } from './log.ts';
import { emitMetric } from './metric.ts';

/** A Lambda handler: what a function's `handler.ts` exports. */
export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** Where an invocation touches the machine. The defaults are right in Lambda; tests bring their own. */
export interface Edges {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly emit?: (name: string, value: number, unit: Metric['unit']) => void;
}

/** What the work of one invocation gets. */
export interface Invocation extends JobContext {
  /** Adds to a metric of namespace `SmartVault`. */
  count(name: string, value: number): void;
}

/** What becomes of a failed invocation: it is logged in any case, and then thrown or answered. */
export interface OnFailure<Result> {
  readonly event: string;
  /** Answers instead of throwing. */
  readonly answer?: (invocation: Invocation) => Result;
}

/**
 * Wraps work into a Lambda handler: a context with clock, log and time left, one log line per failure, and the
 * failure's disposition. The only place that knows middy.
 */
export function invocation<Event, Result>(
  service: string,
  edges: Edges,
  work: (event: Event, invocation: Invocation) => Promise<Result>,
  onFailure: OnFailure<Result>,
): Handler<Event, Result> {
  const base = { clock: edges.clock ?? systemClock(), log: edges.log ?? createLog(service) };
  const emit = edges.emit ?? emitMetric;
  const invocationOf = (context: Context): Invocation => ({
    clock: base.clock,
    log: withFields(base.log, { requestId: context.awsRequestId }),
    remainingMs: () => context.getRemainingTimeInMillis(),
    count: (name, value) => emit(name, value, 'Count'),
  });

  // No early timeout: it would be a timer of its own, and our loops look at the time left anyway.
  return middy<Event, Result>((event: Event, context: Context) => work(event, invocationOf(context)), {
    timeoutEarlyInMillis: 0,
  }).onError(({ error, context }) => {
    const failed = invocationOf(context);
    failed.log.error(onFailure.event, { error });
    return onFailure.answer?.(failed); // undefined: middy throws the error on
  });
}
