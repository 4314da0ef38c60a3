import { HOUR_MS, oneLine, type Region, type RunAssessment } from '@smart-vault/core';

/** A destination whose snapshots could not be listed, and why. */
export interface UnreadableRegion {
  readonly region: Region;
  readonly cause: string;
}

/** How many late points a digest names. */
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

/** The lines of the digest that name points older than the policy allows (RPO); empty when there are none. */
export function rpoNote(assessment: RunAssessment, rpoHours: number): string {
  const late = latePoints(assessment, rpoHours * HOUR_MS);
  if (late.length === 0) return '';
  const named = late.slice(0, LATE_MAX).map((line) => `  ${line}`);
  const more = late.length > LATE_MAX ? [`  and ${late.length - LATE_MAX} more`] : [];
  return [`Older than the ${rpoHours} h that the policy allows:`, ...named, ...more].join('\n');
}

function latePoints(assessment: RunAssessment, rpoMs: number): string[] {
  const age = (newestPointAt: number | undefined): string | undefined => {
    if (newestPointAt === undefined) return 'no point at all';
    const ageMs = assessment.at - newestPointAt;
    return ageMs > rpoMs ? `newest point is ${Math.floor(ageMs / HOUR_MS)} h old` : undefined;
  };
  return assessment.volumes
    .filter((volume) => volume.snapshot !== 'gone' && volume.snapshot !== 'excluded')
    .flatMap((volume) =>
      [{ region: 'the source region', newestPointAt: volume.newestPointAt }, ...volume.copies].flatMap(
        (place) => {
          const text = age(place.newestPointAt);
          return text === undefined ? [] : [`${volume.volumeId} in ${place.region}: ${text}`];
        },
      ),
    );
}
