import { createHash } from 'node:crypto';
import {
  type ArchitectureValues,
  AttachVolumeCommand,
  type BlockDeviceMapping,
  type BootModeValues,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeregisterImageCommand,
  DetachVolumeCommand,
  type HttpTokensState,
  type _InstanceType as InstanceType,
  ModifyInstanceAttributeCommand,
  RegisterImageCommand,
  type ResourceType,
  RunInstancesCommand,
  type TagSpecification,
  type VolumeType,
} from '@aws-sdk/client-ec2';
import { AppError, isAppError, type Tags } from '@smart-vault/core';
import type {
  CreateVolumeCall,
  DeviceRequest,
  LaunchInstanceCall,
  RegisterImageCall,
  RestoreCall,
} from '@smart-vault/core/restore';
import { callAws, type OperationMeanings } from './ebs-errors.ts';
import type { Ec2Clients } from './ec2-clients.ts';
import { exactly } from './ec2-filters.ts';
import { toTagList } from './ec2-mapping.ts';
import { listImages } from './restore-reads.ts';

/** A person made the request: a code that we do not know is about what was asked. */
const MEANINGS: OperationMeanings = {
  codes: { 'InvalidAMIID.NotFound': 'NOT_FOUND', 'InvalidAMIID.Unavailable': 'NOT_FOUND' },
  unknownRefusal: 'INVALID',
};

/**
 * Makes one call.
 *
 * What has a client token, or a name that is unique, is repeated like a read when its answer is lost: EC2 makes no
 * second one. The rest is repeated when it was throttled only.
 */
export async function carryOut(clients: Ec2Clients, call: RestoreCall): Promise<string> {
  try {
    return await sendAnew(clients, call);
  } catch (error) {
    if (call.kind === 'register-image' && codeOf(error) === 'InvalidAMIName.Duplicate')
      return imageNamed(clients, call, error);
    if (codeOf(error) === 'IdempotentParameterMismatch') throw askedOtherwise(error);
    throw error;
  }
}

/** How often something may have been made with a token and deleted since. */
const GENERATIONS_MAX = 10;
const GONE: ReadonlySet<unknown> = new Set(['InvalidVolume.NotFound', 'InvalidInstanceID.NotFound']);

/**
 * A token stands for what was made with it, even when somebody has deleted that since: then the next token is taken,
 * the same one in every run, so that a run that is cut off here finds what it made.
 */
async function sendAnew(clients: Ec2Clients, call: RestoreCall): Promise<string> {
  if (call.kind !== 'create-volume' && call.kind !== 'launch-instance') return send(clients, call, false);
  for (let generation = 1; ; generation += 1) {
    const token = generation === 1 ? call.token : `${call.token} ${generation}`;
    try {
      return await send(clients, { ...call, token }, false);
    } catch (error) {
      if (!GONE.has(codeOf(error)) || generation >= GENERATIONS_MAX) throw error;
    }
  }
}

/** Asks EC2 whether it would: its answer to a dry run is an error in either case. */
export async function tryOut(clients: Ec2Clients, call: RestoreCall): Promise<void> {
  try {
    await send(clients, call, true);
  } catch (error) {
    if (codeOf(error) === 'DryRunOperation') return;
    throw error;
  }
  throw new AppError('CONTRACT', `${call.kind}: EC2 answered a dry run as if it had done it`);
}

const codeOf = (error: unknown): unknown => (isAppError(error) ? error.details['awsCode'] : undefined);

/** Registered by a run whose answer was lost, or that reads cannot see yet. */
async function imageNamed(
  { reads }: Ec2Clients,
  { name }: RegisterImageCall,
  cause: unknown,
): Promise<string> {
  const [image] = await listImages(reads, [exactly('name', [name])]);
  if (image !== undefined) return image.id;
  const text = `an image named "${name}" was just registered and cannot be seen yet: run it again in a minute`;
  throw new AppError('TRANSIENT', text, { cause, details: { unseen: true } });
}

const askedOtherwise = (cause: unknown): AppError =>
  new AppError(
    'INVALID',
    'an earlier run asked EC2 for the same with other options, and EC2 is carrying that out: run it again in a ' +
      'minute to go on with what it made, or give --label and a name to begin anew',
    { cause },
  );

function send(clients: Ec2Clients, call: RestoreCall, DryRun: boolean): Promise<string> {
  switch (call.kind) {
    case 'register-image':
      return registerImage(clients, call, DryRun);
    case 'launch-instance':
      return launchInstance(clients, call, DryRun);
    case 'create-volume':
      return createVolume(clients, call, DryRun);
    case 'attach-volume':
      return sendWrite('AttachVolume', call.volumeId, () => {
        const { volumeId: VolumeId, instanceId: InstanceId, deviceName: Device } = call;
        return clients.writes.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device, DryRun }));
      });
    case 'detach-volume':
      return sendWrite('DetachVolume', call.volumeId, () => {
        const { volumeId: VolumeId, instanceId: InstanceId, deviceName: Device } = call;
        return clients.writes.send(new DetachVolumeCommand({ VolumeId, InstanceId, Device, DryRun }));
      });
    case 'delete-with-instance':
      return sendWrite('ModifyInstanceAttribute', call.volumeId, () => {
        const { volumeId: VolumeId, instanceId: InstanceId, deviceName: DeviceName } = call;
        const BlockDeviceMappings = [{ DeviceName, Ebs: { VolumeId, DeleteOnTermination: true } }];
        return clients.reads.send(
          new ModifyInstanceAttributeCommand({ InstanceId, BlockDeviceMappings, DryRun }),
        );
      });
    case 'tag-volume':
      return sendWrite('CreateTags', call.volumeId, () =>
        clients.reads.send(
          new CreateTagsCommand({ Resources: [call.volumeId], Tags: toTagList(call.tags), DryRun }),
        ),
      );
    case 'deregister-image':
      return sendWrite('DeregisterImage', call.imageId, () =>
        clients.writes.send(new DeregisterImageCommand({ ImageId: call.imageId, DryRun })),
      );
  }
}

async function sendWrite(operation: string, id: string, request: () => Promise<unknown>): Promise<string> {
  await callAws(operation, request, MEANINGS);
  return id;
}

async function registerImage(
  { reads }: Ec2Clients,
  call: RegisterImageCall,
  DryRun: boolean,
): Promise<string> {
  const command = new RegisterImageCommand({
    Name: call.name,
    Description: call.description,
    Architecture: call.architecture as ArchitectureValues,
    ...(call.bootMode === undefined ? {} : { BootMode: call.bootMode as BootModeValues }),
    RootDeviceName: call.rootDeviceName,
    VirtualizationType: 'hvm',
    EnaSupport: true,
    // An image cannot encrypt what its snapshot is not; the launch can.
    BlockDeviceMappings: call.devices.map(mappingOf),
    TagSpecifications: tagsFor('image', call.tags),
    DryRun,
  });
  const { ImageId } = await callAws('RegisterImage', () => reads.send(command), MEANINGS);
  return made('RegisterImage', ImageId);
}

async function launchInstance(
  { reads }: Ec2Clients,
  call: LaunchInstanceCall,
  DryRun: boolean,
): Promise<string> {
  const { keyName, instanceProfile, metadataTokens } = call;
  const command = new RunInstancesCommand({
    ImageId: call.imageId,
    InstanceType: call.instanceType as InstanceType,
    MinCount: 1,
    MaxCount: 1,
    SubnetId: call.subnetId,
    SecurityGroupIds: [...call.securityGroupIds],
    ...(keyName === undefined ? {} : { KeyName: keyName }),
    ...(instanceProfile === undefined ? {} : { IamInstanceProfile: { Name: instanceProfile } }),
    ...(metadataTokens === undefined
      ? {}
      : { MetadataOptions: { HttpTokens: metadataTokens as HttpTokensState } }),
    BlockDeviceMappings: call.devices.map((device) => withKey(mappingOf(device), device)),
    TagSpecifications: [...tagsFor('instance', call.tags), ...tagsFor('volume', call.volumeTags)],
    ClientToken: clientToken(call.token),
    DryRun,
  });
  const { Instances = [] } = await callAws('RunInstances', () => reads.send(command), MEANINGS);
  return made('RunInstances', Instances[0]?.InstanceId);
}

async function createVolume({ reads }: Ec2Clients, call: CreateVolumeCall, DryRun: boolean): Promise<string> {
  const { device } = call;
  const command = new CreateVolumeCommand({
    AvailabilityZone: call.availabilityZone,
    SnapshotId: device.snapshotId,
    VolumeType: device.volumeType as VolumeType,
    Size: device.sizeGiB,
    ...(device.iops === undefined ? {} : { Iops: device.iops }),
    ...(device.throughput === undefined ? {} : { Throughput: device.throughput }),
    ...(device.kmsKeyId === undefined ? {} : { Encrypted: true, KmsKeyId: device.kmsKeyId }),
    TagSpecifications: tagsFor('volume', call.tags),
    ClientToken: clientToken(call.token),
    DryRun,
  });
  const { VolumeId } = await callAws('CreateVolume', () => reads.send(command), MEANINGS);
  return made('CreateVolume', VolumeId);
}

const mappingOf = (device: DeviceRequest): BlockDeviceMapping => ({
  DeviceName: device.deviceName,
  Ebs: {
    SnapshotId: device.snapshotId,
    VolumeType: device.volumeType as VolumeType,
    VolumeSize: device.sizeGiB,
    ...(device.iops === undefined ? {} : { Iops: device.iops }),
    ...(device.throughput === undefined ? {} : { Throughput: device.throughput }),
    DeleteOnTermination: device.deleteOnTermination,
  },
});

/** Without `Encrypted` a volume is as its snapshot is; EC2 refuses `false` for an encrypted one. */
const withKey = (mapping: BlockDeviceMapping, { kmsKeyId }: DeviceRequest): BlockDeviceMapping =>
  kmsKeyId === undefined
    ? mapping
    : { ...mapping, Ebs: { ...mapping.Ebs, Encrypted: true, KmsKeyId: kmsKeyId } };

const tagsFor = (ResourceType: ResourceType, tags: Tags): TagSpecification[] =>
  Object.keys(tags).length === 0 ? [] : [{ ResourceType, Tags: toTagList(tags) }];

/** EC2 takes 64 characters of ASCII. */
const clientToken = (text: string): string => createHash('sha256').update(text).digest('hex');

function made(operation: string, id: string | undefined): string {
  if (id !== undefined) return id;
  throw new AppError('CONTRACT', `${operation}: the answer has no id of what was made`);
}
