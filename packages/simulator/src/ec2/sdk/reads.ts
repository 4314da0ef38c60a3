import type {
  DescribeImagesRequest,
  DescribeImagesResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  DescribeLockedSnapshotsRequest,
  DescribeLockedSnapshotsResult,
  DescribeSnapshotsRequest,
  DescribeSnapshotsResult,
  DescribeTagsRequest,
  DescribeTagsResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  Reservation,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '../api.ts';
import type { InstanceRecord } from '../types.ts';
import { imageOf, instanceOf, lockOf, shownSnapshotOf, shownVolumeOf } from './resources.ts';
import { asText, defined, describeInput } from './values.ts';

export function describeSnapshots(api: Ec2Api, input: DescribeSnapshotsRequest): DescribeSnapshotsResult {
  const page = api.describeSnapshots({
    ...describeInput(input, input.SnapshotIds),
    owners: input.OwnerIds ?? [],
  });
  return {
    Snapshots: page.items.map((snapshot) => shownSnapshotOf(api, snapshot)),
    ...defined('NextToken', page.nextToken),
  };
}

export function describeImages(api: Ec2Api, input: DescribeImagesRequest): DescribeImagesResult {
  const page = api.describeImages({
    ...describeInput(input, input.ImageIds),
    owners: input.Owners ?? [],
    includeDisabled: input.IncludeDisabled ?? false,
  });
  return { Images: page.items.map(imageOf), ...defined('NextToken', page.nextToken) };
}

export function describeLockedSnapshots(
  api: Ec2Api,
  input: DescribeLockedSnapshotsRequest,
): DescribeLockedSnapshotsResult {
  const page = api.describeLockedSnapshots(describeInput(input, input.SnapshotIds));
  return { Snapshots: page.items.map(lockOf), ...defined('NextToken', page.nextToken) };
}

export function describeVolumes(api: Ec2Api, input: DescribeVolumesRequest): DescribeVolumesResult {
  const page = api.describeVolumes(describeInput(input, input.VolumeIds));
  return { Volumes: page.items.map(shownVolumeOf), ...defined('NextToken', page.nextToken) };
}

export function describeTags(api: Ec2Api, input: DescribeTagsRequest): DescribeTagsResult {
  const page = api.describeTags(describeInput(input, []));
  const tags = page.items.map(({ resourceId, resourceType, key, value }) => ({
    ResourceId: resourceId,
    ResourceType: resourceType,
    Key: asText(key),
    Value: asText(value),
  }));
  return { Tags: tags, ...defined('NextToken', page.nextToken) };
}

/** Instances of one reservation stand together. */
export function describeInstances(api: Ec2Api, input: DescribeInstancesRequest): DescribeInstancesResult {
  const page = api.describeInstances(describeInput(input, input.InstanceIds));
  const reservations = new Map<string, Reservation & { Instances: object[] }>();
  for (const instance of page.items) {
    let reservation = reservations.get(instance.reservationId);
    if (reservation === undefined) {
      reservation = reservationOf(instance);
      reservations.set(instance.reservationId, reservation);
    }
    reservation.Instances.push(instanceOf(instance));
  }
  return { Reservations: [...reservations.values()], ...defined('NextToken', page.nextToken) };
}

const reservationOf = ({ reservationId, ownerId }: InstanceRecord) => ({
  ReservationId: asText(reservationId),
  OwnerId: asText(ownerId),
  Groups: [],
  Instances: [],
});
