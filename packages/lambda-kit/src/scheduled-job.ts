import type { JobContext } from './context.ts';
import { type Edges, type Handler, invocation } from './invocation.ts';

export interface ScheduledJobOptions<Input, Output> extends Edges {
  readonly service: string;
  /** @throws AppError `CONTRACT` for an event of a shape that we do not know. */
  readonly parse: (event: unknown) => Input;
  readonly run: (input: Input, context: JobContext) => Promise<Output>;
}

/**
 * A handler for EventBridge Scheduler and other asynchronous callers. What the job throws is logged and thrown on:
 * Lambda tries the invocation again and then sends it to the function's failure queue.
 */
export function scheduledJob<Input, Output>(
  options: ScheduledJobOptions<Input, Output>,
): Handler<unknown, Output> {
  const { service, parse, run } = options;
  return invocation(service, options, (event, context) => run(parse(event), context), {
    event: 'job.failed',
  });
}
