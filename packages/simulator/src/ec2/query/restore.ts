import type { Ec2Api } from '../api.ts';
import * as places from '../sdk/places.ts';
import { describeImages as imagesOf } from '../sdk/reads.ts';
import * as restore from '../sdk/restore.ts';
import { type Action, DONE } from './action.ts';
import { type Fields, listOf, type Names, namesOf, readInput, refuseUnknown, writeOutput } from './codec.ts';

/** One operation in the SDK's words, with what its members are called on the wire. */
interface Operation {
  readonly input: Fields;
  readonly output: Names;
  run(api: Ec2Api, input: never): object;
}

const TAG: Fields = { Key: 'text', Value: 'text' };
const TAGS_AT_CREATION = listOf('TagSpecification', { ResourceType: 'text', Tags: listOf('Tag', TAG) });
const FILTERS = listOf('Filter', { Name: 'text', Values: listOf('Value', 'text') });
const PAGE: Fields = { Filters: FILTERS, MaxResults: 'number', NextToken: 'text', DryRun: 'flag' };
const VOLUME: Fields = {
  SnapshotId: 'text',
  VolumeType: 'text',
  Iops: 'number',
  Throughput: 'number',
  Encrypted: 'flag',
  KmsKeyId: 'text',
};
const DEVICES = listOf('BlockDeviceMapping', {
  DeviceName: 'text',
  NoDevice: 'text',
  VirtualName: 'text',
  Ebs: { ...VOLUME, VolumeSize: 'number', DeleteOnTermination: 'flag' },
});
const ATTACHMENT: Fields = { VolumeId: 'text', InstanceId: 'text', Device: 'text', DryRun: 'flag' };
const INSTANCES: Fields = { InstanceIds: listOf('InstanceId', 'text'), DryRun: 'flag' };

const TAGGED: Names = { Tags: 'tagSet' };
const ATTACHED: Names = { State: 'status' };
const CREATED: Names = { ...TAGGED, State: 'status', Attachments: { as: 'attachmentSet', within: ATTACHED } };
const STARTED: Names = {
  ...TAGGED,
  State: 'instanceState',
  BlockDeviceMappings: 'blockDeviceMapping',
  SecurityGroups: 'groupSet',
};
const changed = (member: string): Names => ({ [member]: 'instancesSet' });
const IMAGE: Names = {
  ...TAGGED,
  BlockDeviceMappings: 'blockDeviceMapping',
  State: 'imageState',
  OwnerId: 'imageOwnerId',
  Public: 'isPublic',
};

/** Which inputs of an operation are understood; names as in the SDK. */
const OPERATIONS = {
  AttachVolume: { input: ATTACHMENT, output: ATTACHED, run: restore.attachVolume },
  CreateVolume: {
    input: {
      ...VOLUME,
      Size: 'number',
      AvailabilityZone: 'text',
      AvailabilityZoneId: 'text',
      ClientToken: 'text',
      TagSpecifications: TAGS_AT_CREATION,
      DryRun: 'flag',
    },
    output: CREATED,
    run: restore.createVolume,
  },
  DeleteVolume: { input: { VolumeId: 'text', DryRun: 'flag' }, output: {}, run: restore.deleteVolume },
  DeregisterImage: { input: { ImageId: 'text', DryRun: 'flag' }, output: {}, run: restore.deregisterImage },
  DescribeImages: {
    input: {
      ...PAGE,
      ImageIds: listOf('ImageId', 'text'),
      Owners: listOf('Owner', 'text'),
      ExecutableUsers: listOf('ExecutableBy', 'text'),
      IncludeDeprecated: 'flag',
      IncludeDisabled: 'flag',
    },
    output: { Images: { as: 'imagesSet', within: IMAGE } },
    run: imagesOf,
  },
  DescribeSecurityGroups: {
    input: { ...PAGE, GroupIds: listOf('GroupId', 'text'), GroupNames: listOf('GroupName', 'text') },
    output: {
      SecurityGroups: { as: 'securityGroupInfo', within: { ...TAGGED, Description: 'groupDescription' } },
    },
    run: places.describeSecurityGroups,
  },
  DescribeSubnets: {
    input: { ...PAGE, SubnetIds: listOf('SubnetId', 'text') },
    output: { Subnets: { as: 'subnetSet', within: TAGGED } },
    run: places.describeSubnets,
  },
  DetachVolume: { input: { ...ATTACHMENT, Force: 'flag' }, output: ATTACHED, run: restore.detachVolume },
  ModifyInstanceAttribute: {
    input: {
      InstanceId: 'text',
      DryRun: 'flag',
      BlockDeviceMappings: listOf('BlockDeviceMapping', {
        DeviceName: 'text',
        Ebs: { VolumeId: 'text', DeleteOnTermination: 'flag' },
      }),
    },
    output: {},
    run: restore.modifyInstanceAttribute,
  },
  RegisterImage: {
    input: {
      Name: 'text',
      Description: 'text',
      Architecture: 'text',
      RootDeviceName: 'text',
      VirtualizationType: 'text',
      BootMode: 'text',
      EnaSupport: 'flag',
      ImdsSupport: 'text',
      TpmSupport: 'text',
      BlockDeviceMappings: DEVICES,
      TagSpecifications: TAGS_AT_CREATION,
      DryRun: 'flag',
    },
    output: {},
    run: restore.registerImage,
  },
  RunInstances: {
    input: {
      ImageId: 'text',
      InstanceType: 'text',
      MinCount: 'number',
      MaxCount: 'number',
      SubnetId: 'text',
      SecurityGroupIds: listOf('SecurityGroupId', 'text'),
      SecurityGroups: listOf('SecurityGroup', 'text'),
      IamInstanceProfile: { Arn: 'text', Name: 'text' },
      KeyName: 'text',
      UserData: 'text',
      EbsOptimized: 'flag',
      Monitoring: { Enabled: 'flag' },
      MetadataOptions: {
        HttpTokens: 'text',
        HttpPutResponseHopLimit: 'number',
        HttpEndpoint: 'text',
        HttpProtocolIpv6: 'text',
        InstanceMetadataTags: 'text',
      },
      Placement: { AvailabilityZone: 'text' },
      BlockDeviceMappings: DEVICES,
      TagSpecifications: TAGS_AT_CREATION,
      ClientToken: 'text',
      DryRun: 'flag',
    },
    output: { Groups: 'groupSet', Instances: { as: 'instancesSet', within: STARTED } },
    run: restore.runInstances,
  },
  StartInstances: { input: INSTANCES, output: changed('StartingInstances'), run: restore.startInstances },
  StopInstances: {
    input: { ...INSTANCES, Force: 'flag' },
    output: changed('StoppingInstances'),
    run: restore.stopInstances,
  },
  TerminateInstances: {
    input: { ...INSTANCES, Force: 'flag' },
    output: changed('TerminatingInstances'),
    run: restore.terminateInstances,
  },
} satisfies Record<string, Operation>;

/** The operations that are told to the wire in the SDK's words, by name. */
export const SDK_OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries(OPERATIONS),
);

/** Them as actions of the query protocol. */
export const RESTORE_ACTIONS: readonly (readonly [string, Action])[] = [...SDK_OPERATIONS].map(
  ([name, operation]) => [name, actionOf(name, operation)],
);

function actionOf(name: string, { input, output, run }: Operation): Action {
  const known = new Set([...namesOf(input), 'Action', 'Version']);
  return (api, form) => {
    refuseUnknown(name, form.firstNames(), known);
    const xml = writeOutput(run(api, readInput(form, input) as never), output);
    return xml === '' ? DONE : xml;
  };
}
