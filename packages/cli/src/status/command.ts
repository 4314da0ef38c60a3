import { AppError, errorText, isAppError } from '@smart-vault/core';
import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import { explain } from '../command-line/advice.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { wholeNumber } from '../command-line/global-options.ts';
import { withProgress } from '../terminal/terminal.ts';
import { findVault, type Vault } from '../vault/find-vault.ts';
import { destinationReport, renderDestination } from './destination.ts';
import { gatherStatus } from './gather.ts';
import { renderStatus } from './render.ts';
import { statusReport } from './report.ts';

interface StatusOptions {
  readonly watch?: boolean;
  readonly interval: number;
}

/** `status`: how the vault stands, on one screen. */
export function addStatusCommand(program: Command, registration: Registration): void {
  addCommand<StatusOptions>(
    program,
    {
      usage: 'status',
      description: 'how the vault stands: runs, volumes, copies, dead letters, alarms, on one screen',
      examples: ['status', 'status --watch'],
      notes:
        'Exit status: 0 healthy, 1 something wants attention, 2 the question could not be answered.\n' +
        'late: the newest slot lacks something, but everywhere there is a recent point. unprotected: somewhere there is none.',
      configure: (command) =>
        command
          .option('--watch', 'show it again and again, until Ctrl-C')
          .option('--interval <seconds>', 'seconds between two looks of --watch', wholeNumber(2, 3_600), 15),
      run: (context, options) => (options.watch === true ? watch(context, options) : look(context)),
    },
    registration,
  );
}

async function look(context: CommandContext): Promise<ExitStatus> {
  const answer = await withProgress(context.terminal, `asking ${context.region}`, () => ask(context));
  answer.print();
  return answer.healthy ? EXIT.done : EXIT.attention;
}

interface Answer {
  readonly healthy: boolean;
  print(): void;
}

async function ask(context: CommandContext): Promise<Answer> {
  const found = await findSource(context);
  if ('problem' in found) {
    const report = await destinationReport(context, found.source, found.problem);
    return { healthy: false, print: () => context.print(report, () => renderDestination(report, context)) };
  }
  const report = statusReport(await gatherStatus(context, found.vault), context.clock.now());
  return { healthy: report.healthy, print: () => context.print(report, () => renderStatus(report, context)) };
}

type Source =
  | { readonly vault: Vault }
  | { readonly source: Vault['sourceRegion']; readonly problem: string };

/** The vault in its source region, also when a destination was named; or why it cannot be asked from there. */
async function findSource(context: CommandContext): Promise<Source> {
  const vault = await findHere(context);
  if (vault.isSource) return { vault };
  const source = vault.sourceRegion;
  if (source === undefined) {
    return { source, problem: `the stack in ${vault.region} does not tell which it is` };
  }
  try {
    return { vault: await findVault(context, source) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { source, problem: `${error.code}: ${errorText(error)}` };
  }
}

/** Nobody remembers at night that a destination can be asked too. */
async function findHere(context: CommandContext): Promise<Vault> {
  try {
    return await findVault(context, context.region);
  } catch (error) {
    if (!isAppError(error, 'TRANSIENT')) throw error;
    const hint = `if ${context.region} is down, ask a destination: ${context.command} status --region <destination>`;
    throw new AppError(error.code, `${errorText(error)}; ${hint}`, { details: error.details, cause: error });
  }
}

/** An error does not end it: it is shown until the next look. */
async function watch(context: CommandContext, { interval }: StatusOptions): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  while (!context.signal.aborted) {
    status = await lookOnce(context);
    try {
      await context.clock.sleep(interval * 1_000);
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
  }
  return status;
}

async function lookOnce(context: CommandContext): Promise<ExitStatus> {
  try {
    const answer = await ask(context);
    context.terminal.clear();
    answer.print();
    return answer.healthy ? EXIT.done : EXIT.attention;
  } catch (error) {
    if (context.signal.aborted || !isAppError(error)) throw error;
    context.terminal.clear();
    context.terminal.err(`smart-vault: ${explain(error)}`);
    return EXIT.unanswered;
  }
}
