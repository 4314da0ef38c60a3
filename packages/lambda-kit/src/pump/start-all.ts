import type { ErrorCode } from '@smart-vault/core';
import type { JobContext } from '../context.ts';
import type { PumpItem, PumpJob, PumpStep, StopReason } from './job.ts';
import { codeOf, isBusy } from './look.ts';
import type { Outcomes } from './outcomes.ts';
import type { Permits } from './permits.ts';

/** Left at the end of an invocation: to hand back a batch, to wake itself and to write the summary. */
export const RESERVE_MS = 20_000;
/** The longest that starting one snapshot takes, paced, on average. A start makes at most one call per permit. */
const START_MS = 500;
/** Starts under way at once: enough for 5 calls a second when each takes a second. The pacer keeps the pace. */
const SIDE_BY_SIDE = 5;
/** As long as EC2's reads may lag. */
const IN_DOUBT_SECONDS = 360;
/** EC2 wants 15 s between two snapshots of a volume, and a pending one to end; then the volume is ready again. */
const VOLUME_BUSY_SECONDS = 120;

/** An item that something is to be started for. */
export interface Startable<Work> {
  readonly item: PumpItem<Work>;
  readonly step: Extract<PumpStep, { kind: 'start' }>;
}

/**
 * Starts a few side by side for as long as there are permits and time. As soon as there is no going on, the rest is
 * handed back at once. Answers why it stopped, or `undefined` when it came to the end.
 */
export async function startAll<Work>(
  job: PumpJob<Work>,
  startables: readonly Startable<Work>[],
  outcomes: Outcomes<Work>,
  permits: Permits,
  context: JobContext,
): Promise<StopReason | undefined> {
  const attempted = new Set<string>();
  const running = new Set<Promise<void>>();
  let callsUnderWay = 0;
  let stopped: StopReason | undefined;

  for (const startable of startables) {
    const { item, step } = startable;
    if (running.size >= SIDE_BY_SIDE) await Promise.race(running);
    const keys = keysOf(job, startable);
    stopped ??= whatStops(step.permits, callsUnderWay, permits, job.permitsMax, context.remainingMs());
    if (step.permits > job.permitsMax) {
      await outcomes.dies(item, tooLarge(step.permits, job));
    } else if (stopped !== undefined) {
      await outcomes.handBack(item, 0, stopped);
    } else if (keys.some((key) => attempted.has(key))) {
      // The look was before the other one's start, so this one needs a look of its own.
      await outcomes.handBack(item, 0, 'another message of the same batch is about the same');
    } else if (job.doubts?.includesAny(keys)) {
      await outcomes.handBack(
        item,
        IN_DOUBT_SECONDS,
        'an earlier start got no answer: EC2 may not show it yet',
      );
    } else {
      for (const key of keys) attempted.add(key);
      permits.spend(step.permits);
      callsUnderWay += step.permits;
      const start = startOne(job, startable, outcomes, permits).then((reason) => {
        stopped ??= reason;
        callsUnderWay -= step.permits;
        running.delete(start);
      });
      running.add(start);
    }
  }
  await Promise.all(running);
  return stopped;
}

/** What must not be started twice: what it is about, and what it makes. */
const keysOf = <Work>(job: PumpJob<Work>, { item, step }: Startable<Work>): readonly string[] => [
  ...job.subjectOf(item.work),
  ...(step.makes === undefined ? [] : [step.makes]),
];

function whatStops(
  needed: number,
  underWay: number,
  permits: Permits,
  permitsMax: number,
  remainingMs: number,
): StopReason | undefined {
  if (needed > permitsMax) return undefined;
  if (needed > permits.left) return 'no-permits';
  return remainingMs < RESERVE_MS + (underWay + needed) * START_MS ? 'out-of-time' : undefined;
}

const tooLarge = (
  needed: number,
  job: { name: string; permitsMax: number },
): { code: ErrorCode; cause: string } => ({
  code: 'CONFIG',
  cause: `${needed} permits are needed at once, and ${job.name} has ${job.permitsMax} in all: raise its limit`,
});

/** Its permits are spent already. */
async function startOne<Work>(
  job: PumpJob<Work>,
  startable: Startable<Work>,
  outcomes: Outcomes<Work>,
  permits: Permits,
): Promise<StopReason | undefined> {
  const { item, step } = startable;
  try {
    await step.start();
  } catch (error) {
    if (isAmbiguous(codeOf(error))) job.doubts?.add(keysOf(job, startable));
    return await notStarted(item, step.permits, error, outcomes, permits, job.subjectOf(item.work));
  }
  await outcomes.started(item, step.reason);
  return undefined;
}

async function notStarted<Work>(
  item: PumpItem<Work>,
  needed: number,
  error: unknown,
  outcomes: Outcomes<Work>,
  permits: Permits,
  subject: readonly string[],
): Promise<StopReason | undefined> {
  const code = codeOf(error);
  if (!mayHaveStarted(code, needed)) permits.giveBack(needed);
  if (isBusy(error)) {
    await outcomes.handBack(item, 0, `${code}: the next wake-up goes on`);
    return 'busy';
  }
  if (code === 'VOLUME_BUSY') await outcomes.handBack(item, VOLUME_BUSY_SECONDS, 'the volume is busy');
  else await outcomes.failed(item.message, error, subject);
  return undefined;
}

/** A lost answer may hide a success, and one of several calls may have succeeded: then the permits count as used. */
const mayHaveStarted = (code: ErrorCode, needed: number): boolean => needed > 1 || isAmbiguous(code);

const isAmbiguous = (code: ErrorCode): boolean => code === 'TRANSIENT' || code === 'UNKNOWN';
