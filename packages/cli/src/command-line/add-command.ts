import type { Region } from '@smart-vault/core';
import type { Command } from 'commander';
import { type CommandContext, contextOf } from './context.ts';
import type { ExitStatus } from './exit-status.ts';
import { addGlobalOptions, type GlobalOptions, givenOptions } from './global-options.ts';
import { commandName, type Surroundings } from './surroundings.ts';

/** One command. `Options` are its own options, as commander names them. */
export interface CommandSpec<Options extends object> {
  /** Name and arguments as commander has them, such as `hold <snapshots...>`. */
  readonly usage: string;
  /** One line, shown in the list of commands. */
  readonly description: string;
  /** What follows the program's name in examples; each must work as written on a deployed vault. */
  readonly examples: readonly string[];
  /** More text below the help. */
  readonly notes?: string;
  /** Adds options. */
  configure?(command: Command): void;
  /** A region to go on with though none was given, for command lines that do not need to know one. */
  offlineRegion?(options: Options): Region | undefined;
  /** Does it. What it throws is told by `runCommandLine`, with exit status 2. */
  run(context: CommandContext, options: Options, args: readonly unknown[]): Promise<ExitStatus>;
}

/** Told the exit status of the command that ran. */
type OnExit = (status: ExitStatus) => void;

/** What registering commands needs. */
export interface Registration {
  readonly surroundings: Surroundings;
  readonly onExit: OnExit;
}

/** Adds a command with the options that all commands have, and its examples below its help. */
export function addCommand<Options extends object>(
  parent: Command,
  spec: CommandSpec<Options>,
  { surroundings, onExit }: Registration,
): Command {
  const command = parent.command(spec.usage).description(spec.description);
  spec.configure?.(command);
  addGlobalOptions(command);
  const lines = spec.examples.map((example) => `  $ ${commandName(surroundings.env)} ${example}`);
  const notes = spec.notes === undefined ? '' : `\n${spec.notes}\n`;
  command.addHelpText('after', `${notes}\nExample${lines.length > 1 ? 's' : ''}:\n${lines.join('\n')}`);
  command.action(async () => {
    const globals = givenOptions(command) as GlobalOptions;
    const options = command.opts<Options>();
    const context = await contextOf(globals, surroundings, spec.offlineRegion?.(options));
    onExit(await spec.run(context, options, command.processedArgs));
  });
  return command;
}
