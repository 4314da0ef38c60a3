export { type DescribeImagesInput, Ec2Api, type OwnedInput } from './api.ts';
export { COPY_VOLUME_ID, type CopySnapshotInput } from './copy.ts';
export type { CreateSnapshotInput, CreateSnapshotsInput } from './create.ts';
export type { DeleteSnapshotInput } from './delete.ts';
export type { DescribeInput, DescribeOutput } from './describe.ts';
export type { LockDescription, TagDescription, ZoneInfo } from './describe-others.ts';
export { Ec2Error, isEc2Error } from './errors.ts';
export { type ActiveFault, type FaultCall, type FaultStart, Faults, type Part } from './faults.ts';
export { type Fleet, type FleetText, parseFleet } from './fleet.ts';
export { DEFAULT_EC2_KNOBS, type Duration, type Ec2Knobs, ec2Knobs } from './knobs.ts';
export { Operator, type SeededSnapshot } from './operator.ts';
export { EC2_ACTIONS, type Ec2Request, type Ec2Response, handleEc2Request } from './query/handle.ts';
export type { KeyState, RegionState } from './region.ts';
export type { RegionInfo } from './region-names.ts';
export { type ApiCounters, type RegionCounters, Stats } from './stats.ts';
export type { TagList, TagRemoval } from './tags.ts';
export { tagMap } from './tags.ts';
export type {
  Attachment,
  Device,
  EbsEvent,
  Filter,
  ImageRecord,
  InstanceRecord,
  InstanceState,
  LockRecord,
  SnapshotRecord,
  SnapshotTruth,
  TagMap,
  VolumeRecord,
  VolumeState,
} from './types.ts';
export { Ec2World, type Ec2WorldOptions } from './world.ts';
