import { faultOf, metadataOf, sdkError } from '../sdk-answers.ts';
import type { Ec2Api } from './api.ts';
import { Ec2Error } from './errors.ts';
import { refuseUnknown } from './query/codec.ts';
import { SDK_OPERATIONS } from './query/restore.ts';
import * as places from './sdk/places.ts';
import * as reads from './sdk/reads.ts';
import { asText } from './sdk/values.ts';
import * as writes from './sdk/writes.ts';
import type { Ec2World } from './world.ts';

/** A command object of `@aws-sdk/client-ec2`. Its class's name tells what it does, so it must not be minified. */
export interface Ec2Command {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

type Operation = (api: Ec2Api, input: never) => object;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['CopySnapshotCommand', writes.copySnapshot],
  ['CreateSnapshotCommand', writes.createSnapshot],
  ['CreateSnapshotsCommand', writes.createSnapshots],
  ['CreateTagsCommand', writes.createTags],
  ['DeleteSnapshotCommand', writes.deleteSnapshot],
  ['DeleteTagsCommand', writes.deleteTags],
  ['DescribeAvailabilityZonesCommand', places.describeAvailabilityZones],
  ['DescribeInstancesCommand', reads.describeInstances],
  ['DescribeRegionsCommand', places.describeRegions],
  ['DescribeLockedSnapshotsCommand', reads.describeLockedSnapshots],
  ['DescribeSnapshotsCommand', reads.describeSnapshots],
  ['DescribeTagsCommand', reads.describeTags],
  ['DescribeVolumesCommand', reads.describeVolumes],
  ...[...SDK_OPERATIONS].map(
    ([name, { input, run }]) => [`${name}Command`, strict(name, new Set(Object.keys(input)), run)] as const,
  ),
]);

/** Refuses what the model does not know, as over the wire. */
function strict(name: string, known: ReadonlySet<string>, run: Operation): Operation {
  return (api, input: object) => {
    const given = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
    refuseUnknown(
      name,
      given.map(([member]) => member),
      known,
    );
    return run(api, input as never);
  };
}

/**
 * Runs one command of `@aws-sdk/client-ec2` against a region of a world, at once and without HTTP. A stub of a
 * client is `{ send: async (command) => runEc2Command(world, region, command) }`.
 * @returns what the SDK's client returns for it, `$metadata` included; do not change it, parts may be frozen
 * @throws Error as the SDK's client throws it after one attempt: `name` is EC2's code, with `$fault` and `$metadata`
 */
export function runEc2Command(world: Ec2World, region: string, command: Ec2Command): unknown {
  const requestId = world.nextRequestId();
  try {
    const output = operationOf(command)(world.api(region), command.input as never);
    return Object.assign(output, { $metadata: metadataOf(200, requestId) });
  } catch (error) {
    throw asSdkError(error, requestId);
  }
}

/**
 * What a command acts on, for the labels of faults: the id of a volume, an instance, an image or a snapshot (of a copy
 * the source, of a new volume or image what it is made of); empty for listings.
 */
export function subjectOfEc2Command({ input, constructor: { name } }: Ec2Command): string {
  if (name.startsWith('Describe')) return '';
  const fields = input as {
    readonly VolumeId?: string;
    readonly SnapshotId?: string;
    readonly SourceSnapshotId?: string;
    readonly InstanceSpecification?: { readonly InstanceId?: string };
    readonly Resources?: readonly string[];
    readonly ImageId?: string;
    readonly InstanceId?: string;
    readonly InstanceIds?: readonly string[];
    readonly BlockDeviceMappings?: readonly { readonly Ebs?: { readonly SnapshotId?: string } }[];
  };
  return (
    fields.VolumeId ??
    fields.SnapshotId ??
    fields.SourceSnapshotId ??
    fields.InstanceSpecification?.InstanceId ??
    fields.Resources?.[0] ??
    fields.ImageId ??
    fields.InstanceId ??
    fields.InstanceIds?.[0] ??
    fields.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ??
    ''
  );
}

function operationOf({ constructor: { name } }: Ec2Command): Operation {
  const operation = OPERATIONS.get(name);
  if (operation !== undefined) return operation;
  const action = name.replace(/Command$/, '');
  throw new Ec2Error('InvalidAction', `The action ${action} is not valid for this web service.`);
}

/** A mistake of the model itself is an `InternalError`, as over HTTP. */
function asSdkError(error: unknown, requestId: string): Error {
  const { code, status, message } = error instanceof Ec2Error ? error : internal(error);
  const text = asText(message);
  return sdkError(
    { name: code, message: text, $fault: faultOf(status), $metadata: metadataOf(status, requestId) },
    { $retryable: undefined, Code: code, Error: { Type: undefined, Code: code, Message: text } },
    error,
  );
}

function internal(error: unknown): Ec2Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Ec2Error('InternalError', `simulator: ${message}`, 500);
}
