import { assert, encodeMessage, type WakeUpMessage } from '@smart-vault/core';
import type { JobContext } from '../context.ts';
import { emptyTally, type PumpJob, type PumpReport, type StopReason, type Tally } from './job.ts';
import { codeOf, isBusy } from './look.ts';
import { Outcomes } from './outcomes.ts';
import { Permits } from './permits.ts';
import { RESERVE_MS } from './start-all.ts';
import { workBatch } from './work-batch.ts';

/** What one ReceiveMessage gives at most. */
const BATCH_MAX = 10;
/** Far more than 300 s allow at 5 calls a second: a bound in case the work is somehow never used up. */
const BATCHES_MAX = 500;

/**
 * Lets work out of a queue for as long as there are permits for it, starts it at the API's pace and stops.
 * Work that finds no permit is not received, or is handed back unharmed. Never throws, so that its wake-up is always
 * acknowledged: what went wrong is in the log and in the report, which is logged as `pump.summary`.
 *
 * Nothing guards against a second pump of the same region: the FIFO group of its wake-ups does.
 */
export async function runPump<Work>(job: PumpJob<Work>, context: JobContext): Promise<PumpReport> {
  const startedAt = context.clock.now();
  const tally = emptyTally();
  const run = await pumpUntilStopped(job, context, tally);
  const wokeItself = run.stopped === 'out-of-time' && (await wakeItself(job, context, tally));
  const report: PumpReport = {
    pump: job.name,
    region: job.region,
    ...run,
    ...tally,
    wokeItself,
    tookMs: context.clock.now() - startedAt,
  };
  context.log.info('pump.summary', { ...report });
  return report;
}

type Run = Pick<PumpReport, 'stopped' | 'inProgress' | 'permitsLeft'>;

async function pumpUntilStopped<Work>(job: PumpJob<Work>, context: JobContext, tally: Tally): Promise<Run> {
  let inProgress = 0;
  let permits = new Permits(0, 0);
  try {
    assert(
      job.maxReceiveCount >= 3,
      `${job.name}: ${job.maxReceiveCount} receives leave no room to hand back`,
    );
    inProgress = await job.countInProgress();
    permits = new Permits(job.permitsMax, inProgress);
    const stopped = await drain(job, context, tally, permits);
    return { stopped, inProgress, permitsLeft: permits.left };
  } catch (error) {
    const busy = isBusy(error);
    if (!busy) tally.failed += 1;
    context.log[busy ? 'warn' : 'error']('pump.failed', { pump: job.name, errorCode: codeOf(error), error });
    return { stopped: busy ? 'busy' : 'failed', inProgress, permitsLeft: permits.left };
  }
}

async function drain<Work>(
  job: PumpJob<Work>,
  context: JobContext,
  tally: Tally,
  permits: Permits,
): Promise<StopReason> {
  const outcomes = new Outcomes(job, context, tally);
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    if (permits.left === 0) return 'no-permits';
    if (context.remainingMs() < RESERVE_MS) return 'out-of-time';
    // No look at the queue's depth: it lags by up to a minute, and the work that woke us may be seconds old.
    const messages = await job.queue.receive(Math.min(BATCH_MAX, permits.left));
    if (messages.length === 0) return 'empty';
    tally.received += messages.length;
    const [handedBack, turnedAway] = [tally.handedBack, outcomes.turnedAwayAnew];
    const stopped = await workBatch(job, messages, outcomes, permits, context);
    if (stopped !== undefined) return stopped;
    // A FIFO queue takes no delay for one message, so what is handed back may come again at once: going on would mean
    // going round among busy volumes for as long as they are busy.
    const onlyHandedBack = tally.handedBack - handedBack === messages.length;
    if (onlyHandedBack && outcomes.turnedAwayAnew === turnedAway) return 'busy';
  }
  return 'out-of-time';
}

/** Sends itself a wake-up: there are permits, and there was work when the time ran out. */
async function wakeItself<Work>(job: PumpJob<Work>, context: JobContext, tally: Tally): Promise<boolean> {
  // The group has one pump at a time, so an instant is unique: SQS must not take this for the last one's duplicate.
  const id = `self-${job.name}-${context.clock.now()}`;
  const message: WakeUpMessage = { v: 1, kind: 'wake-up', region: job.region, cause: 'self', id };
  try {
    await job.wakeUps.send([{ body: encodeMessage(message), groupId: job.region, deduplicationId: id }]);
    return true;
  } catch (error) {
    tally.failed += 1; // the next tick wakes it
    context.log.error('pump.wake-up-failed', { pump: job.name, errorCode: codeOf(error), error });
    return false;
  }
}
