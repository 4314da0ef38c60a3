import type { AlarmChange } from './alarms.ts';

/** Subject and body of what an alarm publishes to an SNS topic. */
export interface AlarmMessage {
  readonly subject: string;
  readonly body: string;
}

/** The message that CloudWatch sends to an SNS topic when an alarm changes its state; the body is JSON. */
export function alarmMessage(change: AlarmChange, at: { region: string; accountId: string }): AlarmMessage {
  const { alarm } = change;
  const body = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: at.accountId,
    NewStateValue: change.to,
    NewStateReason: change.reason,
    StateChangeTime: new Date(change.atMs).toISOString().replace('Z', '+0000'),
    Region: at.region,
    AlarmArn: alarm.arn,
    OldStateValue: change.from,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    Trigger: {
      MetricName: alarm.metric.name,
      Namespace: alarm.metric.namespace,
      StatisticType: 'Statistic',
      Statistic: alarm.statistic.toUpperCase(),
      Unit: alarm.unit ?? null,
      Dimensions: Object.entries(alarm.metric.dimensions).map(([name, value]) => ({ name, value })),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      DatapointsToAlarm: alarm.datapointsToAlarm,
      ComparisonOperator: alarm.comparison,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.treatMissingData,
    },
  };
  const subject = `${change.to}: "${alarm.name}" in ${at.region}`;
  return { subject: subject.slice(0, 99), body: JSON.stringify(body) };
}
