import { oneLine, slotMs } from '@smart-vault/core';
import type { CommandContext } from '../command-line/context.ts';
import { textTable } from '../terminal/text-table.ts';
import { count, instantText, minuteText, spanText } from '../terminal/words.ts';
import type { CopyFlow } from './copy-flow.ts';
import type { VolumeStanding } from './protection.ts';
import type { RunLine, StatusReport } from './report.ts';

/** Volumes that are named; the others are counted, so that it stays one screen. */
const NAMED_MAX = 12;

type Screen = Pick<CommandContext, 'colors' | 'terminal' | 'command'>;

/** The status on one screen. */
export function renderStatus(report: StatusReport, screen: Screen): string {
  const { colors } = screen;
  const { attention, vault, at, source, destinations } = report;
  const verdict = report.healthy
    ? colors.green('HEALTHY')
    : `${colors.red('ATTENTION')}: ${attention.join(', ')}`;
  const sections = [
    `${verdict}\nVault ${vault}, ${source} to ${destinations.join(', ')}, at ${minuteText(at)} UTC`,
    section('RUNS', renderRuns(report, screen)),
    section('VOLUMES', renderVolumes(report, screen)),
    section('COPIES', renderCopies(report, screen)),
    section('DEAD LETTERS', renderLetters(report, screen)),
    section('ALARMS', renderAlarms(report, screen)),
    report.unreadable.length === 0 ? '' : section('NOT ANSWERED', renderUnreadable(report)),
  ];
  return sections.filter((part) => part !== '').join('\n\n');
}

const section = (title: string, body: string): string => `${title}\n${indent(body)}`;
const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
/** Width inside a section. */
const inner = ({ terminal }: Screen): number | undefined =>
  terminal.columns === undefined ? undefined : terminal.columns - 2;

function renderRuns({ runs, nextSlot, at }: StatusReport, screen: Screen): string {
  const next =
    nextSlot.at === null
      ? `Next: ${nextSlot.how}`
      : `Next: ${instantText(slotMs(nextSlot.at), at)} UTC, by ${nextSlot.how}`;
  if (runs.length === 0) return `None yet.\n${next}`;
  const table = textTable(
    ['SLOT (UTC)', 'STATUS', 'PROTECTED', 'SNAPSHOTS', 'COPIES', ''],
    runs.map((run) => runRow(run, at, screen)),
    inner(screen),
  );
  return `${table}\n${next}`;
}

function runRow({ slot, status, counts, onDemand }: RunLine, now: number, { colors }: Screen): string[] {
  const color = { OK: colors.green, IN_PROGRESS: colors.cyan, PARTIAL: colors.yellow, FAILED: colors.red }[
    status
  ];
  return [
    instantText(slotMs(slot), now),
    color(status === 'IN_PROGRESS' ? 'IN PROGRESS' : status),
    `${counts.protected}/${counts.selected}`,
    `${counts.good}/${counts.selected}`,
    `${counts.copiesGood}/${counts.copiesExpected}`,
    onDemand ? 'on demand' : '',
  ];
}

function renderVolumes({ volumes }: StatusReport, screen: Screen): string {
  const { colors } = screen;
  const { late, unprotected, unknown, running, leftOut } = volumes;
  const counted = (n: number, word: string, color: (text: string) => string): string =>
    n === 0 ? `${n} ${word}` : color(`${n} ${word}`);
  const line = [
    counted(volumes.protected, 'protected', colors.green),
    counted(late.length, 'late', colors.yellow),
    counted(unprotected.length, 'unprotected', colors.red),
    ...(running > 0 ? [`${running} in the run that goes on`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} not known`] : []),
    ...(leftOut > 0 ? [`${leftOut} left out or gone`] : []),
  ].join(', ');
  const named = [...unprotected, ...late];
  if (named.length === 0) return line;
  const shown = named.slice(0, NAMED_MAX);
  const rows = shown.map((volume) => volumeRow(volume, screen));
  const table =
    screen.terminal.columns === undefined
      ? textTable(['', 'VOLUME', 'INSTANCE', 'WHY'], rows)
      : renderByReason(shown, screen);
  const more =
    named.length > NAMED_MAX ? `\nand ${named.length - NAMED_MAX} more: ${screen.command} status --json` : '';
  return `${line}\n${table}${more}`;
}

/** A reason once, and the volumes that it holds for: many volumes fail for the same one. */
function renderByReason(volumes: readonly VolumeStanding[], screen: Screen): string {
  const groups = Map.groupBy(
    volumes,
    ({ standing, reasons }) => `${standing}: ${withoutIds(reasons.join('; '))}`,
  );
  const width = (inner(screen) ?? 0) - 2;
  return [...groups]
    .map(([why, those]) => {
      const rows = those.map((volume) => volumeRow(volume, screen).slice(1, 3));
      const [, ...lines] = textTable(['VOLUME', 'INSTANCE'], rows, width).split('\n');
      const [standing = '', ...reasons] = why.split(': ');
      const color = standing === 'late' ? screen.colors.yellow : screen.colors.red;
      return [
        `${color(standing)}: ${oneLine(reasons.join(': '), 300)}`,
        ...lines.map((line) => `  ${line}`),
      ].join('\n');
    })
    .join('\n');
}

/** Texts that differ in the ids of what they are about only say the same. */
const withoutIds = (text: string): string => text.replaceAll(/\b(snap|vol|i)-[0-9a-f]{8,17}\b/g, '$1-…');

function volumeRow(
  { volumeId, instanceId, instanceName, standing, reasons }: VolumeStanding,
  { colors }: Screen,
): string[] {
  return [
    standing === 'late' ? colors.yellow('late') : colors.red('unprotected'),
    volumeId,
    instanceName === null ? instanceId : `${instanceId} (${instanceName})`,
    oneLine(reasons.join('; '), 300),
  ];
}

function renderCopies({ copies, snapshots, at }: StatusReport, screen: Screen): string {
  const waiting =
    snapshots.pending + snapshots.waiting === 0
      ? ''
      : `Snapshots: ${snapshots.pending} pending, ${count(snapshots.waiting, 'message')} waiting` +
        (snapshots.oldestSeconds === null ? '' : `, oldest for ${spanText(snapshots.oldestSeconds * 1_000)}`);
  const isIdle = copies.every(({ inFlight, waiting: owed }) => inFlight + owed === 0);
  const idle = `None in flight, none waiting, to ${copies.map(({ region }) => region).join(', ')}.`;
  if (isIdle && copies.length > 0) return [waiting, idle].filter((part) => part !== '').join('\n');
  const table = textTable(
    ['TO', 'IN FLIGHT', 'WAITING', 'OLDEST', 'EXPECTED END (UTC)'],
    copies.map((flow) => [
      flow.region,
      String(flow.inFlight),
      String(flow.waiting),
      flow.oldestMs === null ? '-' : spanText(flow.oldestMs),
      endText(flow, at),
    ]),
    inner(screen),
  );
  return [waiting, table].filter((part) => part !== '').join('\n');
}

function endText({ inFlight, waiting, expectedEndAt, pace }: CopyFlow, now: number): string {
  if (inFlight + waiting === 0) return '-';
  if (expectedEndAt === null || pace === null) return 'not known: no copy has been completed yet';
  return `${instantText(expectedEndAt, now)}, if ${pace.atATime} at a time take ${spanText(pace.meanMs)} each, as the last ${pace.sample} did`;
}

function renderLetters({ deadLetters }: StatusReport, screen: Screen): string {
  const filled = deadLetters.filter(({ letters }) => letters > 0);
  if (filled.length === 0) return `None in ${count(deadLetters.length, 'queue')}.`;
  const table = textTable(
    ['QUEUE', 'LETTERS', 'CLASSES'],
    filled.map(({ queue, letters, classes }) => [
      queue,
      screen.colors.red(String(letters)),
      Object.entries(classes)
        .map(([name, n]) => `${n} ${name}`)
        .join(', '),
    ]),
    inner(screen),
  );
  return `${table}\nSee: ${screen.command} dlq list`;
}

function renderAlarms({ alarms, at }: StatusReport, screen: Screen): string {
  if (alarms.ringing.length === 0) return `None of ${alarms.total} rings.`;
  const table = textTable(
    ['RINGING', 'SINCE (UTC)', 'MEANING'],
    alarms.ringing.map(({ name, since, description, actionsEnabled, isOver }) => [
      isOver ? name : screen.colors.red(name),
      since === undefined ? '-' : instantText(since, at),
      `${isOver ? '(over; ends by itself) ' : ''}${actionsEnabled ? '' : '(its actions are switched off) '}${description}`,
    ]),
    inner(screen),
  );
  return `${table}\n${alarms.ringing.length} of ${alarms.total}.`;
}

const renderUnreadable = ({ unreadable }: StatusReport): string =>
  unreadable.map(({ region, what, problem }) => `${what} of ${region}: ${problem}`).join('\n');
