import { hash32 } from '../prng.ts';
import type { StackPlace } from './template-types.ts';

/** What is known of a resource from its name and place alone. */
interface Identity {
  readonly place: StackPlace;
  readonly logicalId: string;
  readonly name: string;
  readonly property: (key: string) => unknown;
}

interface ResourceKind {
  /** The property that names it; CloudFormation makes up a name when it is not set. */
  readonly nameProperty?: string;
  readonly ref: (id: Identity) => string;
  readonly attributes?: Readonly<Record<string, (id: Identity) => string>>;
}

const arn = (service: string, resource: (name: string) => string) => (id: Identity) =>
  `arn:${id.place.partition}:${service}:${id.place.region}:${id.place.accountId}:${resource(id.name)}`;
const byName = (id: Identity): string => id.name;

const queueArn = arn('sqs', (name) => name);
const topicArn = arn('sns', (name) => name);
const functionArn = arn('lambda', (name) => `function:${name}`);
const alarmArn = arn('cloudwatch', (name) => `alarm:${name}`);
const logGroupArn = arn('logs', (name) => `log-group:${name}:*`);
const scheduleGroupArn = arn('scheduler', (name) => `schedule-group/${name}`);
const roleArn = (id: Identity): string =>
  `arn:${id.place.partition}:iam::${id.place.accountId}:role/${id.name}`;
const busOf = (id: Identity): string =>
  String(id.property('EventBusName') ?? 'default').replace(/^arn:.*\//, '');
const ruleArn = (id: Identity): string => {
  const path = busOf(id) === 'default' ? id.name : `${busOf(id)}/${id.name}`;
  return arn('events', () => `rule/${path}`)(id);
};
const scheduleArn = (id: Identity): string =>
  arn('scheduler', (name) => `schedule/${String(id.property('GroupName') ?? 'default')}/${name}`)(id);

/**
 * What `Ref` and `Fn::GetAtt` give for each type of resource that a vault may have. Types that are not here are
 * unknown to the reader. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
 */
const KINDS: Readonly<Record<string, ResourceKind>> = {
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    ref: (id) => id.place.queueUrl(id.name),
    attributes: { Arn: queueArn, QueueName: byName, QueueUrl: (id) => id.place.queueUrl(id.name) },
  },
  'AWS::SQS::QueuePolicy': { ref: byName },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    ref: topicArn,
    attributes: { TopicArn: topicArn, TopicName: byName },
  },
  'AWS::SNS::Subscription': { ref: (id) => `${topicArn(id)}:${hash32(id.logicalId).toString(16)}` },
  'AWS::SNS::TopicPolicy': { ref: byName },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', ref: byName, attributes: { Arn: functionArn } },
  'AWS::Lambda::EventInvokeConfig': { ref: byName },
  'AWS::Lambda::EventSourceMapping': {
    ref: byName,
    attributes: {
      EventSourceMappingArn: arn('lambda', (name) => `event-source-mapping:${name}`),
      Id: byName,
    },
  },
  'AWS::Lambda::Permission': { ref: byName },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    ref: (id) => (busOf(id) === 'default' ? id.name : `${busOf(id)}|${id.name}`),
    attributes: { Arn: ruleArn },
  },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name', ref: byName, attributes: { Arn: scheduleArn } },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    ref: byName,
    attributes: { Arn: scheduleGroupArn },
  },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', ref: byName, attributes: { Arn: alarmArn } },
  'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName', ref: byName },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    ref: byName,
    attributes: { Arn: roleArn, RoleId: (id) => `AROA${hash32(id.name).toString(36).toUpperCase()}` },
  },
  'AWS::IAM::Policy': { ref: byName },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName', ref: byName, attributes: { Arn: logGroupArn } },
  'AWS::Logs::QueryDefinition': { ref: byName, attributes: { QueryDefinitionId: byName } },
  'AWS::CDK::Metadata': { ref: byName },
};

/** Whether the reader knows this type. */
export const isKnownType = (type: string): boolean => Object.hasOwn(KINDS, type);

/** The name that the resource has, or gets from CloudFormation (made up here: stack, logical id and a hash). */
export function physicalName(
  place: StackPlace,
  resource: { logicalId: string; type: string; property: (key: string) => unknown },
): string {
  const nameProperty = KINDS[resource.type]?.nameProperty;
  const given = nameProperty === undefined ? undefined : resource.property(nameProperty);
  if (typeof given === 'string' && given !== '') return given;
  const hash = hash32(`${place.stack}/${resource.logicalId}`).toString(16).padStart(8, '0');
  const fifo = resource.property('FifoQueue') === true || resource.property('FifoTopic') === true;
  return `${place.stack.slice(0, 24)}-${resource.logicalId.slice(0, 24)}-${hash}${fifo ? '.fifo' : ''}`;
}

/** The value of `Ref`. */
export function refOf(type: string, id: Identity): string {
  return (KINDS[type] as ResourceKind).ref(id);
}

/** The value of `Fn::GetAtt`, or `undefined` when this model has no such attribute. */
export function attributeOf(type: string, attribute: string, id: Identity): string | undefined {
  return KINDS[type]?.attributes?.[attribute]?.(id);
}
