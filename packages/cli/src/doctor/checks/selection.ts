import { type Instance, isOptedOut, selectUnits, type Tags, type Volume } from '@smart-vault/core';
import { count } from '../../terminal/words.ts';
import { type DoctorFacts, isKnown } from '../facts.ts';
import { type Found, named } from '../finding.ts';

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'y', '1', 'on', 'enabled', 'daily']);

/** The tag that selects: exactly so, as EC2 compares. */
export const isSelected = ({ tags }: Pick<Instance, 'tags'>): boolean => tags['backup'] === 'true';

/** A tag that somebody may have meant to select with, as `key=value`. */
function lookAlike(tags: Tags): string | undefined {
  const found = Object.entries(tags).find(
    ([key, value]) =>
      /^back-?_?ups?$/i.test(key.trim()) &&
      YES.has(value.trim().toLowerCase()) &&
      !(key === 'backup' && value === 'true'),
  );
  return found === undefined ? undefined : found.join('=');
}

/** Instances that are not backed up: because of a tag that selects nothing, or for want of one. */
export function unselected({ fleet, source }: DoctorFacts): readonly Found[] {
  if (!isKnown(fleet)) return [];
  const others = fleet.value.instances.filter((each) => !isSelected(each));
  const mistaken = others.filter(({ tags }) => lookAlike(tags) !== undefined);
  const untagged = others.filter(({ tags }) => lookAlike(tags) === undefined && tags['backup'] === undefined);
  const nothing = !fleet.value.instances.some(isSelected);
  const ids = (those: readonly Instance[]): readonly string[] => those.map(({ id }) => id);
  return [
    ...(nothing
      ? [
          {
            severity: 'problem',
            region: source,
            what: `no instance in ${source} has the tag backup=true`,
            means: 'Nothing is backed up.',
            fix: tagCommand(source, mistaken.length > 0 ? ids(mistaken) : ['<instance-id>']),
          } as const,
        ]
      : []),
    ...(mistaken.length > 0
      ? [
          {
            severity: 'problem',
            region: source,
            what: `tags that look like the one that selects, and are not: ${named(mistaken.map(({ id, tags }) => `${id} (${lookAlike(tags)})`))}`,
            means:
              'These instances are not backed up: keys and values count letter by letter, and it must be backup=true.',
            fix: tagCommand(source, ids(mistaken)),
          } as const,
        ]
      : []),
    ...(untagged.length > 0
      ? [
          {
            severity: 'note',
            region: source,
            what: `${count(untagged.length, 'instance')} without a tag backup: ${named(ids(untagged))}`,
            means: 'They are not backed up. backup=false says that this is meant.',
            fix: tagCommand(source, ids(untagged)),
          } as const,
        ]
      : []),
  ];
}

const tagCommand = (region: string, ids: readonly string[]): string =>
  `aws ec2 create-tags --region ${region} --resources ${ids.join(' ')} --tags Key=backup,Value=true`;

/** Selected instances of which nothing, or not everything, is backed up. */
export function leftOut({ fleet, source, settings }: DoctorFacts): readonly Found[] {
  if (!isKnown(fleet)) return [];
  const { instances, volumes } = fleet.value;
  const selected = instances.filter(isSelected);
  const { empty, excluded } = selectUnits(selected, volumes, settings.consistency ?? 'instance');
  const optedOut = excluded.filter(({ reason }) => reason === 'opted-out');
  const meant = volumes.filter((volume) => !isOptedOut(volume) && meansNo(volume));
  return [
    ...(empty.length > 0
      ? [
          {
            severity: 'warning',
            region: source,
            what: `selected, and nothing of it is backed up: ${named(empty.map(({ instanceId, reason }) => `${instanceId} (${reason})`))}`,
            means: 'Its tag promises a backup that it does not get: instance stores are not backed up.',
            fix: `Attach an EBS volume, or say that it is meant: aws ec2 create-tags --region ${source} --resources ${empty.map(({ instanceId }) => instanceId).join(' ')} --tags Key=backup,Value=false`,
          } as const,
        ]
      : []),
    ...(optedOut.length > 0
      ? [
          {
            severity: 'note',
            region: source,
            what: `${count(optedOut.length, 'volume')} of selected instances left out by backup=false: ${named(optedOut.map(({ volumeId }) => volumeId))}`,
            means: 'A restored instance comes back without them.',
            fix: `aws ec2 delete-tags --region ${source} --resources ${optedOut.map(({ volumeId }) => volumeId).join(' ')} --tags Key=backup`,
          } as const,
        ]
      : []),
    ...(meant.length > 0
      ? [
          {
            severity: 'warning',
            region: source,
            what: `volumes with a tag that looks like backup=false, and is not: ${named(meant.map(({ id }) => id))}`,
            means: 'They are backed up all the same.',
            fix: `aws ec2 create-tags --region ${source} --resources ${meant.map(({ id }) => id).join(' ')} --tags Key=backup,Value=false`,
          } as const,
        ]
      : []),
  ];
}

const NO: ReadonlySet<string> = new Set(['false', 'no', 'n', '0', 'off', 'none', 'disabled']);

const meansNo = ({ tags }: Volume): boolean =>
  Object.entries(tags).some(
    ([key, value]) => /^back-?_?ups?$/i.test(key.trim()) && NO.has(value.trim().toLowerCase()),
  );
