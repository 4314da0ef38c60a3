import { createRestoreStore } from '@smart-vault/aws/restore-store';
import { planRestore, type RestorePlan, type RestoreStore } from '@smart-vault/core/restore';
import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import { isConfirmed } from '../command-line/confirm.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { type Progress, withProgress } from '../terminal/terminal.ts';
import { count } from '../terminal/words.ts';
import { type ApplyProgress, applyRestore, type StepOutcome } from './apply-restore.ts';
import { askUnknowns } from './ask-unknowns.ts';
import { gatherFacts } from './gather.ts';
import { nextSteps } from './next-steps.ts';
import { addRestoreOptions, type RestoreOptions, requestOf } from './options.ts';
import { isReady, renderPlan } from './render.ts';
import { type Trial, trySteps } from './try-steps.ts';

interface ApplyOptions extends RestoreOptions {
  readonly dryRun?: boolean;
}

const NOTES =
  'Works from the tags of the snapshots in --region alone, and asks no other region. Nothing is deleted; nothing is\n' +
  'detached unless --replace says so. Whatever cuts it off, running the same command again finds what it had made.';

/** `restore …`: get a volume or an instance back. */
export function addRestoreCommands(program: Command, registration: Registration): void {
  const restore = program.command('restore').description('get a volume or a whole instance back');
  addCommand<RestoreOptions>(
    restore,
    {
      usage: 'plan',
      description: 'show what a restore would do, and what it has to be told',
      examples: [
        'restore plan --instance i-0123456789abcdef0 --region eu-west-1',
        'restore plan --volume vol-0123456789abcdef0 --at 2026-11-05',
      ],
      notes: NOTES,
      configure: addRestoreOptions,
      run: planOnly,
    },
    registration,
  );
  addCommand<ApplyOptions>(
    restore,
    {
      usage: 'apply',
      description: 'show the plan, ask, and carry it out; run again, it goes on where it was cut off',
      examples: [
        'restore apply --instance i-0123456789abcdef0 --region eu-west-1 --dry-run',
        'restore apply --volume vol-0123456789abcdef0 --replace',
      ],
      notes: NOTES,
      configure: (command) => {
        addRestoreOptions(command);
        command.option(
          '--dry-run',
          "ask EC2 for each step whether it would do it (EC2's DryRun); change nothing",
        );
      },
      run: apply,
    },
    registration,
  );
}

async function planOnly(context: CommandContext, options: RestoreOptions): Promise<ExitStatus> {
  const request = requestOf(options, context);
  const store = createRestoreStore(context.connection(request.region));
  const facts = await reading(context, () => gatherFacts(store, request));
  const plan = planRestore(facts, request, context.clock.now());
  context.print(plan, () => renderPlan(plan, context));
  return isReady(plan) ? EXIT.done : EXIT.attention;
}

async function apply(context: CommandContext, options: ApplyOptions): Promise<ExitStatus> {
  const request = requestOf(options, context);
  const store = createRestoreStore(context.connection(request.region));
  const facts = await reading(context, () => gatherFacts(store, request));
  const plan = await askUnknowns(facts, request, context);
  const { terminal, json } = context;
  if (!isReady(plan)) {
    context.print({ plan, outcomes: [] }, () => renderPlan(plan, context));
    terminal.err('Nothing was done: see what is in the way, or has to be told.');
    return EXIT.attention;
  }
  if (options.dryRun === true) return dryRun(plan, store, context);
  // With --json the result is one document: the plan is part of it.
  if (json) terminal.err(renderPlan(plan, context));
  else terminal.out(renderPlan(plan, context));
  if (!(await isConfirmed(context, 'Carry this out?'))) {
    terminal.err('Nothing was done.');
    return EXIT.attention;
  }
  const outcomes = await carryOut(plan, store, context);
  const next = nextSteps(plan, outcomes);
  context.print({ plan, outcomes, next }, () => renderOutcomes(plan, outcomes, next));
  return EXIT.done;
}

const reading = <T>({ terminal, region }: CommandContext, work: () => Promise<T>): Promise<T> =>
  withProgress(terminal, `reading ${region}`, work);

async function dryRun(plan: RestorePlan, store: RestoreStore, context: CommandContext): Promise<ExitStatus> {
  const trials = await withProgress(context.terminal, 'asking EC2', () => trySteps(plan, store));
  context.print({ plan, trials }, () => [renderPlan(plan, context), renderTrials(trials)].join('\n\n'));
  return trials.some(({ answer }) => answer === 'refused') ? EXIT.attention : EXIT.done;
}

const renderTrials = (trials: readonly Trial[]): string =>
  [
    'Dry run: nothing was changed.',
    ...trials.map(
      ({ text, answer, why }) => `  - ${answer}: ${text}${why === undefined ? '' : `\n    ${why}`}`,
    ),
  ].join('\n');

async function carryOut(
  plan: RestorePlan,
  store: RestoreStore,
  { terminal, clock, signal, command }: CommandContext,
): Promise<readonly StepOutcome[]> {
  const { progress, stop } = progressOf(terminal);
  try {
    return await applyRestore(plan, { store, clock, signal, progress });
  } catch (error) {
    terminal.err(
      `Not finished. Run the same ${command} restore apply again: it finds what was made, and goes on.`,
    );
    throw error;
  } finally {
    stop();
  }
}

/** A line for each thing that happened, and one that changes while it waits. */
function progressOf(terminal: CommandContext['terminal']): { progress: ApplyProgress; stop(): void } {
  let line: Progress | undefined;
  let place = '';
  const say = (text: string): void => {
    line?.end();
    line = undefined;
    terminal.err(`${place} ${text}`);
  };
  return {
    stop: () => line?.end(),
    progress: {
      begins: ({ text }, number, of) => {
        place = `[${number}/${of}]`;
        say(text);
      },
      made: (id) => say(`${id}: asked for`),
      waits: (what) => {
        line ??= terminal.startProgress(what);
        line.update(what);
      },
      ended: ({ outcome, ids }) =>
        say(`${outcome === 'made' ? 'done' : 'found from an earlier run'}: ${ids.join(' ')}`),
    },
  };
}

function renderOutcomes(
  { mode, region, subject, slot }: RestorePlan,
  outcomes: readonly StepOutcome[],
  next: readonly string[],
): string {
  const [instance, ...disks] = outcomes.find(({ step }) => step === 'instance')?.ids ?? [];
  const volumes = outcomes.flatMap(({ step, ids }) => (step.startsWith('volume:') ? ids : []));
  const made =
    mode === 'launch'
      ? `${instance}${disks.length === 0 ? '' : ` with ${count(disks.length, 'volume')}`} in ${region}`
      : `${volumes.join(' ')} in ${region}`;
  return [
    '',
    `Restored ${subject.id} as of ${slot}: ${made}.`,
    '',
    'What to do next',
    ...next.map((text) => `  - ${text}`),
  ].join('\n');
}
