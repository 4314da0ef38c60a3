import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import { EXIT } from '../command-line/exit-status.ts';
import { wholeNumber } from '../command-line/global-options.ts';
import { openQueue } from '../vault/adapters.ts';
import { findSourceVault } from '../vault/find-vault.ts';
import { addChoiceOptions, type ChoiceOptions, choiceOf, redriveChoiceOf } from './choose.ts';
import { dlqDiscard } from './discard.ts';
import { listDeadLetters, renderListing } from './list.ts';
import { dlqRedrive, type RedriveFlags } from './redrive-command.ts';
import { deadLetterQueues } from './redrive-plan.ts';
import { dlqShow } from './show.ts';

/** `dlq …`: what failed for good. */
export function addDlqCommands(program: Command, registration: Registration): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: work that failed five times, or cannot succeed');
  addList(dlq, registration);
  addShow(dlq, registration);
  addRedrive(dlq, registration);
  addDiscard(dlq, registration);
}

function addList(dlq: Command, registration: Registration): void {
  addCommand<{ max: number }>(
    dlq,
    {
      usage: 'list',
      description: 'show the dead letters of every queue of the vault, with their causes',
      examples: ['dlq list'],
      notes: 'Nothing is taken out.',
      configure: (command) =>
        command.option('--max <n>', 'letters shown of each queue', wholeNumber(1, 10_000), 20),
      run: async (context, { max }) => {
        const { queues } = await findSourceVault(context);
        const listings = await listDeadLetters(deadLetterQueues(queues), openQueue(context), max);
        context.print(listings, () => renderListing(listings, context));
        return EXIT.done;
      },
    },
    registration,
  );
}

function addShow(dlq: Command, registration: Registration): void {
  addCommand(
    dlq,
    {
      usage: 'show <id>',
      description: 'everything about a letter, or about what failed of a volume or snapshot',
      examples: ['dlq show snap-0123456789abcdef0'],
      run: async (context, _options, [id]) => {
        await dlqShow(context, String(id));
        return EXIT.done;
      },
    },
    registration,
  );
}

function addRedrive(dlq: Command, registration: Registration): void {
  addCommand<Omit<RedriveFlags, 'class' | 'id'> & ChoiceOptions>(
    dlq,
    {
      usage: 'redrive',
      description: 'move dead letters back to the queues they came from; twice changes nothing',
      examples: ['dlq redrive --dry-run', 'dlq redrive --class retryable'],
      notes:
        'Without --class and --id, and with --class retryable: everything that may succeed, letters of class configuration among it: mend their cause first. Permanent failures move only when they are named.',
      configure: (command) => {
        addChoiceOptions(command);
        command
          .option('--dry-run', 'only say what would be moved')
          .option(
            '--rate <n>',
            'letters moved a second, 500 at most; SQS chooses when it is left out',
            wholeNumber(1, 500),
          )
          .option('--no-wait', 'do not wait until the pump has taken them');
      },
      run: (context, options) => dlqRedrive(context, { ...options, ...redriveChoiceOf(options) }),
    },
    registration,
  );
}

function addDiscard(dlq: Command, registration: Registration): void {
  addCommand<ChoiceOptions>(
    dlq,
    {
      usage: 'discard',
      description: 'delete dead letters for good; says what is lost, and asks',
      examples: ['dlq discard --class permanent'],
      configure: addChoiceOptions,
      run: (context, options) => dlqDiscard(context, choiceOf(options)),
    },
    registration,
  );
}
