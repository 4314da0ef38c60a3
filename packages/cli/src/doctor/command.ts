import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { withProgress } from '../terminal/terminal.ts';
import { findSourceVault } from '../vault/find-vault.ts';
import { examine } from './checks.ts';
import type { Finding } from './finding.ts';
import { gatherFacts } from './gather.ts';
import { renderFindings } from './render.ts';

/** `doctor`: looks for what is wrong with the vault, and says how to put it right. */
export function addDoctorCommand(program: Command, registration: Registration): void {
  addCommand(
    program,
    {
      usage: 'doctor',
      description:
        'look for what is wrong: permissions, alarms, schedules, events, keys, tags; each with its fix',
      examples: ['doctor', 'doctor --json'],
      notes:
        'Nothing is changed: what could change something is asked as a dry run.\n' +
        'Exit status: 0 nothing but notes, 1 problems or warnings, 2 the question could not be answered.',
      run: (context) => doctor(context),
    },
    registration,
  );
}

async function doctor(context: CommandContext): Promise<ExitStatus> {
  const findings = await withProgress(context.terminal, 'asking every region', async () =>
    examine(await gatherFacts(context, await findSourceVault(context))).map((each) =>
      withCommand(each, context),
    ),
  );
  const counted = findings.filter(({ severity }) => severity !== 'note');
  context.print(
    { vault: context.vault, at: context.clock.now(), healthy: counted.length === 0, findings },
    () => renderFindings(findings, context),
  );
  return counted.length === 0 ? EXIT.done : EXIT.attention;
}

/** A fix that is a command of ours is named as this one was called, and with the vault if it is another. */
const withCommand = (finding: Finding, { command, vault }: CommandContext): Finding => ({
  ...finding,
  fix: finding.fix.replaceAll(
    /(?<![\w/-])smart-vault (?=(?:run|dlq|prune|hold|release) )/g,
    `${command} ${vault === 'smart-vault' ? '' : `--vault ${vault} `}`,
  ),
});
