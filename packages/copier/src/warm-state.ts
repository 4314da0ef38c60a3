import type { Clock } from '@smart-vault/core';
import { Doubts, Pacer, RecentStarts } from '@smart-vault/lambda-kit';

/** What an execution environment keeps of one destination from one invocation to the next. */
export interface WarmState {
  readonly recent: RecentStarts;
  readonly doubts: Doubts;
  readonly pacer: Pacer;
}

/** CopySnapshot draws on the destination region's bucket for mutating calls that are not listed by name. */
const BUCKET = { capacity: 50, refillPerSecond: 5 };

/** The state of an execution environment that has just come up, for one destination. */
export function createWarmState(clock: Clock): WarmState {
  return {
    recent: new RecentStarts(clock),
    doubts: new Doubts(clock),
    pacer: new Pacer({ ...BUCKET, clock }),
  };
}
