import type { FunctionResource, RoleResource, StackModel } from './model.ts';
import { isKnownType } from './physical-ids.ts';
import { complainer, Properties } from './properties.ts';
import { readAlarm, readDashboard, readRule, readSchedule, readScheduleGroup } from './read-events.ts';
import {
  type AssetFinder,
  type AttachedPolicy,
  type InvokeConfig,
  readFunction,
  readInvokeConfig,
  readLogGroup,
  readMapping,
  readPermission,
  readPolicy,
  readRole,
} from './read-functions.ts';
import { readQueue, readResourcePolicy, readSubscription, readTopic } from './read-queues.ts';
import type { Reading } from './reading.ts';
import { Resolver } from './resolver.ts';
import type { CfnResource, CfnTemplate, StackPlace, TemplateProblem } from './template-types.ts';

/** A stack as far as it was understood, and what was not. */
export interface StackReading {
  readonly model: StackModel;
  readonly problems: readonly TemplateProblem[];
}

/** Types that are read, but have no effect on the running system. */
const WITHOUT_EFFECT = new Set(['AWS::CDK::Metadata', 'AWS::Logs::QueryDefinition']);
/** Sections of a template that hold nothing to run. `Rules` are deploy-time checks of parameters. */
const KNOWN_SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Conditions',
  'Mappings',
  'Resources',
  'Outputs',
  'Rules',
]);

/** Reads one template into typed resources; collects every problem instead of stopping at the first. */
export function readStack(
  template: CfnTemplate,
  place: StackPlace,
  options: { findAsset: AssetFinder; parameters?: Readonly<Record<string, string>> },
): StackReading {
  const resolver = new Resolver(template, place, options.parameters);
  const { problems } = resolver;
  const byType = readingsByType(template, resolver);
  const all = <T>(type: string, read: (reading: Reading) => T): readonly T[] =>
    (byType.get(type) ?? []).map((reading) => {
      const resource = read(reading);
      reading.properties.complainAboutRest();
      return resource;
    });

  for (const section of Object.keys(template)) {
    if (!KNOWN_SECTIONS.has(section)) {
      problems.push({
        stack: place.stack,
        logicalId: '',
        type: section,
        text: 'a section that is not modelled',
      });
    }
  }
  const model: StackModel = {
    name: place.stack,
    region: place.region,
    accountId: place.accountId,
    queues: all('AWS::SQS::Queue', readQueue),
    queuePolicies: all('AWS::SQS::QueuePolicy', (reading) => readResourcePolicy(reading, 'Queues')),
    topics: all('AWS::SNS::Topic', readTopic),
    topicPolicies: all('AWS::SNS::TopicPolicy', (reading) => readResourcePolicy(reading, 'Topics')),
    subscriptions: all('AWS::SNS::Subscription', readSubscription),
    functions: withInvokeConfigs(
      all('AWS::Lambda::Function', (reading) => readFunction(reading, options.findAsset)),
      all('AWS::Lambda::EventInvokeConfig', readInvokeConfig),
    ),
    eventSourceMappings: all('AWS::Lambda::EventSourceMapping', readMapping),
    permissions: all('AWS::Lambda::Permission', readPermission),
    rules: all('AWS::Events::Rule', readRule),
    schedules: all('AWS::Scheduler::Schedule', readSchedule),
    scheduleGroups: all('AWS::Scheduler::ScheduleGroup', readScheduleGroup),
    alarms: all('AWS::CloudWatch::Alarm', readAlarm),
    dashboards: all('AWS::CloudWatch::Dashboard', readDashboard),
    roles: withPolicies(all('AWS::IAM::Role', readRole), all('AWS::IAM::Policy', readPolicy)),
    logGroups: all('AWS::Logs::LogGroup', readLogGroup),
    outputs: readOutputs(template, resolver),
  };
  return { model, problems };
}

/** Resolves the properties of every resource that is there, and names the types that nobody knows. */
function readingsByType(template: CfnTemplate, resolver: Resolver): ReadonlyMap<string, readonly Reading[]> {
  const byType = new Map<string, Reading[]>();
  for (const [logicalId, resource] of Object.entries(template.Resources ?? {})) {
    if (!resolver.holds(resource.Condition)) continue;
    if (WITHOUT_EFFECT.has(resource.Type)) continue;
    const reading = readingOf(logicalId, resource, resolver);
    if (isKnownType(resource.Type))
      byType.set(resource.Type, [...(byType.get(resource.Type) ?? []), reading]);
    else reading.problem('a resource type that is not modelled');
  }
  return byType;
}

function readingOf(logicalId: string, resource: CfnResource, resolver: Resolver): Reading {
  const { stack, region } = resolver.place;
  const owner = { stack, logicalId, type: resource.Type };
  const problem = complainer(resolver.problems, owner);
  const properties = new Properties(resolver.resolve(resource.Properties ?? {}, owner), problem);
  return { origin: { stack, region, logicalId }, type: resource.Type, properties, resolver, problem };
}

function withInvokeConfigs(
  functions: readonly FunctionResource[],
  configs: readonly InvokeConfig[],
): readonly FunctionResource[] {
  return functions.map((fn) => {
    const config = configs.find(({ functionName }) => functionName === fn.name);
    return config ? { ...fn, asyncInvoke: { ...fn.asyncInvoke, ...config.asyncInvoke } } : fn;
  });
}

function withPolicies(
  roles: readonly RoleResource[],
  attached: readonly AttachedPolicy[],
): readonly RoleResource[] {
  return roles.map((role) => {
    const more = attached
      .filter(({ roles: names }) => names.includes(role.name))
      .map(({ document }) => document);
    return { ...role, policies: [...role.policies, ...more] };
  });
}

function readOutputs(template: CfnTemplate, resolver: Resolver): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [
      name,
      String(resolver.resolve(Value, { logicalId: name, type: 'Output' })),
    ]),
  );
}
