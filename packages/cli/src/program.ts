import { Command, CommanderError } from 'commander';
import type { Registration } from './command-line/add-command.ts';
import { explain } from './command-line/advice.ts';
import { EXIT, type ExitStatus } from './command-line/exit-status.ts';
import { addGlobalOptions } from './command-line/global-options.ts';
import { commandName, type Surroundings } from './command-line/surroundings.ts';
import { addCompletionCommand } from './completion/command.ts';
import { addDlqCommands } from './dlq/command.ts';
import { addDoctorCommand } from './doctor/command.ts';
import { addForecastCommand } from './forecast/command.ts';
import { addHoldCommands } from './hold/command.ts';
import { addPointsCommand } from './points/command.ts';
import { addPruneCommands } from './prune/command.ts';
import { addRestoreCommands } from './restore/command.ts';
import { addRunCommand } from './run/command.ts';
import { addStatusCommand } from './status/command.ts';

/** Every command, in the order of the help. A new one is a function that calls `addCommand`, named here. */
const COMMANDS: readonly ((program: Command, registration: Registration) => void)[] = [
  addStatusCommand,
  addRunCommand,
  addPointsCommand,
  addDlqCommands,
  addHoldCommands,
  addPruneCommands,
  addRestoreCommands,
  addDoctorCommand,
  addForecastCommand,
  addCompletionCommand,
];

/** The command line of `smart-vault`, ready to be parsed or looked at. */
export function createProgram({ surroundings, onExit }: Registration): Command {
  const { terminal, env } = surroundings;
  const program = new Command(commandName(env))
    .description('Look after a Smart Vault, and get things back from it.')
    .showHelpAfterError('(add --help for what is allowed)')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      getOutHelpWidth: () => terminal.columns ?? 100,
      getErrHelpWidth: () => terminal.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
  addGlobalOptions(program, { hidden: true });
  for (const add of COMMANDS) add(program, { surroundings, onExit });
  return program;
}

/** Runs one command line. Never throws: whatever goes wrong is told in words. @returns the exit status */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.done;
  const onExit = (of: ExitStatus): void => {
    status = of;
  };
  try {
    await createProgram({ surroundings, onExit }).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return statusAfter(error, surroundings);
  }
}

/** Ctrl-C at a prompt, or while something waits. */
const INTERRUPTIONS: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError', 'AbortError']);

function statusAfter(error: unknown, { terminal, signal }: Surroundings): ExitStatus {
  // Commander has printed its own complaint, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.unanswered;
  if (signal.aborted || (error instanceof Error && INTERRUPTIONS.has(error.name))) {
    terminal.err('Interrupted.');
    return EXIT.interrupted;
  }
  terminal.err(`smart-vault: ${explain(error)}`);
  return EXIT.unanswered;
}
