import type { Ec2World } from '../ec2/world.ts';
import type { AccessRequest } from '../template/iam.ts';
import type { ServiceRequest } from './endpoint.ts';
import { LOCAL_ACCOUNT } from './queues.ts';

/** What IAM is asked before a request is served: every one of these must be allowed. */
export interface AccessNeeds {
  readonly service: string;
  /** The API operation, such as `CreateSnapshot`. */
  readonly operation: string;
  readonly needs: readonly AccessRequest[];
}

type Context = NonNullable<AccessRequest['context']>;
type Tags = ReadonlyMap<string, string>;

/** Which actions on which resources a request stands for, with the context that conditions may ask about. */
export function accessNeedsOf(
  request: ServiceRequest,
  world: Ec2World,
  arnOfQueue: (url: string) => string | undefined,
): AccessNeeds {
  const text = () => request.body.toString('utf8');
  switch (request.service) {
    case 'ec2': {
      const form = new URLSearchParams(text());
      const operation = form.get('Action') ?? '';
      const common: Context = { 'ec2:Region': request.region, 'aws:RequestedRegion': request.region };
      return { service: 'ec2', operation, needs: ec2Needs(operation, form, request.region, world, common) };
    }
    case 'sqs': {
      const operation = sqsOperationOf(request);
      const body = jsonOf(text());
      const url = typeof body['QueueUrl'] === 'string' ? body['QueueUrl'] : '';
      const source = typeof body['SourceArn'] === 'string' ? body['SourceArn'] : undefined;
      const action = `sqs:${operation.replace(/Batch$/, '')}`;
      const context = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': request.region };
      return {
        service: 'sqs',
        operation,
        needs: [{ action, resource: source ?? arnOfQueue(url) ?? '*', context }],
      };
    }
    case 'sns': {
      const form = new URLSearchParams(text());
      const operation = form.get('Action') ?? '';
      const resource = form.get('TopicArn') ?? form.get('TargetArn') ?? '*';
      return { service: 'sns', operation, needs: [{ action: `sns:${operation}`, resource }] };
    }
    case 'monitoring': {
      const target = request.headers['x-amz-target'];
      const form = target === undefined ? new URLSearchParams(text()) : undefined;
      const operation = target?.split('.').at(-1) ?? form?.get('Action') ?? '';
      const namespace = form?.get('Namespace') ?? jsonOf(text())['Namespace'];
      const context = typeof namespace === 'string' ? { 'cloudwatch:namespace': namespace } : {};
      return {
        service: 'monitoring',
        operation,
        needs: [{ action: `cloudwatch:${operation}`, resource: '*', context }],
      };
    }
    default:
      return { service: request.service, operation: '', needs: [] };
  }
}

/** The operation of a request in AWS JSON. */
export const sqsOperationOf = ({ headers }: ServiceRequest): string =>
  (headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');

/** EC2's rules for the calls of a vault; sources are in `docs/architecture.md` and the README of infra. */
function ec2Needs(
  operation: string,
  form: URLSearchParams,
  region: string,
  world: Ec2World,
  common: Context,
): AccessRequest[] {
  const requested = requestTags(form);
  const newSnapshot = `arn:aws:ec2:${region}::snapshot/*`;
  const create = { action: `ec2:${operation}`, resource: newSnapshot, context: { ...common, ...requested } };
  const tagging: AccessRequest[] =
    Object.keys(requested).length === 0
      ? []
      : [
          {
            action: 'ec2:CreateTags',
            resource: newSnapshot,
            context: { ...common, ...requested, 'ec2:CreateAction': operation },
          },
        ];
  const on = (id: string, more: Context = {}): AccessRequest => ({
    action: `ec2:${operation}`,
    resource: arnOf(id, region),
    context: { ...common, ...resourceTags(tagsOf(world, region, id)), ...more },
  });
  switch (operation) {
    case 'CreateSnapshot':
      return [on(form.get('VolumeId') ?? ''), create, ...tagging];
    case 'CreateSnapshots': {
      const instanceId = form.get('InstanceSpecification.InstanceId') ?? '';
      const left = new Set(valuesOf(form, 'InstanceSpecification.ExcludeDataVolumeId.'));
      const instance = world.region(region).instances.get(instanceId);
      const devices = (instance?.devices ?? []).filter(
        ({ volumeId, deviceName }) =>
          !left.has(volumeId) &&
          !(
            form.get('InstanceSpecification.ExcludeBootVolume') === 'true' &&
            deviceName === instance?.rootDeviceName
          ),
      );
      return [on(instanceId), ...devices.map(({ volumeId }) => on(volumeId)), create, ...tagging];
    }
    case 'CopySnapshot': {
      const source = `arn:aws:ec2:${form.get('SourceRegion') ?? ''}::snapshot/${form.get('SourceSnapshotId') ?? ''}`;
      return [create, { action: 'ec2:CopySnapshot', resource: source, context: common }, ...tagging];
    }
    case 'DeleteSnapshot':
      return [on(form.get('SnapshotId') ?? '')];
    case 'CreateTags':
    case 'DeleteTags':
      return valuesOf(form, 'ResourceId.').map((id) => on(id, requestTags(form)));
    default:
      return [{ action: `ec2:${operation}`, resource: '*', context: common }];
  }
}

function tagsOf(world: Ec2World, regionName: string, id: string): Tags {
  const region = world.region(regionName);
  if (id.startsWith('snap-')) return region.snapshots.get(id)?.tags ?? new Map();
  if (id.startsWith('vol-')) return region.volumes.get(id)?.tags ?? new Map();
  return region.instances.get(id)?.tags ?? new Map();
}

function arnOf(id: string, region: string): string {
  if (id.startsWith('snap-')) return `arn:aws:ec2:${region}::snapshot/${id}`;
  const type = id.startsWith('vol-') ? 'volume' : 'instance';
  return `arn:aws:ec2:${region}:${LOCAL_ACCOUNT}:${type}/${id}`;
}

function resourceTags(tags: Tags): Context {
  const context: Record<string, string> = {};
  for (const [key, value] of tags) {
    context[`aws:ResourceTag/${key}`] = value;
    context[`ec2:ResourceTag/${key}`] = value;
  }
  return context;
}

/** Tags that a request wants to set (`TagSpecification.1.Tag.2.Key` or `Tag.2.Key`). */
function requestTags(form: URLSearchParams): Context {
  const context: Record<string, string | string[]> = {};
  const keys: string[] = [];
  for (const [name, key] of form) {
    if (!/^(TagSpecification\.\d+\.)?Tag\.\d+\.Key$/.test(name)) continue;
    keys.push(key);
    context[`aws:RequestTag/${key}`] = form.get(name.replace(/Key$/, 'Value')) ?? '';
  }
  return keys.length === 0 ? {} : { ...context, 'aws:TagKeys': keys };
}

const valuesOf = (form: URLSearchParams, prefix: string): string[] =>
  [...form]
    .filter(([name]) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map(([, value]) => value);

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
