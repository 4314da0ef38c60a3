import { hex16 } from '../prng.ts';
import { Ec2Error, invalidValue, missing } from './errors.ts';

/** The kinds of ids that the API takes, with the names that EC2's errors use for them. */
export interface IdKind {
  readonly prefix: string;
  readonly parameter: string;
  /** How many hexadecimal digits an id may have. Fleets of people are let in with any length from 8 to 17. */
  readonly digits: (count: number) => boolean;
  /** Name of the list in `InvalidParameterCombination`. */
  readonly set: string;
  readonly malformed: string;
  readonly notFound: string;
}

const strict = (count: number): boolean => count === 8 || count === 17;
/** Fleets of people name networks as they like. */
const any = (count: number): boolean => count >= 1 && count <= 17;
const lenient = (count: number): boolean => count >= 8 && count <= 17;

export const INSTANCE_ID: IdKind = {
  prefix: 'i-',
  digits: lenient,
  parameter: 'instanceId',
  set: 'instancesSet',
  malformed: 'InvalidInstanceID.Malformed',
  notFound: 'InvalidInstanceID.NotFound',
};
export const VOLUME_ID: IdKind = {
  prefix: 'vol-',
  digits: lenient,
  parameter: 'volumeId',
  set: 'volumeSet',
  malformed: 'InvalidVolumeID.Malformed',
  notFound: 'InvalidVolume.NotFound',
};
export const SNAPSHOT_ID: IdKind = {
  prefix: 'snap-',
  digits: strict,
  parameter: 'snapshotId',
  set: 'snapshotSet',
  malformed: 'InvalidSnapshotID.Malformed',
  notFound: 'InvalidSnapshot.NotFound',
};
export const IMAGE_ID: IdKind = {
  prefix: 'ami-',
  digits: strict,
  parameter: 'imageId',
  set: 'imageIdsSet',
  malformed: 'InvalidAMIID.Malformed',
  notFound: 'InvalidAMIID.NotFound',
};

export const SUBNET_ID: IdKind = {
  prefix: 'subnet-',
  digits: any,
  parameter: 'subnetId',
  set: 'subnetSet',
  malformed: 'InvalidSubnetID.Malformed',
  notFound: 'InvalidSubnetID.NotFound',
};
export const GROUP_ID: IdKind = {
  prefix: 'sg-',
  digits: any,
  parameter: 'groupId',
  set: 'securityGroupIdSet',
  malformed: 'InvalidGroupId.Malformed',
  notFound: 'InvalidGroup.NotFound',
};

/**
 * The id, checked.
 * @throws Ec2Error `MissingParameter`; `InvalidParameterValue` for what is no id at all; `…Malformed` for a bad one
 */
export function checkId(id: string | undefined, kind: IdKind): string {
  if (id === undefined || id === '') throw missing(kind.parameter);
  if (!id.startsWith(kind.prefix)) {
    throw invalidValue(
      `Value (${id}) for parameter ${kind.parameter} is invalid. Expected: '${kind.prefix}...'.`,
    );
  }
  if (!isWellFormed(id, kind)) {
    throw new Ec2Error(kind.malformed, `Invalid id: "${id}" (expecting "${kind.prefix}...")`);
  }
  return id;
}

/** True for an id of this kind that EC2 could have given. */
export function isWellFormed(id: string, kind: IdKind): boolean {
  if (!id.startsWith(kind.prefix) || !kind.digits(id.length - kind.prefix.length)) return false;
  for (let at = kind.prefix.length; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

/** The error for ids that are not there, which names them. */
export function notFound(ids: readonly string[], kind: IdKind): Ec2Error {
  return new Ec2Error(kind.notFound, notFoundText(ids, kind));
}

function notFoundText(ids: readonly string[], kind: IdKind): string {
  const [list, many] = [ids.join(', '), ids.length > 1];
  switch (kind.prefix) {
    case 'i-':
      return many ? `The instance IDs '${list}' do not exist` : `The instance ID '${list}' does not exist`;
    case 'ami-':
      return many ? `The image ids '[${list}]' do not exist` : `The image id '[${list}]' does not exist`;
    case 'subnet-':
      return many ? `The subnet IDs '${list}' do not exist` : `The subnet ID '${list}' does not exist`;
    case 'sg-':
      return many
        ? `The security groups '${list}' do not exist`
        : `The security group '${list}' does not exist`;
    case 'vol-':
      return many ? `The volumes '${list}' do not exist.` : `The volume '${list}' does not exist.`;
    default:
      return many ? `The snapshots '${list}' do not exist.` : `The snapshot '${list}' does not exist.`;
  }
}

/**
 * An id of 17 digits that belongs to a label (`us-east-1/vol-…/3`): leaving one snapshot out of a world
 * leaves the ids of all the others as they were.
 */
export function idOf(prefix: string, seed: number, label: string): string {
  return `${prefix}0${hex16(label, seed)}`;
}

/** A UUID that belongs to a label. */
export function uuidOf(seed: number, label: string): string {
  const [high, low] = [hex16(label, seed), hex16(label, seed ^ 0x2545f491)];
  return `${high.slice(0, 8)}-${high.slice(8, 12)}-${high.slice(12)}-${low.slice(0, 4)}-${low.slice(4)}`;
}
