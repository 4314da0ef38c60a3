import type { Region } from './ids.ts';

/** What is backed up, how, and how long it is kept. */
export interface Policy {
  readonly name: string;
  /** The tag that selects an instance. */
  readonly tagKey: 'backup';
  readonly tagValue: 'true';
  /** What is snapshotted together: all selected volumes of an instance, or each volume by itself. */
  readonly consistency: 'instance' | 'volume';
  /** Days that a point is kept, counted from its slot. */
  readonly retentionDays: number;
  /** Good points per volume and region that stay whatever their age. At least 1. */
  readonly keepMin: number;
  /** Hours between condemning a snapshot and deleting it. 0 is allowed. */
  readonly graceHours: number;
  readonly destinations: readonly Region[];
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/**
 * What is wrong with the numbers of a policy, one line each; empty when it can be trusted with deletion.
 * A policy that would delete everything is one of the things that are wrong.
 */
export function policyProblems(policy: Policy): readonly string[] {
  const problems: string[] = [];
  if (!Number.isInteger(policy.retentionDays) || policy.retentionDays < 1 || policy.retentionDays > 36_500) {
    problems.push(`retentionDays is ${policy.retentionDays}; expected a whole number from 1 to 36500`);
  }
  if (!Number.isInteger(policy.keepMin) || policy.keepMin < 1) {
    problems.push(`keepMin is ${policy.keepMin}; expected a whole number, at least 1`);
  }
  if (!Number.isFinite(policy.graceHours) || policy.graceHours < 0) {
    problems.push(`graceHours is ${policy.graceHours}; expected 0 or more`);
  }
  if (new Set(policy.destinations).size !== policy.destinations.length) {
    problems.push(`destinations name a region twice: ${policy.destinations.join(', ')}`);
  }
  return problems;
}
