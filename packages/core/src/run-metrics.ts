import type { Metric } from './ports.ts';
import type { CopyOutcome, RunAssessment, VolumeOutcome } from './run-types.ts';
import { slotMs } from './slot.ts';

/**
 * The numbers of one run for CloudWatch, zeros included: alarms treat missing data as a failure, and a zero must not
 * be missing. Ages are those of the worst volume. A place without a good point of a volume is as late as the volume's
 * oldest good point, or its oldest failed one, is old, and never less than the run's own slot, of which it has none.
 * Counted from each run's own slot alone, a volume that is never copied would never be late.
 */
export function runMetrics(assessment: RunAssessment): Metric[] {
  const { counts, at } = assessment;
  const owed = assessment.volumes.filter(({ snapshot }) => snapshot !== 'gone' && snapshot !== 'excluded');
  const slotAt = slotMs(assessment.slot);
  const age = (newestPointAt: number | undefined, owedSince = slotAt): number =>
    at - (newestPointAt ?? Math.min(owedSince, slotAt));
  const pointAge = ({ newestPointAt, owedSince }: VolumeOutcome): number => age(newestPointAt, owedSince);
  // What a destination holds that could not be listed is not known, so its copies are not called late.
  const copyAge = ({ newestPointAt, isUnreadable }: CopyOutcome, { owedSince }: VolumeOutcome): number =>
    age(newestPointAt, isUnreadable ? undefined : owedSince);
  const oldest = (ages: readonly number[]): number =>
    ages.reduce((max, each) => Math.max(max, each), 0) / 1_000;
  return [
    { name: 'SnapshotsCreated', value: counts.good, unit: 'Count' },
    { name: 'CopiesCompleted', value: counts.copiesGood, unit: 'Count' },
    { name: 'VolumesSelected', value: counts.selected, unit: 'Count' },
    { name: 'VolumesUnprotected', value: counts.selected - counts.protected, unit: 'Count' },
    {
      name: 'OldestPointAgeSeconds',
      value: oldest(owed.map(pointAge)),
      unit: 'Seconds',
    },
    {
      name: 'OldestCopyAgeSeconds',
      value: oldest(owed.flatMap((volume) => volume.copies.map((copy) => copyAge(copy, volume)))),
      unit: 'Seconds',
    },
  ];
}
