import type { WorkQueue } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';
import { count, instantText } from '../terminal/words.ts';
import type { VaultQueue } from '../vault/find-vault.ts';
import { type DeadLetterView, peekDeadLetters } from './dead-letters.ts';
import { type DeadLetterQueue, lettersIn } from './redrive-plan.ts';

/** One dead-letter queue with what is in it. */
export interface DlqListing {
  readonly queue: string;
  readonly region: string;
  readonly source: string | null;
  /** SQS's approximate count; more than `shown.length` when there are many. */
  readonly letters: number;
  readonly shown: readonly DeadLetterView[];
}

/** Reads every dead-letter queue of the vault; at most `max` letters of each. Nothing is taken out. */
export async function listDeadLetters(
  dlqs: readonly DeadLetterQueue[],
  workQueue: (queue: VaultQueue) => WorkQueue,
  max: number,
): Promise<readonly DlqListing[]> {
  const listings: DlqListing[] = [];
  for (const { queue, source } of dlqs) {
    const shown = queue.depth.visible > 0 ? await peekDeadLetters(workQueue(queue), max) : [];
    listings.push({
      queue: queue.name,
      region: queue.region,
      source: source?.name ?? null,
      letters: Math.max(lettersIn(queue), shown.length),
      shown,
    });
  }
  return listings;
}

/** The listing for a person: a line per queue, then the letters of those that are not empty. */
export function renderListing(
  listings: readonly DlqListing[],
  context: Pick<CommandContext, 'clock' | 'terminal' | 'command'>,
): string {
  const total = listings.reduce((sum, { letters }) => sum + letters, 0);
  const queues = textTable(
    ['QUEUE', 'LETTERS', 'BACK TO'],
    listings.map(({ queue, letters, source }) => [queue, String(letters), source ?? '-']),
    context.terminal.columns,
  );
  const sections = listings
    .filter(({ shown }) => shown.length > 0)
    .map((listing) => renderLetters(listing, context.clock.now(), context.terminal.columns));
  const hint =
    total === 0
      ? 'No dead letters.'
      : `${count(total, 'dead letter')}. Mend the cause, then: ${context.command} dlq redrive (add --dry-run to see what would move).`;
  return [queues, ...sections, hint].join('\n\n');
}

function renderLetters({ queue, letters, shown }: DlqListing, now: number, columns?: number): string {
  const rows = shown.map((letter) => [
    letter.failureClass,
    letter.code,
    letter.attempts === undefined ? '-' : String(letter.attempts),
    instantText(letter.failedAt, now),
    letter.subject,
    letter.cause,
  ]);
  const more = letters > shown.length ? `\nand ${letters - shown.length} more` : '';
  return `${queue}\n${textTable(['CLASS', 'CODE', 'ATTEMPTS', 'FAILED (UTC)', 'ABOUT', 'CAUSE'], rows, columns)}${more}`;
}
