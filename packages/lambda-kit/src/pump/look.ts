import { type AppError, assert, isAppError } from '@smart-vault/core';
import type { PumpItem, PumpJob, PumpStep } from './job.ts';

/** An item with what is to be done about it, or with why nobody knows. */
export type Looked<Work> =
  | { readonly item: PumpItem<Work>; readonly step: PumpStep }
  | { readonly item: PumpItem<Work>; readonly error: unknown };

/** The region or the API has no room left just now: not the message's fault, and the next one would fare the same. */
export const isBusy = (error: unknown): boolean =>
  isAppError(error, 'THROTTLED') || isAppError(error, 'LIMIT_EXCEEDED');

/**
 * One look for the whole batch. When it fails, every message is looked at alone, so that a bad one fails alone.
 * A busy answer is not asked for again.
 */
export async function look<Work>(
  job: PumpJob<Work>,
  items: readonly PumpItem<Work>[],
): Promise<readonly Looked<Work>[]> {
  if (items.length === 0) return [];
  try {
    return await lookTogether(job, items);
  } catch (error) {
    if (isBusy(error) || items.length === 1) return items.map((item) => ({ item, error }));
    return lookOneByOne(job, items);
  }
}

async function lookTogether<Work>(
  job: PumpJob<Work>,
  items: readonly PumpItem<Work>[],
): Promise<readonly Looked<Work>[]> {
  const steps = await job.prepare(items);
  assert(steps.length === items.length, `${job.name}: ${steps.length} steps for ${items.length} messages`);
  return items.map((item, index) => ({ item, step: steps[index] as PumpStep }));
}

async function lookOneByOne<Work>(
  job: PumpJob<Work>,
  items: readonly PumpItem<Work>[],
): Promise<readonly Looked<Work>[]> {
  const looked: Looked<Work>[] = [];
  for (const item of items) {
    try {
      looked.push(...(await lookTogether(job, [item])));
    } catch (error) {
      looked.push({ item, error });
    }
  }
  return looked;
}

/** The code of anything thrown. What is no `AppError` is a bug of ours or of a library. */
export const codeOf = (error: unknown): AppError['code'] => (isAppError(error) ? error.code : 'UNKNOWN');
