import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alarmName, METRIC_DIMENSIONS, METRIC_NAMESPACE, runbookPage } from '../names.ts';

/** Each has a page in `docs/runbook/`, named after it. */
type AlarmId =
  | 'NoSnapshotsCreated'
  | 'RpoBreached'
  | 'OldestCopyWaiting'
  | 'DeadLettersVolumes'
  | 'DeadLettersCopies'
  | 'DeadLettersReports'
  | 'DeadLettersJobs'
  | 'DeadLettersEvents'
  | 'DeadLettersForwarding'
  | 'FunctionErrors'
  | 'RecordsFailed'
  | 'PruneRefused';

export interface VaultAlarmProps {
  readonly vault: string;
  readonly id: AlarmId;
  /** What of several it watches: a function, a destination. Ends the alarm's name. */
  readonly subject?: string;
  /** What it means, in one sentence for the person who is woken. */
  readonly meaning: string;
  readonly metric: IMetric;
  readonly comparison: 'at least' | 'more than' | 'less than';
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  readonly missingData: TreatMissingData;
  readonly topic: ITopic;
}

const OPERATORS: Readonly<Record<VaultAlarmProps['comparison'], ComparisonOperator>> = {
  'at least': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  'more than': ComparisonOperator.GREATER_THAN_THRESHOLD,
  'less than': ComparisonOperator.LESS_THAN_THRESHOLD,
};

/** An alarm that notifies the topic, and whose description says where its runbook page is. */
export class VaultAlarm extends Alarm {
  constructor(scope: Construct, props: VaultAlarmProps) {
    super(scope, ['Alarm', props.id, props.subject].filter((part) => part !== undefined).join('-'), {
      alarmName: alarmName(props.vault, props.id, props.subject),
      alarmDescription: `${props.meaning} Runbook: ${runbookPage(props.id)}`,
      metric: props.metric,
      comparisonOperator: OPERATORS[props.comparison],
      threshold: props.threshold,
      evaluationPeriods: props.evaluationPeriods ?? 1,
      treatMissingData: props.missingData,
    });
    this.addAlarmAction(new SnsAction(props.topic));
  }
}

export type VaultMetricName =
  | 'SnapshotsCreated'
  | 'CopiesCompleted'
  | 'VolumesSelected'
  | 'VolumesUnprotected'
  | 'OldestPointAgeSeconds'
  | 'OldestCopyAgeSeconds'
  | 'RecordsFailed'
  | 'PruneRefused';

/** One of our own metrics; the functions write them. */
export const vaultMetric = (
  metricName: VaultMetricName,
  statistic: 'Sum' | 'Maximum',
  period: Duration,
): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { ...METRIC_DIMENSIONS },
    statistic,
    period,
  });

export interface DeadLetterAlarmProps {
  readonly vault: string;
  readonly id: Extract<AlarmId, `DeadLetters${string}`>;
  readonly subject?: string;
  readonly meaning: string;
  readonly queue: IQueue;
  readonly topic: ITopic;
}

/** Rises with the first letter and stays until the queue is empty: a letter is a backup or a job that failed. */
export const deadLetterAlarm = (scope: Construct, props: DeadLetterAlarmProps): VaultAlarm => {
  const { queue, ...rest } = props;
  return new VaultAlarm(scope, {
    ...rest,
    metric: queue.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      period: Duration.minutes(5),
    }),
    comparison: 'at least',
    threshold: 1,
    // SQS stops sending the metrics of a queue that nobody uses.
    missingData: TreatMissingData.NOT_BREACHING,
  });
};

/** Where the console shows a dashboard. */
export const dashboardUrl = (scope: Construct, dashboard: string): string => {
  const { region } = Stack.of(scope);
  return `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard}`;
};
