import type { Clock } from '@smart-vault/core';
import { Doubts, Pacer, RecentStarts } from '@smart-vault/lambda-kit';

/** What an execution environment keeps from one invocation to the next. */
export interface WarmState {
  readonly recent: RecentStarts;
  readonly doubts: Doubts;
  /** CreateSnapshot and CreateSnapshots have a token bucket each. */
  readonly pacers: { readonly each: Pacer; readonly set: Pacer };
}

/** EC2's token bucket of either API, per account and region. */
const BUCKET = { capacity: 100, refillPerSecond: 5 };

/** The state of an execution environment that has just come up. */
export function createWarmState(clock: Clock): WarmState {
  return {
    recent: new RecentStarts(clock),
    doubts: new Doubts(clock),
    pacers: { each: new Pacer({ ...BUCKET, clock }), set: new Pacer({ ...BUCKET, clock }) },
  };
}
