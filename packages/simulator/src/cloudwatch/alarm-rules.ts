/** A metric alarm's state. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type TreatMissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';
export type ComparisonOperator =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** The numbers that decide an alarm's state. */
export interface AlarmRule {
  readonly threshold: number;
  readonly comparison: ComparisonOperator;
  /** N. */
  readonly evaluationPeriods: number;
  /** M of N. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** What an evaluation says. `keep` leaves the state as it is. */
export interface Verdict {
  readonly state: AlarmState | 'keep';
  /** Real values that decided, newest first. */
  readonly used: readonly number[];
  /** How many of them breach. */
  readonly breaching: number;
  /** Missing ones that were filled in, as `treatMissingData` says. */
  readonly filled: number;
}

/**
 * Decides an alarm's state from the periods of its evaluation range, newest first, `undefined` for a missing one.
 *
 * With N real values or more the newest N count and missing ones do not matter. With fewer, all of them count and the
 * rest is filled in. `missing` and `ignore` raise the alarm early when the oldest value is M periods old or older and
 * every value breaches ("premature alarm"; `ignore` keeps the state instead). Source, and the tables that the tests
 * follow: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function judge(rule: AlarmRule, range: readonly (number | undefined)[]): Verdict {
  const real = range.filter((value) => value !== undefined);
  const used = real.slice(0, rule.evaluationPeriods);
  const filled = Math.max(0, rule.evaluationPeriods - real.length);
  const breaching = used.filter((value) => breaches(rule, value)).length;
  const verdict = (state: Verdict['state']): Verdict => ({ state, used, breaching, filled });

  if (breaching >= rule.datapointsToAlarm) return verdict('ALARM');
  if (filled === 0) return verdict('OK');
  const onlyBreaching = breaching === used.length;
  switch (rule.treatMissingData) {
    case 'breaching':
      return verdict(breaching + filled >= rule.datapointsToAlarm ? 'ALARM' : 'OK');
    case 'notBreaching':
      return verdict('OK');
    case 'ignore':
      return verdict(onlyBreaching ? 'keep' : 'OK');
    case 'missing': {
      if (real.length === 0) return verdict('INSUFFICIENT_DATA');
      const oldest = range.findLastIndex((value) => value !== undefined) + 1;
      return verdict(onlyBreaching && oldest >= rule.datapointsToAlarm ? 'ALARM' : 'OK');
    }
  }
}

/** Whether a value is on the wrong side of the threshold. */
function breaches(rule: AlarmRule, value: number): boolean {
  switch (rule.comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= rule.threshold;
    case 'GreaterThanThreshold':
      return value > rule.threshold;
    case 'LessThanThreshold':
      return value < rule.threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= rule.threshold;
  }
}

const COMPARISON_WORDS: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** The state's reason in CloudWatch's manner. */
export function reasonOf(rule: AlarmRule, verdict: Verdict): string {
  const { used, filled } = verdict;
  const periods = `${rule.evaluationPeriods} ${rule.evaluationPeriods === 1 ? 'period' : 'periods'}`;
  const missing = `${filled} missing ${filled === 1 ? 'datapoint was' : 'datapoints were'} treated as`;
  if (verdict.state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${filled} ${filled === 1 ? 'datapoint was' : 'datapoints were'} unknown.`;
  }
  const treated = rule.treatMissingData === 'breaching' ? '[Breaching]' : '[NonBreaching]';
  if (used.length === 0)
    return `Threshold Crossed: no datapoints were received for ${periods} and ${missing} ${treated}.`;
  const alarm = verdict.state === 'ALARM';
  const count = alarm ? verdict.breaching : used.length - verdict.breaching;
  const values = used.map((value) => Number(value.toFixed(6))).join(', ');
  const filling = filled > 0 && rule.treatMissingData.endsWith('reaching') ? ` ${missing} ${treated}.` : '';
  return (
    `Threshold Crossed: ${count} out of the last ${used.length} datapoints [${values}] ` +
    `${count === 1 ? 'was' : 'were'} ${alarm ? '' : 'not '}${COMPARISON_WORDS[rule.comparison]} the threshold ` +
    `(${rule.threshold}).${filling}`
  );
}
