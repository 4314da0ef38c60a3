import { HOUR_MS } from './policy.ts';
import { isProtected } from './run-summary.ts';
import type { CopyOutcome, RunAssessment, RunStatus, VolumeOutcome } from './run-types.ts';
import { slotMs } from './slot.ts';
import { bodyText, oneLine, subjectText } from './text.ts';

/** Volumes named in a section of a digest; the others are counted. */
const NAMED_MAX = 50;

/** EC2's words and a dead letter's cause, 800 characters each, and what stands around them. */
const REASON_MAX = 2_000;

/**
 * The mail about one run, for a person at night: first what happened in numbers, then every volume that is not
 * protected, by what keeps it from being so. Subject: printable ASCII, under 100 characters. Body: plain text, below
 * SNS's 256 KB.
 *
 * @param notes paragraphs of the caller's, put after the numbers; empty ones are left out
 */
export function renderDigest(
  assessment: RunAssessment,
  notes: readonly string[] = [],
): { subject: string; body: string } {
  const { counts, slot } = assessment;
  const when = `${slot.slice(0, 10)} ${slot.slice(11, 16)} UTC`;
  const title = `Smart Vault ${STATUS_TEXT[assessment.status]}: ${counts.protected} of ${counts.selected} volumes, ${when}`;
  const lines = [
    title,
    `Vault ${oneLine(assessment.vault, 60)}, policy ${oneLine(assessment.policy, 60)}, ` +
      `looked at ${hoursText(assessment.at - slotMs(slot))} after the slot.`,
    '',
    ...countLines(assessment),
    ...notes.filter((note) => note !== '').flatMap((note) => ['', note]),
    ...problemSection(assessment.volumes.filter(isOwedAndUnprotected)),
    ...section(
      'NO LONGER THERE',
      assessment.volumes.filter(({ snapshot }) => snapshot === 'gone'),
      leftOutLine,
    ),
    ...section(
      'LEFT OUT ON PURPOSE',
      assessment.volumes.filter(({ snapshot }) => snapshot === 'excluded'),
      leftOutLine,
    ),
    '',
    adviceOf(assessment),
  ];
  return { subject: subjectText(title), body: bodyText(lines.join('\n')) };
}

const STATUS_TEXT: Readonly<Record<RunStatus, string>> = {
  OK: 'OK',
  PARTIAL: 'PARTIAL',
  FAILED: 'FAILED',
  IN_PROGRESS: 'IN PROGRESS',
};

const ADVICE: Readonly<Record<RunStatus, string>> = {
  OK: 'Nothing to do.',
  PARTIAL:
    'Next: `pnpm vault dlq list` shows what waits for a person; once its cause is mended, `pnpm vault dlq redrive`.',
  FAILED: 'Next: docs/runbook/NoSnapshotsCreated.md, and `pnpm vault dlq list` for what waits for a person.',
  IN_PROGRESS: 'Nothing to do yet: the run goes on.',
};

const adviceOf = ({ status, counts }: RunAssessment): string =>
  status === 'OK' && counts.gone > 0
    ? 'Nothing to do, unless one of the volumes above should still be there.'
    : ADVICE[status];

const isOwedAndUnprotected = (volume: VolumeOutcome): boolean =>
  volume.snapshot !== 'gone' && volume.snapshot !== 'excluded' && !isProtected(volume);

const hoursText = (ms: number): string => `${(ms / HOUR_MS).toFixed(1)} h`;

function countLines({ counts }: RunAssessment): readonly string[] {
  if (counts.selected + counts.gone + counts.excluded + counts.unaccounted === 0) {
    return ['No volume is selected: no running or stopped instance has the tag backup=true and a volume.'];
  }
  const states = (pending: number, failed: number, missing: number): string =>
    [
      ...(pending > 0 ? [`${pending} still pending`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(missing > 0 ? [`${missing} missing`] : []),
    ]
      .map((text) => `, ${text}`)
      .join('');
  return [
    `Snapshots: ${counts.good} of ${counts.selected} good${states(counts.pending, counts.failed, counts.missing)}.`,
    `Copies:    ${counts.copiesGood} of ${counts.copiesExpected} good` +
      `${states(counts.copiesPending, counts.copiesFailed, counts.copiesMissing)}.`,
    ...(counts.unaccounted > 0
      ? [`${counts.unaccounted} more volumes were scheduled, are not selected any more and have no snapshot.`]
      : []),
  ];
}

function section(
  title: string,
  volumes: readonly VolumeOutcome[],
  render: (volume: VolumeOutcome) => string,
): readonly string[] {
  if (volumes.length === 0) return [];
  const rest = volumes.length - NAMED_MAX;
  return [
    '',
    `${title} (${volumes.length})`,
    ...volumes.slice(0, NAMED_MAX).map(render),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

const nameOf = (volume: VolumeOutcome): string =>
  `${volume.volumeId} of ${volume.instanceId}${volume.instanceName ? ` (${oneLine(volume.instanceName, 60)})` : ''}`;

const leftOutLine = (volume: VolumeOutcome): string =>
  `  ${nameOf(volume)}: ${oneLine(volume.problem ?? volume.snapshot, 200)}`;

/** Volumes that the same keeps from being protected. */
interface Trouble {
  /** One line for the snapshot, or one for each bad copy. */
  readonly reasons: readonly string[];
  readonly volumes: readonly VolumeOutcome[];
}

/** Each cause once, with its volumes under it. Every cause has one of them named before any has two. */
function problemSection(volumes: readonly VolumeOutcome[]): readonly string[] {
  if (volumes.length === 0) return [];
  const troubles = troublesOf(volumes);
  const told = troubles.slice(0, NAMED_MAX);
  let spare = NAMED_MAX - told.length;
  const lines = told.flatMap((trouble) => {
    const named = 1 + Math.min(spare, trouble.volumes.length - 1);
    spare -= named - 1;
    const more = trouble.volumes.length - named;
    return [
      ...trouble.reasons.map((reason) => `  ${reason}`),
      ...trouble.volumes.slice(0, named).map(volumeLine),
      ...(more > 0 ? [`    and ${more} more`] : []),
    ];
  });
  const rest = troubles.slice(NAMED_MAX).reduce((sum, trouble) => sum + trouble.volumes.length, 0);
  return [
    '',
    `NOT PROTECTED (${volumes.length})`,
    ...lines,
    ...(rest > 0 ? [`  and ${rest} more, for other reasons`] : []),
  ];
}

function troublesOf(volumes: readonly VolumeOutcome[]): readonly Trouble[] {
  const groups = new Map<string, VolumeOutcome[]>();
  for (const volume of volumes) {
    const key = reasonsOf(volume).map((reason) => withoutOwnIds(reason, volume));
    const group = groups.get(key.join('\n'));
    if (group === undefined) groups.set(key.join('\n'), [volume]);
    else group.push(volume);
  }
  return [...groups].map(([key, members]) => {
    const exact = new Set(members.map((volume) => reasonsOf(volume).join('\n')));
    const [only = key, ...others] = exact;
    return { reasons: (others.length === 0 ? only : key).split('\n'), volumes: members };
  });
}

/** Messages of AWS name the resource: without its id they are the same for each. */
function withoutOwnIds(text: string, volume: VolumeOutcome): string {
  const ids = [volume.volumeId, volume.instanceId, volume.snapshotId, ...volume.copies.map(copyId)];
  return ids.reduce<string>(
    (rest, id) => (id === undefined ? rest : rest.replaceAll(id, `${id.slice(0, id.indexOf('-'))}-*`)),
    text,
  );
}

const copyId = (copy: CopyOutcome): string | undefined => copy.snapshotId;

const badCopiesOf = (volume: VolumeOutcome): readonly CopyOutcome[] =>
  volume.copies.filter((copy) => copy.state !== 'good');

/** Without a good snapshot there is nothing to copy: one line says it all. */
const reasonsOf = (volume: VolumeOutcome): readonly string[] =>
  volume.snapshot === 'good'
    ? badCopiesOf(volume).map((copy) => `copy to ${copy.region} ${stateText(copy.state, copy.problem)}`)
    : [`snapshot ${stateText(volume.snapshot, volume.problem)}`];

function stateText(state: string, problem: string | undefined): string {
  const why =
    problem ?? (state === 'missing' ? 'nothing was made and no failure is recorded: see the queues' : '');
  return `${state}${why === '' ? '' : `: ${oneLine(why, REASON_MAX)}`}`;
}

function volumeLine(volume: VolumeOutcome): string {
  const last =
    volume.newestPointAt === undefined
      ? 'no good point seen'
      : `last good point ${new Date(volume.newestPointAt).toISOString().slice(0, 16)}Z`;
  const isGood = volume.snapshot === 'good';
  const copies = isGood ? badCopiesOf(volume).flatMap((copy) => copy.snapshotId ?? []) : [];
  const ids = [
    ...(volume.snapshotId === undefined ? [] : [`${isGood ? 'good ' : ''}snapshot ${volume.snapshotId}`]),
    ...copies.map((id) => `copy ${id}`),
  ];
  return `    ${[nameOf(volume), ...ids, last].join(', ')}`;
}
