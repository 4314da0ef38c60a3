import { type Log, type PruneInputs, planPrune, type Region } from '@smart-vault/core';
import { type ApplyPorts, applyPlan, newDeletePacer, type PruneOutcome } from '@smart-vault/pruner';
import type { CommandContext } from '../command-line/context.ts';
import { type Progress, withProgress } from '../terminal/terminal.ts';
import { snapshotsOf } from '../vault/regions.ts';
import type { PlanDocument } from './plan-document.ts';
import { isAction } from './what-changed.ts';

/**
 * Carries out the actions of a plan, and nothing else, with the pruner's own code: every delete is looked at and
 * planned again right before its call.
 */
export async function carryOutPlan(
  context: CommandContext,
  plan: PlanDocument,
  inputs: PruneInputs,
): Promise<readonly PruneOutcome[]> {
  const planned = new Set<string>(plan.decisions.filter(isAction).map(({ snapshotId }) => snapshotId));
  // As of now: what was planned has been found to be the same.
  const decisions = planPrune(inputs).decisions.filter(({ snapshotId }) => planned.has(snapshotId));
  const deletes = decisions.filter(({ kind }) => kind === 'delete').length;
  const pacers = new Map(
    inputs.regions.map(({ region }) => [region, newDeletePacer(context.clock)] as const),
  );
  const [, ...destinations] = inputs.regions.map(({ region }) => region);
  return withProgress(context.terminal, 'tagging', (progress) => {
    const ports: ApplyPorts = {
      clock: context.clock,
      log: progressLog(progress, deletes),
      source: snapshotsOf(context, inputs.source),
      destinations: destinations.map((region) => snapshotsOf(context, region)),
      pacerOf: (region: Region) => pacers.get(region) ?? newDeletePacer(context.clock),
    };
    const stopSign = () => (context.signal.aborted ? 'interrupted by Ctrl-C' : undefined);
    return applyPlan(ports, inputs, { decisions, refusals: [] }, stopSign);
  });
}

/** The pruner's log, of which a person sees how far it is. */
function progressLog(progress: Progress, deletes: number): Log {
  let done = 0;
  const quiet = (): void => {};
  return {
    debug: quiet,
    warn: quiet,
    error: quiet,
    info: (event) => {
      if (event !== 'snapshot.deleted') return;
      done += 1;
      progress.update(`${done} of ${deletes} deleted`);
    },
  };
}
