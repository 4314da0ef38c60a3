import { isAppError, isRegion, parseWakeUp, type Region } from '@smart-vault/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { JobContext } from './context.ts';
import { type Edges, type Handler, type Invocation, invocation } from './invocation.ts';

export interface WakeUpHandlerOptions extends Edges {
  readonly service: string;
  /** Runs the pump of one region. `failed` is counted into the metric `RecordsFailed`. */
  readonly run: (region: Region, context: JobContext) => Promise<{ readonly failed: number }>;
}

const acknowledged = (): SQSBatchResponse => ({ batchItemFailures: [] });

/**
 * A handler for a wake-up queue: runs the pump of every region that is named, each once and side by side.
 *
 * A wake-up is a hint, so it is acknowledged whatever happened: kept, it would only lock its region's group. What
 * went wrong is logged, and counted in `RecordsFailed`, on which there is an alarm.
 */
export function wakeUpHandler(options: WakeUpHandlerOptions): Handler<SQSEvent, SQSBatchResponse> {
  return invocation(options.service, options, (event, context) => wakeAll(event, context, options), {
    event: 'wake-up.failed',
    answer: (context) => {
      context.count('RecordsFailed', 1);
      return acknowledged();
    },
  });
}

async function wakeAll(
  event: SQSEvent,
  context: Invocation,
  options: WakeUpHandlerOptions,
): Promise<SQSBatchResponse> {
  const regions = new Set<Region>();
  let failed = 0;
  for (const record of event.Records) {
    const region = regionOf(record);
    if (region) regions.add(region);
    else failed += 1;
    if (!region) context.log.error('wake-up.unreadable', { messageId: record.messageId });
  }
  const failures = await Promise.all([...regions].map((region) => wakeOne(region, context, options)));
  for (const count of failures) failed += count;
  if (failed > 0) context.count('RecordsFailed', failed);
  return acknowledged();
}

/** How many records failed. One region's failure must not take another region's pump with it. */
async function wakeOne(region: Region, context: Invocation, options: WakeUpHandlerOptions): Promise<number> {
  try {
    const { failed } = await options.run(region, context);
    return failed;
  } catch (error) {
    context.log.error('wake-up.failed', { region, error });
    return 1;
  }
}

/** The region a wake-up is for: what its body says, or else its group, which is the region too. */
function regionOf(record: SQSRecord): Region | undefined {
  try {
    return parseWakeUp(record.body).region;
  } catch (error) {
    if (!isAppError(error, 'CONTRACT')) throw error;
    const group = record.attributes.MessageGroupId;
    return isRegion(group) ? group : undefined;
  }
}
