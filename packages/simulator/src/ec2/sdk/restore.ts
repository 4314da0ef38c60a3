import type {
  AttachVolumeRequest,
  CreateVolumeRequest,
  DeleteVolumeRequest,
  DeregisterImageRequest,
  DeregisterImageResult,
  DetachVolumeRequest,
  InstanceStateChange,
  ModifyInstanceAttributeRequest,
  RegisterImageRequest,
  RegisterImageResult,
  Reservation,
  RunInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
  Volume,
  VolumeAttachment,
} from '@aws-sdk/client-ec2';
import type { Ec2Api } from '../api.ts';
import type { AttachmentChange } from '../attachments.ts';
import { STATE_CODES } from '../describe-kinds.ts';
import type { StateChange } from '../instances.ts';
import { attachmentOf, instanceOf, volumeOf } from './resources.ts';

export const createVolume = (api: Ec2Api, input: CreateVolumeRequest): Volume =>
  volumeOf(api.createVolume(input));

export const attachVolume = (api: Ec2Api, input: AttachVolumeRequest): VolumeAttachment =>
  changeOf(api.attachVolume(input));

export const detachVolume = (api: Ec2Api, input: DetachVolumeRequest): VolumeAttachment =>
  changeOf(api.detachVolume(input));

const changeOf = ({ volumeId, attachment }: AttachmentChange): VolumeAttachment =>
  attachmentOf(volumeId, attachment);

export function deleteVolume(api: Ec2Api, input: DeleteVolumeRequest): object {
  api.deleteVolume(input);
  return {};
}

export const registerImage = (api: Ec2Api, input: RegisterImageRequest): RegisterImageResult => ({
  ImageId: api.registerImage(input).id,
});

export function deregisterImage(api: Ec2Api, input: DeregisterImageRequest): DeregisterImageResult {
  api.deregisterImage(input);
  return { Return: true };
}

export function runInstances(api: Ec2Api, input: RunInstancesRequest): Reservation {
  const instance = api.runInstances(input);
  return {
    ReservationId: instance.reservationId,
    OwnerId: instance.ownerId,
    Groups: [],
    Instances: [instanceOf(instance)],
  };
}

export const startInstances = (api: Ec2Api, input: StartInstancesRequest): StartInstancesResult => ({
  StartingInstances: api.startInstances(input).map(stateChangeOf),
});

export const stopInstances = (api: Ec2Api, input: StopInstancesRequest): StopInstancesResult => ({
  StoppingInstances: api.stopInstances(input).map(stateChangeOf),
});

export const terminateInstances = (
  api: Ec2Api,
  input: TerminateInstancesRequest,
): TerminateInstancesResult => ({ TerminatingInstances: api.terminateInstances(input).map(stateChangeOf) });

const stateChangeOf = ({ id, before, after }: StateChange): InstanceStateChange => ({
  InstanceId: id,
  CurrentState: { Code: STATE_CODES[after], Name: after },
  PreviousState: { Code: STATE_CODES[before], Name: before },
});

export function modifyInstanceAttribute(api: Ec2Api, input: ModifyInstanceAttributeRequest): object {
  api.modifyInstanceAttribute(input);
  return {};
}
