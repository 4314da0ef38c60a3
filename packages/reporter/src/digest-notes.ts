import { HOUR_MS, oneLine, type Region, type RunAssessment, type VolumeOutcome } from '@smart-vault/core';

/** A destination whose snapshots could not be listed, and why. */
export interface UnreadableRegion {
  readonly region: Region;
  readonly cause: string;
}

/** How many lines of each kind a digest has of late points. */
const LATE_MAX = 20;

/** While a destination cannot be read nobody knows that all is well. */
export function neverOk(assessment: RunAssessment, unreadable: readonly UnreadableRegion[]): RunAssessment {
  if (unreadable.length === 0 || assessment.status !== 'OK') return assessment;
  return { ...assessment, status: 'PARTIAL' };
}

/** The lines of the digest that name the destinations that could not be read; empty when all could. */
export function unreadableNote(unreadable: readonly UnreadableRegion[]): string {
  return unreadable
    .map(
      ({ region, cause }) =>
        `${region} could not be read, so nothing is known of its copies: ${oneLine(cause)}`,
    )
    .join('\n');
}

/** The lines of the digest that name what the policy (RPO) wants and is not there, or is too old; empty when all is. */
export function rpoNote(assessment: RunAssessment, rpoHours: number): string {
  const owed = assessment.volumes.filter(({ snapshot }) => snapshot !== 'gone' && snapshot !== 'excluded');
  const late = (place: string, { newestPointAt }: { newestPointAt?: number }): string[] => {
    const ageMs = newestPointAt === undefined ? 0 : assessment.at - newestPointAt;
    if (ageMs <= rpoHours * HOUR_MS) return [];
    return [`in ${place}: newest point is ${Math.floor(ageMs / HOUR_MS)} h old`];
  };
  const named = (textsOf: (volume: VolumeOutcome) => readonly string[]): string[] =>
    owed.flatMap((volume) => textsOf(volume).map((text) => `${nameOf(volume)} ${text}`.trimEnd()));
  return [
    ...paragraph(
      'No good point yet:',
      named(({ newestPointAt }) => (newestPointAt === undefined ? [''] : [])),
    ),
    ...paragraph('Never copied:', named(neverCopied)),
    ...paragraph(
      `Older than the ${rpoHours} h that the policy allows:`,
      named((volume) => [
        ...late('the source region', volume),
        ...volume.copies.flatMap((copy) => late(copy.region, copy)),
      ]),
    ),
  ].join('\n');
}

/** Of a volume that has something to copy, and where what is there could be listed. */
const neverCopied = ({ newestPointAt, copies }: VolumeOutcome): string[] =>
  newestPointAt === undefined
    ? []
    : copies
        .filter((copy) => copy.newestPointAt === undefined && copy.isUnreadable !== true)
        .map(({ region }) => `to ${region}`);

const nameOf = ({ volumeId, instanceId, instanceName }: VolumeOutcome): string =>
  `${volumeId} of ${instanceId}${instanceName ? ` (${oneLine(instanceName, 60)})` : ''}`;

function paragraph(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > LATE_MAX ? [`  and ${lines.length - LATE_MAX} more`] : [];
  return [title, ...lines.slice(0, LATE_MAX).map((line) => `  ${line}`), ...more];
}
