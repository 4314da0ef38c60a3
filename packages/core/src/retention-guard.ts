import { DAY_MS, HOUR_MS, policyProblems } from './policy.ts';
import type { PruneInputs, PruneLimits } from './retention-types.ts';

/** However small the vault, so many removals are no mass deletion. */
const REMOVALS_ALWAYS_ALLOWED = 10;
/** A vault whose region, or whose destination, was gone for a long weekend still removes what aged in the meantime. */
const AGEING_SLACK_MS = 4 * DAY_MS;
/** How far EC2's clock and ours may differ. */
export const CLOCK_SKEW_MS = HOUR_MS;
/** A vault whose newest snapshot is so much older than its retention has no clock to trust, or no backups at all. */
const SILENCE_MAX_MS = 366 * DAY_MS;

/** Snapshots of ours, in one region or several. */
export interface OwnSnapshots {
  readonly count: number;
  /** When the newest was started, ms; minus infinity when there are none. */
  readonly newestStart: number;
}

/** Why nothing at all may be done, in any region; `undefined` when there is no such reason. */
export function planProblem(inputs: PruneInputs, regions: readonly OwnSnapshots[]): string | undefined {
  const problems = [...policyProblems(inputs.policy), ...limitProblems(inputs.limits)];
  if (problems.length > 0) return problems.join('; ');
  return clockProblem(inputs, regions);
}

function limitProblems({ deletesPerRunMax, deleteShareMax }: PruneLimits): readonly string[] {
  const problems: string[] = [];
  if (!(deletesPerRunMax >= 0)) problems.push(`deletesPerRunMax is ${deletesPerRunMax}; expected 0 or more`);
  if (!(deleteShareMax >= 0 && deleteShareMax <= 1)) {
    problems.push(`deleteShareMax is ${deleteShareMax}; expected 0 to 1`);
  }
  return problems;
}

/** EC2 sets start times by its own clock, so they tell when ours is wrong. */
function clockProblem({ now, policy }: PruneInputs, regions: readonly OwnSnapshots[]): string | undefined {
  if (!Number.isFinite(now)) return `the clock says ${now}`;
  const newest = Math.max(...regions.map(({ newestStart }) => newestStart));
  if (newest > now + CLOCK_SKEW_MS) {
    return `the clock is wrong: a snapshot was started at ${iso(newest)}, and it says ${iso(now)}`;
  }
  if (Number.isFinite(newest) && now - newest > policy.retentionDays * DAY_MS + SILENCE_MAX_MS) {
    return `the clock says ${iso(now)}, and the newest snapshot is of ${iso(newest)}: one of them is wrong`;
  }
  return undefined;
}

const iso = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`);

/** A removal that a plan wants. `dueAt` is when the rules let go of the snapshot; undefined when not by ageing. */
export interface Removal {
  readonly dueAt?: number;
}

/**
 * Refuses a region's plan that wants more than ageing explains: what became due within the grace period and four days
 * may go in any number, as it came in that number; everything else (a retention cut short, a wrong clock, a flood of
 * duplicates) is bounded. The plan is refused as a whole, because a part of a wrong plan is still wrong.
 */
export function capProblem(
  { now, policy, limits }: PruneInputs,
  { count: ours }: OwnSnapshots,
  removals: readonly Removal[],
): string | undefined {
  const byShare = Math.floor(limits.deleteShareMax * ours);
  const allowed = Math.max(REMOVALS_ALWAYS_ALLOWED, Math.min(limits.deletesPerRunMax, byShare));
  const explainedMs = policy.graceHours * HOUR_MS + AGEING_SLACK_MS;
  const unexplained = removals.filter(({ dueAt }) => dueAt === undefined || now - dueAt > explainedMs).length;
  if (unexplained <= allowed) return undefined;
  return (
    `the plan removes ${removals.length} of ${ours} snapshots, ${unexplained} of them not explained by ageing; ` +
    `at most ${allowed} are allowed (${limits.deletesPerRunMax} a run, ${limits.deleteShareMax * 100} % of ours)`
  );
}
