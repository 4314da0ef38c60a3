import { assert, type ReceivedMessage } from '@smart-vault/core';
import type { JobContext } from '../context.ts';
import type { PumpItem, PumpJob, PumpStep, StopReason } from './job.ts';
import { isBusy, type Looked, look } from './look.ts';
import type { Outcomes } from './outcomes.ts';
import type { Permits } from './permits.ts';
import { type Startable, startAll } from './start-all.ts';

/** Works off one batch of received messages: every one of them has an outcome when it returns. */
export async function workBatch<Work>(
  job: PumpJob<Work>,
  messages: readonly ReceivedMessage[],
  outcomes: Outcomes<Work>,
  permits: Permits,
  context: JobContext,
): Promise<StopReason | undefined> {
  const looked = await look(job, await readAll(job, messages, outcomes));
  const stopped = await settleUnknown(job, looked, outcomes);

  // What needs no permit comes first, so that a busy region keeps back nothing that could be done with.
  const startables: Startable<Work>[] = [];
  for (const one of looked) {
    if (!('step' in one)) continue;
    if (one.step.kind === 'start') startables.push({ item: one.item, step: one.step });
    else await settle(one.item, one.step, outcomes);
  }
  return (await startAll(job, startables, outcomes, permits, context)) ?? stopped;
}

/** Those that can be read. The others fail, each for itself. */
async function readAll<Work>(
  job: PumpJob<Work>,
  messages: readonly ReceivedMessage[],
  outcomes: Outcomes<Work>,
): Promise<readonly PumpItem<Work>[]> {
  const items: PumpItem<Work>[] = [];
  for (const message of messages) {
    try {
      items.push({ message, work: job.parse(message) });
    } catch (error) {
      await outcomes.failed(message, error, []);
    }
  }
  return items;
}

/** Messages that nobody could look for: handed back when EC2 is busy, failed otherwise. */
async function settleUnknown<Work>(
  job: PumpJob<Work>,
  looked: readonly Looked<Work>[],
  outcomes: Outcomes<Work>,
): Promise<StopReason | undefined> {
  const unknown = looked.filter((one) => 'error' in one);
  for (const { item, error } of unknown) {
    if (isBusy(error)) await outcomes.handBack(item, 0, 'the look was throttled');
    else await outcomes.failed(item.message, error, job.subjectOf(item.work));
  }
  if (unknown.some(({ error }) => isBusy(error))) return 'busy';
  // Several messages and not one look: the fault is not in the messages, and going on would spend all their receives.
  return unknown.length > 1 && unknown.length === looked.length ? 'failed' : undefined;
}

async function settle<Work>(item: PumpItem<Work>, step: PumpStep, outcomes: Outcomes<Work>): Promise<void> {
  switch (step.kind) {
    case 'done':
      return outcomes.done(item, step.reason);
    case 'wait':
      return outcomes.handBack(item, step.delaySeconds, step.reason);
    case 'replace':
      return outcomes.replace(item, step);
    case 'dead-letter':
      return outcomes.dies(item, step);
    case 'start':
      return assert(false, 'a start needs a permit');
  }
}
