/** A string that has been checked to be of one kind: a snapshot id cannot be passed where a volume id is due. */
type Branded<Name extends string> = string & { readonly __brand: Name };

/** An EBS snapshot id, such as `snap-0123456789abcdef0`. */
export type SnapshotId = Branded<'SnapshotId'>;
/** An EBS volume id, such as `vol-0123456789abcdef0`. */
export type VolumeId = Branded<'VolumeId'>;
/** An EC2 instance id, such as `i-0123456789abcdef0`. */
export type InstanceId = Branded<'InstanceId'>;
/** An AWS region name, such as `eu-central-1`. */
export type Region = Branded<'Region'>;

const HEX_ID = '[0-9a-f]{8,17}';
const SNAPSHOT_ID = new RegExp(`^snap-${HEX_ID}$`);
const VOLUME_ID = new RegExp(`^vol-${HEX_ID}$`);
const INSTANCE_ID = new RegExp(`^i-${HEX_ID}$`);
const REGION = /^[a-z]{2}(-[a-z]+){1,3}-\d{1,2}$/;

export const isSnapshotId = (value: unknown): value is SnapshotId =>
  typeof value === 'string' && SNAPSHOT_ID.test(value);
export const isVolumeId = (value: unknown): value is VolumeId =>
  typeof value === 'string' && VOLUME_ID.test(value);
export const isInstanceId = (value: unknown): value is InstanceId =>
  typeof value === 'string' && INSTANCE_ID.test(value);
export const isRegion = (value: unknown): value is Region => typeof value === 'string' && REGION.test(value);

/**
 * The snapshot id at the end of an ARN or of a plain id; `undefined` when there is none.
 *
 * EBS events carry ARNs with the region in the account's place (`arn:aws:ec2::us-west-2:snapshot/snap-…`),
 * so nothing but the part behind the last `/` can be trusted.
 */
export function snapshotIdFromArn(arn: string): SnapshotId | undefined {
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  return isSnapshotId(id) ? id : undefined;
}
