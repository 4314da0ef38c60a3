import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { type ConnectionOptions, clientSettings, withServerTime } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { collectPages } from './paginate.ts';

/** An alarm on one metric, as far as an operator needs to know it. Times are milliseconds since 1970. */
export interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** CloudWatch's own words for the state. */
  readonly reason: string;
  /** When it came into this state. */
  readonly since?: number;
  readonly threshold?: number;
  /** What is told when it rings, such as the ARN of a topic. */
  readonly actions: readonly string[];
  /** False when somebody has switched its actions off: it rings, and nobody is told. */
  readonly actionsEnabled: boolean;
}

/** What an operator's tool asks CloudWatch of one region. */
export interface AlarmCatalog {
  /** Alarms whose names start so. */
  listAlarms(namePrefix: string): Promise<readonly Alarm[]>;
  /**
   * Age of the oldest message in a queue, in seconds, as SQS last told CloudWatch in the 15 minutes before `at` (ms);
   * `undefined` when it told nothing, as for a queue that nobody uses.
   */
  oldestMessageSeconds(queueName: string, at: number): Promise<number | undefined>;
  /**
   * Sum of a metric of a service from `from` to `to` (ms), by the hour: at most 60 days. 0 also when CloudWatch knows
   * nothing of it: services do not tell zeros.
   */
  sumOf(metric: ServiceMetric, from: number, to: number): Promise<number>;
}

/** A metric that a service of AWS tells of something of ours. */
export type ServiceMetric =
  /** How often a function was invoked. */
  | { readonly kind: 'function-invocations'; readonly functionName: string }
  /** How often a rule of the default event bus has invoked a target. */
  | { readonly kind: 'rule-invocations'; readonly ruleName: string };

export interface AlarmCatalogOptions extends ConnectionOptions {
  /** A client to use instead of a new one. */
  readonly client?: CloudWatchClient;
}

const PER_PAGE = 100;
const LOOK_BACK_MS = 15 * 60_000;

/** Alarms and queue ages of one region. */
export function createAlarmCatalog(options: AlarmCatalogOptions): AlarmCatalog {
  const client = options.client ?? withServerTime(new CloudWatchClient(clientSettings(options)), options);
  return {
    listAlarms: async (AlarmNamePrefix) => {
      const found = await collectPages('DescribeAlarms', async (NextToken) => {
        const command = new DescribeAlarmsCommand({
          AlarmNamePrefix,
          AlarmTypes: ['MetricAlarm'],
          MaxRecords: PER_PAGE,
          NextToken,
        });
        const answer = await callAws('DescribeAlarms', () => client.send(command));
        return { items: answer.MetricAlarms ?? [], nextToken: answer.NextToken };
      });
      return found.map(toAlarm);
    },
    oldestMessageSeconds: (queueName, at) => oldestMessageSeconds(client, queueName, at),
    sumOf: (metric, from, to) => sumOf(client, metric, from, to),
  };
}

function toAlarm(given: MetricAlarm): Alarm {
  const since = given.StateTransitionedTimestamp ?? given.StateUpdatedTimestamp;
  return {
    name: given.AlarmName ?? '',
    description: given.AlarmDescription ?? '',
    state: given.StateValue ?? 'INSUFFICIENT_DATA',
    reason: given.StateReason ?? '',
    ...(since === undefined ? {} : { since: since.getTime() }),
    ...(given.Threshold === undefined ? {} : { threshold: given.Threshold }),
    actions: given.AlarmActions ?? [],
    actionsEnabled: given.ActionsEnabled ?? true,
  };
}

async function oldestMessageSeconds(
  client: CloudWatchClient,
  queueName: string,
  at: number,
): Promise<number | undefined> {
  const command = new GetMetricStatisticsCommand({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: queueName }],
    StartTime: new Date(at - LOOK_BACK_MS),
    EndTime: new Date(at),
    Period: 300,
    Statistics: ['Maximum'],
  });
  const { Datapoints = [] } = await callAws('GetMetricStatistics', () => client.send(command));
  const [newest] = [...Datapoints].sort(
    (a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0),
  );
  return newest?.Maximum;
}

const SUM_PERIOD_SECONDS = 3_600;

async function sumOf(
  client: CloudWatchClient,
  metric: ServiceMetric,
  from: number,
  to: number,
): Promise<number> {
  const command = new GetMetricStatisticsCommand({
    ...namesOf(metric),
    StartTime: new Date(from),
    EndTime: new Date(to),
    Period: SUM_PERIOD_SECONDS,
    Statistics: ['Sum'],
  });
  const { Datapoints = [] } = await callAws('GetMetricStatistics', () => client.send(command));
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html and
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const namesOf = (metric: ServiceMetric) =>
  metric.kind === 'function-invocations'
    ? {
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [{ Name: 'FunctionName', Value: metric.functionName }],
      }
    : {
        Namespace: 'AWS/Events',
        MetricName: 'Invocations',
        Dimensions: [{ Name: 'RuleName', Value: metric.ruleName }],
      };
