import { readFile, writeFile } from 'node:fs/promises';
import { AppError, errorText, type RegionInventory } from '@smart-vault/core';
import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import { isConfirmed } from '../command-line/confirm.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { instant } from '../command-line/instant.ts';
import { withProgress } from '../terminal/terminal.ts';
import { count } from '../terminal/words.ts';
import { findSourceVault } from '../vault/find-vault.ts';
import { carryOutPlan } from './apply-plan.ts';
import { type PlanDocument, planDocument, readPlan, writePlan } from './plan-document.ts';
import { gatherInventories, type PruneRules, pruneRules } from './plan-inputs.ts';
import { actionSections, isAllDone, renderOutcomes, renderPlan } from './render.ts';
import { type PruneTrial, tryPlan } from './try-plan.ts';
import { isAction, whatChanged } from './what-changed.ts';

interface PlanOptions {
  readonly out?: string;
  readonly all?: boolean;
  readonly at?: number;
}

interface ApplyOptions {
  readonly plan: string;
  readonly dryRun?: boolean;
}

/** Differences that are shown; a vault that was looked at a day ago differs in all it has. */
const DIFFERENCES_SHOWN = 20;

/** `prune plan` and `prune apply`: the pruner's own plan, and exactly that carried out. */
export function addPruneCommands(program: Command, registration: Registration): void {
  const prune = program
    .command('prune')
    .description('see what the pruner keeps and deletes, and why; and delete exactly that');
  addCommand<PlanOptions>(
    prune,
    {
      usage: 'plan',
      description: 'every snapshot in every region: kept, condemned, pardoned or deleted, and by which rule',
      examples: ['prune plan', 'prune plan --out plan.json'],
      notes:
        'Nothing is changed. Exit status 1 when the pruner refuses to act in a region.\n' +
        'The same snapshots at the same --at give the same file, byte for byte.',
      configure: (command) =>
        command
          .option('--out <file>', 'write the plan to a file, for prune apply')
          .option('--all', 'name every snapshot that is kept too')
          .option('--at <time>', 'plan for this instant in UTC instead of now', instant),
      run: plan,
    },
    registration,
  );
  addCommand<ApplyOptions>(
    prune,
    {
      usage: 'apply',
      description: 'carry out a plan as it is, or nothing when something has changed since',
      examples: ['prune apply --plan plan.json --dry-run', 'prune apply --plan plan.json'],
      notes:
        'Everything is read and planned again first. Each snapshot is looked at once more right before it is deleted,\n' +
        'and what the promises of the pruner protect by then is kept.',
      configure: (command) =>
        command
          .requiredOption('--plan <file>', 'what prune plan --out wrote')
          .option('--dry-run', 'only ask EC2 whether it would do it (DryRun)'),
      run: apply,
    },
    registration,
  );
}

async function plan(context: CommandContext, { out, all = false, at }: PlanOptions): Promise<ExitStatus> {
  const { rules, regions } = await gather(context);
  // To the second: slots and tags are no finer, and two looks within one agree.
  const now = at ?? Math.floor(context.clock.now() / 1_000) * 1_000;
  const made = planDocument({ ...rules, regions, now });
  if (out !== undefined) await written(out, made);
  context.print(made, () => renderPlan(made, context, all));
  if (out !== undefined) {
    context.terminal.err(`Written to ${out}. To carry it out: ${context.command} prune apply --plan ${out}`);
  }
  return made.refusals.length > 0 ? EXIT.attention : EXIT.done;
}

async function gather(
  context: CommandContext,
): Promise<{ readonly rules: PruneRules; readonly regions: readonly RegionInventory[] }> {
  return withProgress(context.terminal, 'listing snapshots', async () => {
    const vault = await findSourceVault(context);
    return { rules: pruneRules(vault), regions: await gatherInventories(context, vault) };
  });
}

async function written(file: string, made: PlanDocument): Promise<void> {
  try {
    await writeFile(file, writePlan(made));
  } catch (cause) {
    throw new AppError('INVALID', `--out: ${file} cannot be written: ${errorText(cause)}`, { cause });
  }
}

async function apply(context: CommandContext, { plan: file, dryRun }: ApplyOptions): Promise<ExitStatus> {
  const planned = readPlan(await contentOf(file), file);
  const { rules, regions } = await gather(context);
  const now = context.clock.now();
  const changes = whatChanged(planned, rules, regions, now);
  if (changes.length > 0) return stale(context, changes);
  if (!planned.decisions.some(isAction)) {
    context.print({ outcomes: [] }, () => 'The plan deletes nothing: nothing to do.');
    return EXIT.done;
  }
  if (dryRun === true) return dryRunOf(context, planned);
  const shown = actionSections(planned, context).join('\n\n');
  if (context.json) context.terminal.err(shown);
  else context.terminal.out(shown);
  if (!(await isConfirmed(context, questionOf(planned)))) {
    context.terminal.err('Nothing was done.');
    return EXIT.attention;
  }
  const outcomes = await carryOutPlan(context, planned, { ...rules, regions, now });
  context.print({ outcomes }, () => `\n${renderOutcomes(outcomes, context)}`);
  if (context.signal.aborted) return EXIT.interrupted;
  return isAllDone(outcomes) ? EXIT.done : EXIT.attention;
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new AppError('INVALID', `--plan: ${file} cannot be read: ${errorText(cause)}`, { cause });
  }
}

function questionOf({ decisions }: PlanDocument): string {
  const those = (kind: string) => decisions.filter((each) => each.kind === kind).length;
  const parts = [
    ...(those('delete') > 0 ? [`delete ${count(those('delete'), 'snapshot')} for good`] : []),
    ...(those('condemn') > 0 ? [`condemn ${those('condemn')}`] : []),
    ...(those('pardon') > 0 ? [`pardon ${those('pardon')}`] : []),
  ].join(', ');
  return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}?`;
}

function stale({ json, terminal, command, print }: CommandContext, changes: readonly string[]): ExitStatus {
  if (json) print({ outcomes: [], changes }, () => '');
  for (const line of changes.slice(0, DIFFERENCES_SHOWN)) terminal.err(line);
  const more = changes.length - DIFFERENCES_SHOWN;
  if (more > 0) terminal.err(`and ${more} more`);
  terminal.err(
    `Nothing was done: this plan is no longer what would be decided. Plan again: ${command} prune plan`,
  );
  return EXIT.attention;
}

async function dryRunOf(context: CommandContext, planned: PlanDocument): Promise<ExitStatus> {
  const trials = await withProgress(context.terminal, 'asking EC2', () => tryPlan(context, planned));
  const refused = trials.filter(({ refusal }) => refusal !== null);
  context.print({ trials }, () =>
    [
      ...actionSections(planned, context),
      ['Dry run: nothing was changed.', ...trialLines(trials)].join('\n'),
    ].join('\n\n'),
  );
  return refused.length > 0 ? EXIT.attention : EXIT.done;
}

const trialLines = (trials: readonly PruneTrial[]): readonly string[] => [
  `EC2 would do ${trials.filter(({ refusal }) => refusal === null).length} of ${trials.length}.`,
  ...trials.flatMap(({ kind, region, snapshotId, refusal }) =>
    refusal === null ? [] : [`  ${kind} ${snapshotId} in ${region}: refused: ${refusal}`],
  ),
];
