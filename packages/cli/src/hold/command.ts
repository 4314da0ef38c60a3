import {
  AppError,
  holdTags,
  isAppError,
  isSnapshotId,
  type Point,
  pointOf,
  type Region,
  type Snapshot,
  type SnapshotId,
  TAG,
} from '@smart-vault/core';
import type { Command } from 'commander';
import { addCommand, type Registration } from '../command-line/add-command.ts';
import type { CommandContext } from '../command-line/context.ts';
import { EXIT, type ExitStatus } from '../command-line/exit-status.ts';
import { instant } from '../command-line/instant.ts';
import { instantText } from '../terminal/words.ts';
import { askRegions, isAnswered, type RegionAnswer } from '../vault/ask-regions.ts';
import { findVault } from '../vault/find-vault.ts';
import { regionsOf, snapshotsOf } from '../vault/regions.ts';

interface HoldOptions {
  readonly until: number | 'forever';
  readonly reason?: string;
}

/** `hold` and `release`: keep snapshots whatever their age, and stop keeping them. */
export function addHoldCommands(program: Command, registration: Registration): void {
  addCommand<HoldOptions>(
    program,
    {
      usage: 'hold <snapshots...>',
      description: 'keep snapshots of the vault until a time, or for ever, whatever their age',
      examples: ['hold snap-0123456789abcdef0 --until 2027-12-31 --reason "case 4711"'],
      notes: 'A copy is another snapshot: name it too if it is to stay.',
      configure: (command) =>
        command
          .requiredOption('--until <time>', 'a time in UTC, a day (until its end), or forever', until)
          .option('--reason <text>', 'why, for whoever looks at it later'),
      run: async (context, options, [ids]) => hold(context, options, snapshotIds(ids)),
    },
    registration,
  );
  addCommand(
    program,
    {
      usage: 'release <snapshots...>',
      description: 'end the hold of snapshots: from now on their age decides again',
      examples: ['release snap-0123456789abcdef0'],
      run: async (context, _options, [ids]) => release(context, snapshotIds(ids)),
    },
    registration,
  );
}

const until = (text: string): number | 'forever' => (text === 'forever' ? 'forever' : instant(text));

function snapshotIds(given: unknown): readonly SnapshotId[] {
  const ids = given as readonly string[];
  const wrong = ids.find((id) => !isSnapshotId(id));
  if (wrong === undefined) return [...new Set(ids.filter(isSnapshotId))];
  throw new AppError('INVALID', `${JSON.stringify(wrong)} is no snapshot id such as snap-0123456789abcdef0`);
}

async function hold(
  context: CommandContext,
  { until: to, reason = '' }: HoldOptions,
  ids: readonly SnapshotId[],
): Promise<ExitStatus> {
  const found = await findOwn(context, ids, whyNotHeld);
  if (found.refusals.length > 0) return refused(context, found.refusals);
  const now = context.clock.now();
  if (to !== 'forever' && to <= now) {
    throw new AppError('INVALID', `--until is ${instantText(to, now)}: a hold must end in the future`);
  }
  for (const [region, own] of found.byRegion) await addHold(context, region, own, holdTags(to, reason));
  const what = to === 'forever' ? 'held for ever' : `held until ${instantText(to, now)} UTC`;
  const results = resultsOf(found);
  context.print(results, () =>
    results
      .map(({ snapshotId, region, condemned }) => {
        const pardon = condemned ? '; it was condemned, and the pruner will now pardon it' : '';
        return `${snapshotId} in ${region} is ${what}${pardon}`;
      })
      .join('\n'),
  );
  return EXIT.done;
}

/** A failed snapshot has nothing to restore, and EC2 makes no other of an st1 or sc1 volume while it is there. */
const whyNotHeld = ({ id, state }: Snapshot): string | undefined =>
  state === 'error'
    ? `${id} has failed and holds no data; held, it may keep its volume from having another snapshot`
    : undefined;

/** A snapshot may have no room for a second tag: the hold itself counts, and must not fail for its reason. */
async function addHold(
  context: CommandContext,
  region: Region,
  snapshots: readonly OwnSnapshot[],
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const store = snapshotsOf(context, region);
  const ids = snapshots.map(({ id }) => id);
  await store.addTags(ids, { [TAG.hold]: tags[TAG.hold] ?? 'forever' });
  const reason = tags[TAG.holdReason];
  if (reason === undefined) return;
  try {
    await store.addTags(ids, { [TAG.holdReason]: reason });
  } catch (error) {
    if (!isAppError(error, 'INVALID')) throw error;
    context.terminal.err(
      `The reason could not be noted, as there is no room for another tag: ${error.message}`,
    );
  }
}

async function release(context: CommandContext, ids: readonly SnapshotId[]): Promise<ExitStatus> {
  const found = await findOwn(context, ids);
  if (found.refusals.length > 0) return refused(context, found.refusals);
  for (const [region, own] of found.byRegion) {
    await snapshotsOf(context, region).removeTags(
      own.map(({ id }) => id),
      [TAG.hold, TAG.holdReason],
    );
  }
  const results = resultsOf(found);
  context.print(results, () =>
    results
      .map(({ snapshotId, region, held }) =>
        held
          ? `${snapshotId} in ${region} is no longer held: its age decides again`
          : `${snapshotId} in ${region} was not held`,
      )
      .join('\n'),
  );
  return EXIT.done;
}

interface OwnSnapshot {
  readonly id: SnapshotId;
  readonly point: Point | undefined;
}

interface Found {
  readonly byRegion: ReadonlyMap<Region, readonly OwnSnapshot[]>;
  /** Why ids were not taken, one line each. */
  readonly refusals: readonly string[];
}

/**
 * Looks for the snapshots in every region of the vault, or in the one that was named.
 *
 * @param whyNot Why one of the vault's snapshots is not to be taken, if there is a reason
 */
async function findOwn(
  context: CommandContext,
  ids: readonly SnapshotId[],
  whyNot: (snapshot: Snapshot) => string | undefined = () => undefined,
): Promise<Found> {
  const regions = context.isRegionGiven
    ? [context.region]
    : regionsOf(await findVault(context, context.region));
  const answers = await askRegions(regions, (region) => snapshotsOf(context, region).findSnapshots(ids));
  const [first] = answers;
  if (first !== undefined && !answers.some(isAnswered) && !isAnswered(first)) throw first.error;
  const byRegion = new Map<Region, OwnSnapshot[]>();
  const refusals: string[] = [];
  for (const id of ids) {
    const snapshot = answers
      .flatMap((answer) => (isAnswered(answer) ? answer.value : []))
      .find((each) => each.id === id);
    if (snapshot === undefined) {
      refusals.push(`${id} was not found in ${whereLooked(answers)}`);
      continue;
    }
    const ownership = pointOf(snapshot, context.vault);
    const refusal =
      ownership.kind === 'foreign' ? `${id} is not a snapshot of vault "${context.vault}"` : whyNot(snapshot);
    if (refusal !== undefined) refusals.push(refusal);
    else addTo(byRegion, snapshot, ownership.kind === 'owned' ? ownership.point : undefined);
  }
  return { byRegion, refusals };
}

const whereLooked = (answers: readonly RegionAnswer<unknown>[]): string =>
  answers
    .map((answer) =>
      isAnswered(answer) ? answer.region : `${answer.region} (which does not answer: ${answer.problem})`,
    )
    .join(' or ');

function addTo(
  byRegion: Map<Region, OwnSnapshot[]>,
  { id, region }: Snapshot,
  point: Point | undefined,
): void {
  byRegion.set(region, [...(byRegion.get(region) ?? []), { id, point }]);
}

const resultsOf = ({ byRegion }: Found) =>
  [...byRegion].flatMap(([region, own]) =>
    own.map(({ id, point }) => ({
      snapshotId: id,
      region,
      held: point?.hold !== undefined,
      condemned: point?.condemnedAt !== undefined,
    })),
  );

/** All or nothing: whoever names a wrong id may have meant another one. */
function refused({ terminal }: CommandContext, refusals: readonly string[]): ExitStatus {
  for (const line of refusals) terminal.err(line);
  terminal.err('Nothing was changed.');
  return EXIT.attention;
}
