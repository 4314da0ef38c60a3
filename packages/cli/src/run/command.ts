import {
  errorText,
  HOUR_MS,
  type InstanceId,
  isAppError,
  isInstanceId,
  type RunAssessment,
  type ScheduledRun,
  slotMs,
} from '@smart-vault/core';
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { gatherFleet, gatherLetters } from '../status/gather.ts';
import { standings } from '../status/protection.ts';
import { assessSlot } from '../status/runs.ts';
import { type Progress, withProgress } from '../terminal/terminal.ts';
import { count, spanText } from '../terminal/words.ts';
import { askRegions } from '../vault/ask-regions.ts';
import { findSourceVault, type Vault } from '../vault/find-vault.ts';
import { ec2Of, snapshotsOf } from '../vault/regions.ts';
import { startRun } from './start-run.ts';

interface RunOptions {
  readonly policy?: string;
  readonly instance?: readonly InstanceId[];
  readonly wait?: boolean;
}

/** `run`: a backup now, such as before a risky deployment. */
export function addRunCommand(program: Command, registration: Registration): void {
  addCommand<RunOptions>(
    program,
    {
      usage: 'run',
      description: 'back up now, as the schedule would, with a slot of its own',
      examples: ['run', 'run --instance i-0123456789abcdef0 --wait'],
      notes:
        'With --wait it ends when the points and all copies are good: exit status 0, or 1 when some are not.\n' +
        'Ctrl-C ends the waiting only; the run goes on.',
      configure: (command) =>
        command
          .option('--policy <name>', 'the policy to run; a stack has one')
          .option('--instance <id>', 'only this instance; may be given several times', instanceIds)
          .option('--wait', 'wait until the points and their copies are good'),
      run: runNow,
    },
    registration,
  );
}

function instanceIds(value: string, before: readonly InstanceId[] = []): readonly InstanceId[] {
  const ids = value.split(',').map((id) => id.trim());
  if (!ids.every(isInstanceId)) throw new InvalidArgumentError('Expected an id such as i-0123456789abcdef0.');
  return [...new Set([...before, ...ids])];
}

async function runNow(context: CommandContext, options: RunOptions): Promise<ExitStatus> {
  const vault = await findSourceVault(context);
  if (options.policy !== undefined && options.policy !== vault.policy) {
    return refused(
      context,
      `vault "${vault.name}" has no policy "${options.policy}"; it has "${vault.policy}"`,
    );
  }
  const { instance: only = [] } = options;
  const { catalog } = ec2Of(context, vault.region);
  const start = await startRun(context, vault, catalog, only);
  if (start.kind === 'refused') return refused(context, start.refusal);
  const { run, report } = start;
  const what = `${count(report.instances, 'instance')}, ${count(report.volumes, 'volume')}`;
  if (options.wait !== true) {
    context.print({ slot: run.slot, policy: run.policy, ...report, status: 'STARTED' }, () =>
      [`Run ${run.slot} has started: ${what}.`, `Follow it: ${context.command} status --watch`].join('\n'),
    );
    return EXIT.done;
  }
  context.terminal.err(`Run ${run.slot} has started: ${what}.`);
  return waitFor(context, vault, run, only);
}

function refused(context: CommandContext, why: string): ExitStatus {
  context.terminal.err(`No run was started: ${why}.`);
  return EXIT.attention;
}

const POLL_FIRST_MS = 5_000;
const POLL_MAX_MS = 30_000;
const DEADLINE_HOURS = 6;
/** Looks that may fail in a row: the run goes on without us, and a throttle passes. */
const FAILURES_MAX = 10;

async function waitFor(
  context: CommandContext,
  vault: Vault,
  run: ScheduledRun,
  only: readonly InstanceId[],
): Promise<ExitStatus> {
  const assessment = await withProgress(context.terminal, 'waiting for the first snapshot', (progress) =>
    follow(context, vault, run, only, progress),
  );
  if (assessment === undefined) {
    context.terminal.err(`The run goes on without this command: ${context.command} status`);
    return EXIT.interrupted;
  }
  const { status, counts } = assessment;
  const failed = standings(assessment, vault.settings.rpoHours ?? 26).filter(
    ({ standing }) => standing !== 'protected',
  );
  context.print({ slot: run.slot, policy: run.policy, status, counts, failed }, () =>
    [
      `Run ${run.slot} is ${status}: ${counts.protected} of ${counts.selected} volumes protected, ` +
        `${counts.copiesGood} of ${counts.copiesExpected} copies good.`,
      ...failed.map(
        ({ volumeId, instanceId, reasons }) => `  ${volumeId} of ${instanceId}: ${reasons.join('; ')}`,
      ),
    ].join('\n'),
  );
  return status === 'OK' ? EXIT.done : EXIT.attention;
}

/** Looks again and again until the run is over. `undefined` after Ctrl-C. */
async function follow(
  context: CommandContext,
  vault: Vault,
  run: ScheduledRun,
  only: readonly InstanceId[],
  progress: Progress,
): Promise<RunAssessment | undefined> {
  const { clock, signal } = context;
  const deadline = slotMs(run.slot) + (vault.settings.runDeadlineHours ?? DEADLINE_HOURS) * HOUR_MS;
  let failures = 0;
  for (let waitMs = POLL_FIRST_MS; !signal.aborted; waitMs = Math.min(POLL_MAX_MS, 2 * waitMs)) {
    try {
      const assessment = await lookAt(context, vault, run, only);
      failures = 0;
      if (assessment.status !== 'IN_PROGRESS' || clock.now() >= deadline) return assessment;
      progress.update(progressText(assessment, clock.now() - slotMs(run.slot)));
    } catch (error) {
      failures += 1;
      if (signal.aborted) return undefined;
      if (!isAppError(error) || failures >= FAILURES_MAX) throw error;
      progress.update(`looking again: ${errorText(error)}`);
    }
    try {
      await clock.sleep(waitMs);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
  return undefined;
}

/** What EC2 says of the run now. */
async function lookAt(
  context: CommandContext,
  vault: Vault,
  { policy, slot }: ScheduledRun,
  only: readonly InstanceId[],
): Promise<RunAssessment> {
  const { catalog, snapshots } = ec2Of(context, vault.region);
  const filter = { policy, slot };
  const [fleet, sourceSnapshots, destinations, current] = await Promise.all([
    gatherFleet(catalog, vault),
    snapshots.listVaultSnapshots(vault.name, filter),
    askRegions(vault.destinations, (region) =>
      snapshotsOf(context, region).listVaultSnapshots(vault.name, filter),
    ),
    findSourceVault(context),
  ]);
  const letters = await gatherLetters(context, current);
  const units = fleet.selection.units.filter(
    ({ instanceId }) => only.length === 0 || only.includes(instanceId),
  );
  const scheduled: Record<InstanceId, readonly string[]> = {};
  for (const { instanceId, volumeIds } of units) {
    scheduled[instanceId] = [...(scheduled[instanceId] ?? []), ...volumeIds];
  }
  return assessSlot(
    { vault, ...fleet, sourceSnapshots, destinations, letters },
    slot,
    context.clock.now(),
    scheduled as Parameters<typeof assessSlot>[3],
  );
}

function progressText({ counts }: RunAssessment, sinceMs: number): string {
  const { good, selected, copiesGood, copiesExpected, copiesPending } = counts;
  const flying = copiesPending > 0 ? ` (${copiesPending} in flight)` : '';
  return `${good} of ${selected} snapshots good, ${copiesGood} of ${copiesExpected} copies good${flying}, ${spanText(sinceMs)}`;
}
