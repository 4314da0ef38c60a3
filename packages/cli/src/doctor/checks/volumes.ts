import { isReservedKey, pointOf, type Snapshot, TAG_LIMITS, type Volume } from '@smart-vault/core';
import { count } from '../../terminal/words.ts';
import { type DoctorFacts, isKnown, known, sourceOf } from '../facts.ts';
import { type Found, named } from '../finding.ts';

/** Tags of ours that a source snapshot carries at most, beside those that are reserved. */
const OURS_MAX = 11;
const HDD: ReadonlySet<string> = new Set(['st1', 'sc1']);
/** Snapshots in progress of one volume: EC2's own limits, in which failed ones count until they are deleted. */
const IN_PROGRESS_MAX = { hdd: 1, other: 5 } as const;

/** Volumes that a failed snapshot blocks. */
export function blockedVolumes(facts: DoctorFacts): readonly Found[] {
  const { snapshots, region } = sourceOf(facts);
  if (!isKnown(snapshots) || !isKnown(facts.fleet)) return [];
  const failed = Map.groupBy(
    snapshots.value.filter((each) => each.state === 'error' && pointOf(each, facts.vault).kind === 'owned'),
    ({ volumeId }) => volumeId,
  );
  return facts.fleet.value.volumes.flatMap((volume) => {
    const those: readonly Snapshot[] = failed.get(volume.id) ?? [];
    const max = HDD.has(volume.volumeType) ? IN_PROGRESS_MAX.hdd : IN_PROGRESS_MAX.other;
    if (those.length < max) return [];
    return [
      {
        severity: 'problem',
        region,
        what: `${volume.id} (${volume.volumeType}) has ${count(those.length, 'failed snapshot')}: ${named(those.map(({ id }) => id))}`,
        means: `EC2 counts them as in progress, ${max} at most: no snapshot of this volume can be made. The pruner deletes them after 24 hours and its grace period.`,
        fix: those
          .map(({ id }) => `aws ec2 delete-snapshot --region ${region} --snapshot-id ${id}`)
          .join(' ; '),
      } as const,
    ];
  });
}

/** Volumes with more tags than fit on a snapshot beside ours. */
export function crowdedVolumes({ fleet, source }: DoctorFacts): readonly Found[] {
  const crowded = known(fleet, { instances: [], volumes: [] }).volumes.filter(isCrowded);
  if (crowded.length === 0) return [];
  return [
    {
      severity: 'note',
      region: source,
      what: `${count(crowded.length, 'volume')} with more tags than fit on a copy beside the vault's: ${named(crowded.map(({ id }) => id))}`,
      means: `A snapshot takes ${TAG_LIMITS.perResource} tags: some of the volume's own are left out, and a restored volume comes back without them.`,
      fix: `aws ec2 describe-tags --region ${source} --filters Name=resource-id,Values=${crowded.map(({ id }) => id).join(',')}`,
    },
  ];
}

const isCrowded = ({ tags }: Volume): boolean =>
  Object.keys(tags).filter((key) => !isReservedKey(key)).length >
  TAG_LIMITS.perResource - OURS_MAX - TAG_LIMITS.onCopiesOnly - TAG_LIMITS.reserved;
