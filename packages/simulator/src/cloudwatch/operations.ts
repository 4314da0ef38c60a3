import type { AlarmState } from './alarm-rules.ts';
import type { AlarmStatus } from './alarms.ts';
import type { CloudWatch } from './cloudwatch.ts';
import { CloudWatchFault, Fields } from './fields.ts';
import { keyOf, type MetricId, STATISTICS, type Statistic, statisticOf } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';

export { CloudWatchFault } from './fields.ts';

/** An API operation: input as JSON has it (or texts for numbers, from the query protocol), output with `Date`s. */
export type Operation = (cloudwatch: CloudWatch, input: unknown) => Record<string, unknown> | undefined;

/** What this model of CloudWatch answers to. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  PutMetricData: putMetricData,
  ListMetrics: listMetrics,
  GetMetricStatistics: getMetricStatistics,
  DescribeAlarms: describeAlarms,
  EnableAlarmActions: forEachAlarm((cloudwatch, name) => cloudwatch.setActionsEnabled(name, true)),
  DisableAlarmActions: forEachAlarm((cloudwatch, name) => cloudwatch.setActionsEnabled(name, false)),
  DeleteAlarms: forEachAlarm((cloudwatch, name) => cloudwatch.deleteAlarm(name)),
};

/** An operation that takes names of alarms and answers nothing. */
function forEachAlarm(act: (cloudwatch: CloudWatch, name: string) => void): Operation {
  return (cloudwatch, input) => {
    for (const name of new Fields(input, '').texts('AlarmNames')) act(cloudwatch, name);
    return undefined;
  };
}

const METRICS_PER_PAGE = 500;
const DATAPOINTS_MAX = 1_440;

function listMetrics(cloudwatch: CloudWatch, input: unknown): Record<string, unknown> {
  const fields = new Fields(input, '');
  const wanted = fields.list('Dimensions').map((item) => [item.text('Name'), item.text('Value')] as const);
  const found = cloudwatch.metrics
    .list()
    .filter(
      (id) =>
        [undefined, id.namespace].includes(fields.text('Namespace')) &&
        [undefined, id.name].includes(fields.text('MetricName')) &&
        wanted.every(([name, value]) =>
          value === undefined
            ? Object.hasOwn(id.dimensions, name ?? '')
            : id.dimensions[name ?? ''] === value,
        ),
    );
  const page = pageOf(found, fields.text('NextToken'), METRICS_PER_PAGE);
  return {
    Metrics: page.items.map((id) => ({
      Namespace: id.namespace,
      MetricName: id.name,
      Dimensions: dimensionList(id),
    })),
    ...(page.next && { NextToken: page.next }),
  };
}

function getMetricStatistics(cloudwatch: CloudWatch, input: unknown): Record<string, unknown> {
  const fields = new Fields(input, '');
  const id = fields.metricId();
  const fromMs = fields.requiredTime('StartTime');
  const toMs = fields.requiredTime('EndTime');
  const periodSeconds = fields.requiredNumber('Period');
  if (fromMs >= toMs) {
    throw new CloudWatchFault(
      'InvalidParameterCombination',
      'The parameter StartTime must be less than EndTime.',
    );
  }
  if (!(periodSeconds >= 60) || periodSeconds % 60 !== 0) {
    throw new CloudWatchFault('InvalidParameterValue', 'The parameter Period must be a multiple of 60.');
  }
  if ((toMs - fromMs) / (periodSeconds * 1_000) > DATAPOINTS_MAX) {
    throw new CloudWatchFault(
      'InvalidParameterCombination',
      `You have requested more than ${DATAPOINTS_MAX} datapoints, which is the limit.`,
    );
  }
  const statistics = fields.texts('Statistics');
  for (const name of statistics) {
    if (!STATISTICS.includes(name as Statistic)) {
      throw new CloudWatchFault(
        'InvalidParameterValue',
        `The value ${name} for parameter Statistics is invalid.`,
      );
    }
  }
  const unit = cloudwatch.metrics.unitOf(id);
  const points = cloudwatch.metrics.datapoints(id, fromMs, toMs, periodSeconds * 1_000);
  return {
    Label: id.name,
    Datapoints: points.map(({ startMs, values }) => ({
      Timestamp: new Date(startMs),
      ...Object.fromEntries(statistics.map((name) => [name, statisticOf(values, name as Statistic)])),
      Unit: unit,
    })),
  };
}

function describeAlarms(cloudwatch: CloudWatch, input: unknown): Record<string, unknown> {
  const fields = new Fields(input, '');
  const names = fields.texts('AlarmNames');
  const types = fields.texts('AlarmTypes');
  const prefix = fields.text('AlarmNamePrefix') ?? '';
  const state = fields.text('StateValue') as AlarmState | undefined;
  const found = cloudwatch
    .alarms()
    .filter(
      (alarm) =>
        (types.length === 0 || types.includes('MetricAlarm')) &&
        (names.length === 0 || names.includes(alarm.spec.name)) &&
        alarm.spec.name.startsWith(prefix) &&
        (state === undefined || alarm.state === state),
    );
  const page = pageOf(found, fields.text('NextToken'), fields.number('MaxRecords') ?? 50);
  return {
    CompositeAlarms: [],
    MetricAlarms: page.items.map(describeAlarm),
    ...(page.next && { NextToken: page.next }),
  };
}

function describeAlarm({ spec, state, reason, sinceMs }: AlarmStatus): Record<string, unknown> {
  return {
    AlarmName: spec.name,
    AlarmArn: spec.arn,
    ...(spec.description !== undefined && { AlarmDescription: spec.description }),
    ActionsEnabled: spec.actionsEnabled,
    OKActions: spec.actions.OK,
    AlarmActions: spec.actions.ALARM,
    InsufficientDataActions: spec.actions.INSUFFICIENT_DATA,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(sinceMs),
    StateTransitionedTimestamp: new Date(sinceMs),
    MetricName: spec.metric.name,
    Namespace: spec.metric.namespace,
    Statistic: spec.statistic,
    Dimensions: dimensionList(spec.metric),
    Period: spec.periodSeconds,
    EvaluationPeriods: spec.evaluationPeriods,
    DatapointsToAlarm: spec.datapointsToAlarm,
    Threshold: spec.threshold,
    ComparisonOperator: spec.comparison,
    TreatMissingData: spec.treatMissingData,
  };
}

const dimensionList = (id: MetricId): readonly { Name: string; Value: string }[] =>
  Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value }));

/** The token is the key of the first one that is left. */
function pageOf<T extends MetricId | AlarmStatus>(
  items: readonly T[],
  token: string | undefined,
  max: number,
): { items: readonly T[]; next?: string } {
  const keyed = items.map((item) => ('spec' in item ? item.spec.name : keyOf(item)));
  const from = token === undefined ? 0 : keyed.findIndex((key) => encode(key) === token);
  if (from < 0) throw new CloudWatchFault('InvalidNextToken', 'The next token is invalid.');
  const next = keyed[from + max];
  return { items: items.slice(from, from + max), ...(next !== undefined && { next: encode(next) }) };
}

const encode = (key: string): string => Buffer.from(key).toString('base64url');
