import type {
  ModifyInstanceAttributeRequest,
  StartInstancesRequest,
  StopInstancesRequest,
  TerminateInstancesRequest,
} from '@aws-sdk/client-ec2';
import { changeDevice, removeDevice } from './attachments.ts';
import { dryRunSucceeded, Ec2Error, missing } from './errors.ts';
import { checkId, INSTANCE_ID, notFound } from './ids.ts';
import type { RegionState } from './region.ts';
import type { InstanceRecord, InstanceState } from './types.ts';

/** What a call did to the state of one instance. */
export interface StateChange {
  readonly id: string;
  readonly before: InstanceState;
  readonly after: InstanceState;
}

/** @throws Ec2Error for a bad id, and for one of an instance that is not there */
export function instanceNamed(region: RegionState, given: string | undefined): InstanceRecord {
  const id = checkId(given, INSTANCE_ID);
  const instance = region.instances.get(id);
  if (instance === undefined) throw notFound([id], INSTANCE_ID);
  return instance;
}

interface Transition {
  readonly operation: string;
  /** `started`, `stopped` or `terminated`, for the error. */
  readonly verb: string;
  readonly from: readonly InstanceState[];
  readonly through: InstanceState;
  readonly to: InstanceState;
  /** States in which nothing is left to do. */
  readonly done: readonly InstanceState[];
  check?(instance: InstanceRecord): void;
}

/** StartInstances: `pending`, and `running` later. @throws Ec2Error */
export const startInstances = (region: RegionState, input: StartInstancesRequest): readonly StateChange[] =>
  change(region, input, {
    operation: 'StartInstances',
    verb: 'started',
    from: ['stopped'],
    through: 'pending',
    to: 'running',
    done: ['pending', 'running'],
    check: checkRoot,
  });

/** StopInstances: `stopping`, and `stopped` later. @throws Ec2Error */
export const stopInstances = (region: RegionState, input: StopInstancesRequest): readonly StateChange[] =>
  change(region, input, {
    operation: 'StopInstances',
    verb: 'stopped',
    from: ['running'],
    through: 'stopping',
    to: 'stopped',
    done: ['stopping', 'stopped'],
  });

/** TerminateInstances: `shutting-down`, and `terminated` later, when its volumes are deleted or let go. @throws Ec2Error */
export const terminateInstances = (
  region: RegionState,
  input: TerminateInstancesRequest,
): readonly StateChange[] =>
  change(region, input, {
    operation: 'TerminateInstances',
    verb: 'terminated',
    from: ['pending', 'running', 'stopping', 'stopped'],
    through: 'shutting-down',
    to: 'terminated',
    done: ['shutting-down', 'terminated'],
  });

/** All of the instances or none. */
function change(
  region: RegionState,
  { InstanceIds = [], DryRun }: StartInstancesRequest,
  transition: Transition,
): readonly StateChange[] {
  return region.call(transition.operation, InstanceIds[0] ?? '', () => {
    if (InstanceIds.length === 0) throw missing('InstanceId');
    const instances = InstanceIds.map((id) => instanceNamed(region, id));
    for (const instance of instances) checkState(instance, transition);
    if (DryRun) throw dryRunSucceeded();
    return instances.map((instance) => begin(region, instance, transition));
  });
}

function checkState(instance: InstanceRecord, { verb, from, done, check }: Transition): void {
  if (done.includes(instance.state)) return;
  if (!from.includes(instance.state)) {
    throw new Ec2Error(
      'IncorrectInstanceState',
      `The instance '${instance.id}' is not in a state from which it can be ${verb}.`,
    );
  }
  check?.(instance);
}

function checkRoot({ id, rootDeviceName = '', devices }: InstanceRecord): void {
  if (devices.some(({ deviceName }) => deviceName === rootDeviceName)) return;
  throw new Ec2Error(
    'IncorrectState',
    `Invalid value '${id}' for instanceId. Instance does not have a volume attached at root (${rootDeviceName})`,
  );
}

function begin(
  region: RegionState,
  instance: InstanceRecord,
  { through, to, done }: Transition,
): StateChange {
  const { id, state: before } = instance;
  if (done.includes(before)) return { id, before, after: before };
  region.instances.update({ ...instance, state: through });
  settleLater(region, id, through, to);
  return { id, before, after: through };
}

/** Ends a passing state of an instance after its time. */
export function settleLater(
  region: RegionState,
  id: string,
  through: InstanceState,
  to: InstanceState,
  also: () => void = () => {},
): void {
  region.after(region.account.knobs.instanceSeconds, `${id} is ${to}`, () => {
    const instance = region.instances.get(id);
    if (instance?.state !== through) return;
    if (to === 'terminated') terminate(region, instance);
    else region.instances.update({ ...instance, state: to });
    also();
  });
}

/** Ends an instance now: volumes that go with it are deleted, the others become available. */
export function terminate(region: RegionState, instance: InstanceRecord): void {
  region.instances.update({ ...instance, state: 'terminated', devices: [] });
  for (const { volumeId, deleteOnTermination } of instance.devices) {
    if (region.volumes.get(volumeId) === undefined) continue;
    if (deleteOnTermination) region.volumes.remove(volumeId);
    else removeDevice(region, volumeId, instance.id);
  }
}

/** ModifyInstanceAttribute: which volumes go with the instance. Other attributes are not modelled. @throws Ec2Error */
export function modifyInstanceAttribute(region: RegionState, input: ModifyInstanceAttributeRequest): void {
  region.call('ModifyInstanceAttribute', input.InstanceId ?? '', () => {
    const instance = instanceNamed(region, input.InstanceId);
    const changes = (input.BlockDeviceMappings ?? []).map(({ DeviceName, Ebs }) => {
      const device = instance.devices.find(({ deviceName }) => deviceName === DeviceName);
      if (device === undefined || (Ebs?.VolumeId ?? device.volumeId) !== device.volumeId)
        throw new Ec2Error('InvalidInstanceAttributeValue', `No device is currently mapped at ${DeviceName}`);
      return { volumeId: device.volumeId, deleteOnTermination: Ebs?.DeleteOnTermination };
    });
    if (input.DryRun) throw dryRunSucceeded();
    for (const { volumeId, deleteOnTermination } of changes) {
      if (deleteOnTermination !== undefined)
        changeDevice(region, volumeId, instance.id, { deleteOnTermination });
    }
  });
}
