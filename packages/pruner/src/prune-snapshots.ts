import {
  AppError,
  type Log,
  type Policy,
  type PruneDecision,
  type PruneInputs,
  type PruneLimits,
  type PrunePlan,
  planPrune,
  type ScheduledJob,
} from '@smart-vault/core';
import { type ApplyPorts, applyPlan } from './apply-plan.ts';
import { assertPlan } from './assert-plan.ts';
import { gatherInventory, unreadableIn } from './gather-inventory.ts';
import type { PruneOutcome } from './outcome.ts';

/** What pruning needs of the world. */
export interface PrunePorts extends ApplyPorts {
  /** Milliseconds until the function is ended from outside. */
  remainingMs(): number;
  /** Counts something that an alarm looks at: `PruneRefused`, `RecordsFailed`. */
  count(name: string, value: number): void;
}

export interface PruneConfig {
  readonly vault: string;
  readonly policy: Policy;
  readonly limits: PruneLimits;
  /** `dry-run` plans and logs as `live` does, and makes no call that changes anything. */
  readonly mode: 'live' | 'dry-run';
}

export interface PruneReport {
  readonly plan: PrunePlan;
  readonly outcomes: readonly PruneOutcome[];
}

/** With less time than this left nothing more is begun. */
const RESERVE_MS = 60_000;

/**
 * Plans what is to be kept, condemned, pardoned and deleted in every region, and does it: pardons first, then
 * condemnations, then deletes. Fails closed: a region that cannot be read in full is left alone, and while a
 * destination cannot be read nothing is deleted in the source region either, as its copies cannot be seen.
 *
 * What EC2 refuses is an outcome, not an error.
 * @throws AppError `CONTRACT` when the job is another one.
 */
export async function pruneSnapshots(
  ports: PrunePorts,
  config: PruneConfig,
  job: ScheduledJob,
): Promise<PruneReport> {
  if (job.job !== 'prune') throw new AppError('CONTRACT', `the pruner was asked to ${job.job}`);
  const inputs = await gatherInputs(ports, config);
  const plan = planPrune(inputs);
  assertPlan(inputs, plan);
  logPlan(ports, plan);
  const outcomes = config.mode === 'live' ? await applyPlan(ports, inputs, plan, () => stopSign(ports)) : [];
  ports.count('RecordsFailed', failuresIn(inputs, outcomes));
  logSummary(ports.log, config, job, inputs, plan, outcomes);
  return { plan, outcomes };
}

const stopSign = (ports: PrunePorts): string | undefined =>
  ports.remainingMs() < RESERVE_MS ? 'little time is left; the next run goes on' : undefined;

async function gatherInputs(ports: PrunePorts, config: PruneConfig): Promise<PruneInputs> {
  const regions = [];
  for (const store of [ports.source, ...ports.destinations]) {
    regions.push(await gatherInventory(store, config.vault, ports.log));
  }
  return {
    now: ports.clock.now(),
    vault: config.vault,
    policy: config.policy,
    source: ports.source.region,
    limits: config.limits,
    regions,
  };
}

/** One line per decision, the same in both modes; what is kept only for those who look closely. */
function logPlan(ports: PrunePorts, plan: PrunePlan): void {
  for (const decision of plan.decisions) ports.log[levelOf(decision)]('prune.decision', { ...decision });
  for (const refusal of plan.refusals) ports.log.error('prune.refused', { ...refusal });
  ports.count('PruneRefused', plan.refusals.length > 0 ? 1 : 0);
}

/** Loud for what somebody should look at: tags that cannot be understood, and a source that goes without a copy. */
function levelOf({ kind, rule }: PruneDecision): 'debug' | 'info' | 'warn' {
  if (rule === 'malformed' || rule === 'expired-uncopied') return 'warn';
  return kind === 'keep' ? 'debug' : 'info';
}

/** What an operator has to look at: regions that could not be read and calls that were denied or went wrong. */
function failuresIn(inputs: PruneInputs, outcomes: readonly PruneOutcome[]): number {
  return unreadableIn(inputs).length + outcomes.filter((outcome) => outcome.kind === 'failed').length;
}

function logSummary(
  log: Log,
  config: PruneConfig,
  job: ScheduledJob,
  inputs: PruneInputs,
  plan: PrunePlan,
  outcomes: readonly PruneOutcome[],
): void {
  for (const { region, snapshots, problem } of inputs.regions) {
    const here = outcomes.filter((outcome) => outcome.region === region);
    const deferred = here.find((outcome) => outcome.kind === 'deferred');
    log.info('prune.summary', {
      at: job.at,
      mode: config.mode,
      region,
      ...(problem === undefined ? {} : { problem }),
      snapshots: snapshots.length,
      planned: countBy(plan.decisions.filter((decision) => decision.region === region)),
      outcomes: countBy(here),
      ...(deferred === undefined ? {} : { deferredBecause: deferred.reason }),
      deletedGiB: here.reduce((sum, { kind, sizeGiB }) => (kind === 'deleted' ? sum + sizeGiB : sum), 0),
    });
  }
}

function countBy(items: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of items) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
