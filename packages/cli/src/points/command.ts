import {
  AppError,
  errorText,
  isAppError,
  isInstanceId,
  isVolumeId,
  type Region,
  slotMs,
} from '@smart-vault/core';
import { type Command, InvalidArgumentError } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { instant } from '../command-line/instant.ts';
import { textTable } from '../terminal/text-table.ts';
import { count, minuteText, spanText } from '../terminal/words.ts';
import { askRegions, isAnswered } from '../vault/ask-regions.ts';
import { findVault } from '../vault/find-vault.ts';
import { regionsOf, snapshotsOf } from '../vault/regions.ts';
import { listPoints, type PointFilter, type PointListing, type PointRow } from './point-rows.ts';

/** `points`: what can be restored. */
export function addPointsCommand(program: Command, registration: Registration): void {
  addCommand<PointFilter>(
    program,
    {
      usage: 'points',
      description: 'the recovery points: what can be restored, from when, in which region',
      examples: [
        'points --instance i-0123456789abcdef0',
        'points --at 2026-11-05T18:00 --region eu-west-1',
        'points --json',
      ],
      notes:
        'Without --region: every region of the vault. With it: that region alone, so that a destination answers\n' +
        'when the source region does not. SET counts the good snapshots of all that were made together.',
      configure: (command) =>
        command
          .option('--instance <id>', 'only volumes of this instance', idOf(isInstanceId, 'i'))
          .option('--volume <id>', 'only this volume', idOf(isVolumeId, 'vol'))
          .option(
            '--at <time>',
            'the newest good point of each volume at or before this time (UTC)',
            instant,
          ),
      run: showPoints,
    },
    registration,
  );
}

const idOf =
  (is: (value: unknown) => boolean, prefix: string) =>
  (value: string): string => {
    if (is(value)) return value;
    throw new InvalidArgumentError(`Expected an id such as ${prefix}-0123456789abcdef0.`);
  };

async function showPoints(context: CommandContext, filter: PointFilter): Promise<ExitStatus> {
  const { regions, graceHours, remark } = await whereToLook(context);
  const answers = await askRegions(regions, (region) =>
    snapshotsOf(context, region).listVaultSnapshots(context.vault),
  );
  const [first] = answers;
  if (first !== undefined && !answers.some(isAnswered) && !isAnswered(first)) throw first.error;
  const snapshots = answers.flatMap((answer) => (isAnswered(answer) ? answer.value : []));
  const listing = listPoints(snapshots, context.vault, {
    ...filter,
    ...(graceHours !== undefined && { graceHours }),
  });
  const unreadable = answers.flatMap((answer) =>
    isAnswered(answer) ? [] : [{ region: answer.region, problem: answer.problem }],
  );
  context.print({ points: listing.rows, malformed: listing.malformed, unreadable }, () =>
    renderPoints(listing, context),
  );
  if (remark !== undefined) context.terminal.err(remark);
  for (const { region, problem } of unreadable) {
    context.terminal.err(`${region} could not be read, so its points are not shown: ${problem}`);
  }
  return unreadable.length > 0 || listing.malformed.length > 0 ? EXIT.attention : EXIT.done;
}

/** All regions of the vault, or the one that was named: then its queues are asked for the grace period only. */
async function whereToLook(
  context: CommandContext,
): Promise<{ regions: readonly Region[]; graceHours: number | undefined; remark?: string }> {
  try {
    const vault = await findVault(context, context.region);
    const { graceHours } = vault.settings;
    return { regions: context.isRegionGiven ? [context.region] : regionsOf(vault), graceHours };
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (!context.isRegionGiven) throw withHint(error, context);
    const remark = `When condemned points may be deleted is not known: ${errorText(error)}`;
    return { regions: [context.region], graceHours: undefined, remark };
  }
}

function withHint(error: AppError, { region, command }: CommandContext): AppError {
  if (error.code !== 'TRANSIENT') return error;
  const text = `${region}: ${errorText(error)}; if the region is down, its copies are in the destination: ${command} points --region <destination>`;
  return new AppError(error.code, text, { details: error.details, cause: error });
}

function renderPoints({ rows, malformed }: PointListing, context: CommandContext): string {
  const now = context.clock.now();
  const table = textTable(
    [
      'SLOT (UTC)',
      'AGE',
      'INSTANCE',
      'VOLUME',
      'DEVICE',
      'REGION',
      'GiB',
      'STATE',
      'SET',
      'SNAPSHOT',
      'KEPT',
    ],
    rows.map((row) => [
      minuteText(slotMs(row.slot)),
      spanText(now - slotMs(row.slot)),
      row.instanceId,
      row.volumeId,
      row.deviceName ?? '-',
      row.region,
      String(row.sizeGiB),
      row.state === 'completed' ? 'good' : row.state,
      setText(row, context),
      row.snapshotId,
      keptText(row),
    ]),
    context.terminal.columns,
  );
  const strange = malformed.map(
    ({ snapshotId, region, problems }) =>
      `${snapshotId} in ${region} cannot be understood: ${problems.join('; ')}`,
  );
  return [rows.length === 0 ? 'No recovery points.' : table, ...strange, summary(rows)]
    .filter((part) => part !== '')
    .join('\n');
}

function setText({ set }: PointRow, { colors }: CommandContext): string {
  const text = `${set.good}/${set.of ?? '?'}`;
  return set.of !== null && set.good >= set.of ? text : colors.yellow(text);
}

function keptText({ hold, condemned }: PointRow): string {
  const parts = [];
  if (hold !== null) {
    const until = hold.until === 'forever' ? 'held for ever' : `held until ${minuteText(hold.until)}`;
    parts.push(hold.reason === null ? until : `${until}: ${hold.reason}`);
  }
  if (condemned !== null) {
    parts.push(
      condemned.deletableAt === null
        ? `condemned ${minuteText(condemned.at)}`
        : `condemned until ${minuteText(condemned.deletableAt)}`,
    );
  }
  return parts.join('; ') || '-';
}

function summary(rows: readonly PointRow[]): string {
  if (rows.length === 0) return '';
  const volumes = new Set(rows.map(({ volumeId }) => volumeId)).size;
  const slots = new Set(rows.map(({ slot }) => slot)).size;
  return `${count(rows.length, 'point')} of ${count(volumes, 'volume')}, ${count(slots, 'slot')}.`;
}
