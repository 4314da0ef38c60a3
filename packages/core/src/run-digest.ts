import { HOUR_MS } from './policy.ts';
import { isProtected } from './run-summary.ts';
import type { CopyOutcome, RunAssessment, RunStatus, VolumeOutcome } from './run-types.ts';
import { slotMs } from './slot.ts';
import { bodyText, oneLine, subjectText } from './text.ts';

/** Volumes named in a digest; the others are counted. */
const NAMED_MAX = 50;

/**
 * The mail about one run, for a person at night: first what happened in numbers, then every volume that is not
 * protected, and why. Subject: printable ASCII, under 100 characters. Body: plain text, far below SNS's 256 KB.
 */
export function renderDigest(assessment: RunAssessment): { subject: string; body: string } {
  const { counts, slot } = assessment;
  const when = `${slot.slice(0, 10)} ${slot.slice(11, 16)} UTC`;
  const title = `Smart Vault ${STATUS_TEXT[assessment.status]}: ${counts.protected} of ${counts.selected} volumes, ${when}`;
  const lines = [
    title,
    `Vault ${oneLine(assessment.vault, 60)}, policy ${oneLine(assessment.policy, 60)}, ` +
      `looked at ${hoursText(assessment.at - slotMs(slot))} after the slot.`,
    '',
    ...countLines(assessment),
    ...section('NOT PROTECTED', assessment.volumes.filter(isOwedAndUnprotected), problemLines),
    ...section(
      'NO LONGER THERE',
      assessment.volumes.filter(({ snapshot }) => snapshot === 'gone'),
      leftOutLines,
    ),
    ...section(
      'LEFT OUT ON PURPOSE',
      assessment.volumes.filter(({ snapshot }) => snapshot === 'excluded'),
      leftOutLines,
    ),
    '',
    ADVICE[assessment.status],
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
  render: (volume: VolumeOutcome) => readonly string[],
): readonly string[] {
  if (volumes.length === 0) return [];
  const rest = volumes.length - NAMED_MAX;
  return [
    '',
    `${title} (${volumes.length})`,
    ...volumes.slice(0, NAMED_MAX).flatMap(render),
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ];
}

const nameOf = (volume: VolumeOutcome): string =>
  `  ${volume.volumeId} of ${volume.instanceId}${volume.instanceName ? ` (${oneLine(volume.instanceName, 60)})` : ''}`;

const leftOutLines = (volume: VolumeOutcome): readonly string[] => [
  `${nameOf(volume)}: ${oneLine(volume.problem ?? volume.snapshot, 200)}`,
];

function problemLines(volume: VolumeOutcome): readonly string[] {
  const last =
    volume.newestPointAt === undefined
      ? 'no good point seen'
      : `last good point ${new Date(volume.newestPointAt).toISOString().slice(0, 16)}Z`;
  const bad = volume.copies.filter((copy) => copy.state !== 'good');
  return [
    nameOf(volume),
    `    snapshot ${stateText(volume.snapshot, volume.snapshotId, volume.problem)}; ${last}`,
    // Without a good snapshot there is nothing to copy: one line says it all.
    ...(volume.snapshot === 'good' ? bad.map(copyLine) : []),
  ];
}

const copyLine = (copy: CopyOutcome): string =>
  `    copy to ${copy.region} ${stateText(copy.state, copy.snapshotId, copy.problem)}`;

function stateText(state: string, snapshotId: string | undefined, problem: string | undefined): string {
  const id = snapshotId === undefined ? '' : ` (${snapshotId})`;
  const why =
    problem ?? (state === 'missing' ? 'nothing was made and no failure is recorded: see the queues' : '');
  return `${state}${id}${why === '' ? '' : `: ${oneLine(why, 400)}`}`;
}
