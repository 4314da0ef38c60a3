import { Argument, type Command } from 'commander';
import type { Registration } from '../command-line/add-command.ts';
import { EXIT } from '../command-line/exit-status.ts';
import { commandName } from '../command-line/surroundings.ts';
import { type CompletionNode, completionScript, SHELLS, type Shell } from './scripts.ts';

/** The name that is completed: what a shell finds on its PATH. */
const COMPLETED = 'smart-vault';

/** `completion <shell>`: prints what a shell sources. It says what the commands themselves say, and asks no AWS. */
export function addCompletionCommand(program: Command, { surroundings, onExit }: Registration): void {
  const name = commandName(surroundings.env);
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `\nExamples:\n  $ ${name} completion bash\n\n` +
        `In your shell's start-up file, where ${COMPLETED} is on the PATH:\n` +
        `  bash, zsh:  source <(${COMPLETED} completion bash)   (zsh: completion zsh)\n` +
        `  fish:       ${COMPLETED} completion fish | source`,
    )
    .action((shell: Shell) => {
      surroundings.terminal.out(completionScript(shell, COMPLETED, completionNodes(program)).trimEnd());
      onExit(EXIT.done);
    });
}

/** Every command below this one, from commander's own tree. */
function completionNodes(command: Command, path = ''): readonly CompletionNode[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).map((each) => ({
    name: each.name(),
    description: each.description(),
  }));
  const options = help.visibleOptions(command).flatMap((option) =>
    option.long === undefined
      ? []
      : [
          {
            flag: option.long,
            description: option.description,
            takesValue: option.required || option.optional,
            values: option.argChoices ?? [],
          },
        ],
  );
  const below = command.commands.flatMap((each) =>
    completionNodes(each, path === '' ? each.name() : `${path} ${each.name()}`),
  );
  return [{ path, commands, options }, ...below];
}
