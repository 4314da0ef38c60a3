import type { Metric } from './ports.ts';
import type { RunAssessment } from './run-types.ts';
import { slotMs } from './slot.ts';

/**
 * The numbers of one run for CloudWatch, zeros included: alarms treat missing data as a failure, and a zero must not
 * be missing. Ages are those of the worst volume. For a volume without any known good point the age is counted from
 * the slot, which is the least that it can be.
 */
export function runMetrics(assessment: RunAssessment): Metric[] {
  const { counts, at } = assessment;
  const owed = assessment.volumes.filter(({ snapshot }) => snapshot !== 'gone' && snapshot !== 'excluded');
  const age = (startedAt: number | undefined): number => at - (startedAt ?? slotMs(assessment.slot));
  const oldest = (ages: readonly number[]): number =>
    ages.reduce((max, each) => Math.max(max, each), 0) / 1_000;
  return [
    { name: 'SnapshotsCreated', value: counts.good, unit: 'Count' },
    { name: 'CopiesCompleted', value: counts.copiesGood, unit: 'Count' },
    { name: 'VolumesSelected', value: counts.selected, unit: 'Count' },
    { name: 'VolumesUnprotected', value: counts.selected - counts.protected, unit: 'Count' },
    {
      name: 'OldestPointAgeSeconds',
      value: oldest(owed.map((volume) => age(volume.newestPointAt))),
      unit: 'Seconds',
    },
    {
      name: 'OldestCopyAgeSeconds',
      value: oldest(owed.flatMap((volume) => volume.copies.map((copy) => age(copy.newestPointAt)))),
      unit: 'Seconds',
    },
  ];
}
