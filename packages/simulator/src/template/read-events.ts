import type { AlarmState } from '../cloudwatch/alarm-rules.ts';
import type { AlarmSpec } from '../cloudwatch/alarms.ts';
import { STATISTICS } from '../cloudwatch/metric-store.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../events/delivery.ts';
import type { EventRule, RuleTarget } from '../events/event-bus.ts';
import { compilePattern } from '../events/pattern.ts';
import type { ScheduleSpec } from '../scheduler/schedules.ts';
import type { DashboardResource, Origin, ScheduleGroupResource } from './model.ts';
import type { Properties } from './properties.ts';
import { nameAndArn, optional, type Reading } from './reading.ts';

/** `AWS::Events::Rule` with an event pattern. */
export function readRule(reading: Reading): Origin & EventRule {
  const { properties, origin, problem } = reading;
  properties.ignore('Name', 'Description', 'RoleArn', 'Tags');
  if (properties.has('ScheduleExpression'))
    problem('ScheduleExpression: only rules with an EventPattern are modelled');
  const pattern = properties.any('EventPattern');
  try {
    compilePattern(pattern);
  } catch (error) {
    problem(error instanceof Error ? error.message : String(error));
  }
  return {
    ...origin,
    ...nameAndArn(reading),
    busName: (properties.text('EventBusName') ?? 'default').replace(/^arn:.*\//, ''),
    pattern,
    state: properties.choice('State', ['ENABLED', 'DISABLED'], 'ENABLED'),
    targets: properties.items('Targets').map(readTarget),
  };
}

function readTarget(target: Properties): RuleTarget {
  const transformer = target.inner('InputTransformer');
  const paths = transformer.any('InputPathsMap') ?? {};
  return {
    id: target.requiredText('Id'),
    arn: target.requiredText('Arn'),
    retry: readRetry(target),
    ...optional('messageGroupId', target.inner('SqsParameters').text('MessageGroupId')),
    ...optional('deadLetterArn', target.inner('DeadLetterConfig').text('Arn')),
    ...optional('roleArn', target.text('RoleArn')),
    ...optional('input', target.text('Input')),
    ...optional('inputPath', target.text('InputPath')),
    ...(target.has('InputTransformer') && {
      transformer: {
        paths: paths as Record<string, string>,
        template: transformer.requiredText('InputTemplate'),
      },
    }),
  };
}

function readRetry(target: Properties): RetryPolicy {
  const retry = target.inner('RetryPolicy');
  return {
    maximumRetryAttempts: retry.number('MaximumRetryAttempts') ?? DEFAULT_RETRY_POLICY.maximumRetryAttempts,
    maximumEventAgeSeconds:
      retry.number('MaximumEventAgeInSeconds') ?? DEFAULT_RETRY_POLICY.maximumEventAgeSeconds,
  };
}

/** `AWS::Scheduler::Schedule`. */
export function readSchedule(reading: Reading): Origin & ScheduleSpec {
  const { properties, origin } = reading;
  properties.ignore('Name', 'GroupName', 'Description', 'KmsKeyArn');
  const window = properties.inner('FlexibleTimeWindow');
  const flexible = window.choice('Mode', ['OFF', 'FLEXIBLE'], 'OFF') === 'FLEXIBLE';
  const windowMinutes = window.number('MaximumWindowInMinutes');
  const target = properties.inner('Target');
  return {
    ...origin,
    ...nameAndArn(reading),
    expression: properties.requiredText('ScheduleExpression'),
    timeZone: properties.text('ScheduleExpressionTimezone') ?? 'UTC',
    state: properties.choice('State', ['ENABLED', 'DISABLED'], 'ENABLED'),
    ...(flexible && optional('flexibleWindowMinutes', windowMinutes)),
    ...optional('startMs', readTime(reading, 'StartDate')),
    ...optional('endMs', readTime(reading, 'EndDate')),
    target: {
      arn: target.requiredText('Arn'),
      retry: readRetry(target),
      ...optional('roleArn', target.text('RoleArn')),
      ...optional('input', target.text('Input')),
      ...optional('messageGroupId', target.inner('SqsParameters').text('MessageGroupId')),
      ...optional('deadLetterArn', target.inner('DeadLetterConfig').text('Arn')),
    },
  };
}

function readTime({ properties, problem }: Reading, name: string): number | undefined {
  const text = properties.text(name);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) problem(`${name} is no time: ${text}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `AWS::Scheduler::ScheduleGroup`. */
export function readScheduleGroup(reading: Reading): ScheduleGroupResource {
  reading.properties.ignore('Name', 'Tags');
  return { ...reading.origin, ...nameAndArn(reading) };
}

/** `AWS::CloudWatch::Alarm` on one metric; metric math is not modelled. */
export function readAlarm(reading: Reading): Origin & AlarmSpec {
  const { properties, origin } = reading;
  properties.ignore('AlarmName', 'Tags');
  const metric = readMetric(reading);
  const evaluationPeriods = properties.requiredNumber('EvaluationPeriods');
  const actions: Record<AlarmState, readonly string[]> = {
    OK: properties.texts('OKActions'),
    ALARM: properties.texts('AlarmActions'),
    INSUFFICIENT_DATA: properties.texts('InsufficientDataActions'),
  };
  return {
    ...origin,
    ...nameAndArn(reading),
    ...optional('description', properties.text('AlarmDescription')),
    ...metric,
    evaluationPeriods,
    datapointsToAlarm: properties.number('DatapointsToAlarm') ?? evaluationPeriods,
    threshold: properties.requiredNumber('Threshold'),
    comparison: properties.choice(
      'ComparisonOperator',
      [
        'GreaterThanOrEqualToThreshold',
        'GreaterThanThreshold',
        'LessThanThreshold',
        'LessThanOrEqualToThreshold',
      ],
      'GreaterThanThreshold',
    ),
    treatMissingData: properties.choice(
      'TreatMissingData',
      ['breaching', 'notBreaching', 'ignore', 'missing'],
      'missing',
    ),
    actionsEnabled: properties.boolean('ActionsEnabled') ?? true,
    actions,
  };
}

type MetricPart = Pick<AlarmSpec, 'metric' | 'statistic' | 'periodSeconds' | 'unit'>;

/** The metric in the alarm itself, or the only one in `Metrics` (so CDK writes a metric of a named region). */
function readMetric({ properties, problem }: Reading): MetricPart {
  if (!properties.has('Metrics')) return metricPart(properties, properties, 'Statistic');
  const [only, ...more] = properties.items('Metrics');
  if (only === undefined || more.length > 0 || only.has('Expression'))
    problem('Metrics: metric math is not modelled');
  only?.ignore('Id', 'ReturnData', 'AccountId', 'Label');
  const stat = (only ?? properties).inner('MetricStat');
  return metricPart(stat.inner('Metric'), stat, 'Stat');
}

function metricPart(metric: Properties, at: Properties, statistic: string): MetricPart {
  const dimensions = metric.items('Dimensions');
  return {
    metric: {
      namespace: metric.requiredText('Namespace'),
      name: metric.requiredText('MetricName'),
      dimensions: Object.fromEntries(
        dimensions.map((dimension) => [dimension.requiredText('Name'), dimension.requiredText('Value')]),
      ),
    },
    statistic: at.choice(statistic, STATISTICS, 'Average'),
    periodSeconds: at.requiredNumber('Period'),
    ...optional('unit', at.text('Unit')),
  };
}

/** `AWS::CloudWatch::Dashboard`. */
export function readDashboard(reading: Reading): DashboardResource {
  const { properties, origin, resolver, problem } = reading;
  properties.ignore('DashboardName');
  const body = properties.requiredText('DashboardBody');
  try {
    JSON.parse(body);
  } catch {
    problem('DashboardBody is no JSON');
  }
  return { ...origin, name: resolver.nameOf(origin.logicalId), body };
}
