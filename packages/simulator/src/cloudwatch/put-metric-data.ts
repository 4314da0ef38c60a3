import type { CloudWatch } from './cloudwatch.ts';
import { CloudWatchFault, Fields } from './fields.ts';
import { type MetricId, merge, type StatisticSet, single } from './metric-store.ts';

const METRICS_MAX = 1_000;
const VALUES_MAX = 150;
const VALUE_LIMIT = 2 ** 360;
const PAST_MAX_MS = 14 * 86_400_000;
const FUTURE_MAX_MS = 2 * 3_600_000;

interface Datum {
  readonly id: MetricId;
  readonly values: StatisticSet;
  readonly atMs: number;
  readonly unit: string | undefined;
}

/**
 * PutMetricData: all of it or nothing. Limits as documented: 1,000 metrics, 150 values each, 30 dimensions, between two
 * weeks ago and two hours ahead, and no namespace of AWS's own.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export function putMetricData(cloudwatch: CloudWatch, input: unknown): undefined {
  const fields = new Fields(input, '');
  const namespace = fields.requiredText('Namespace');
  if (namespace.startsWith('AWS/') || namespace.startsWith(':') || namespace.length > 255) {
    throw invalid(`The value ${namespace} for parameter Namespace is invalid.`);
  }
  const data = fields.list('MetricData');
  if (data.length === 0)
    throw new CloudWatchFault('MissingParameter', 'The parameter MetricData is required.');
  if (data.length > METRICS_MAX)
    throw invalid(`The collection MetricData must not have a size greater than ${METRICS_MAX}.`);
  const read = data.map((datum) => readDatum(datum, namespace, cloudwatch.now()));
  for (const { id, values, atMs, unit } of read) cloudwatch.putValues(id, values, atMs, unit);
  return undefined;
}

function readDatum(datum: Fields, namespace: string, now: number): Datum {
  const id = datum.metricId(namespace);
  const atMs = datum.time('Timestamp') ?? now;
  if (atMs < now - PAST_MAX_MS || atMs > now + FUTURE_MAX_MS) {
    throw invalid(
      `The Timestamp of ${id.name} must be within two weeks before and two hours after the present.`,
    );
  }
  return { id, values: readValues(datum, id.name), atMs, unit: datum.text('Unit') };
}

function readValues(datum: Fields, name: string): StatisticSet {
  const given = ['Value', 'Values', 'StatisticValues'].filter((field) => datum.has(field));
  if (given.length !== 1) {
    throw new CloudWatchFault(
      'InvalidParameterCombination',
      `${name} needs exactly one of Value, Values and StatisticValues.`,
    );
  }
  const values = given[0] === 'StatisticValues' ? readStatistics(datum) : readList(datum, name);
  if (Math.abs(values.minimum) > VALUE_LIMIT || Math.abs(values.maximum) > VALUE_LIMIT) {
    throw invalid(`The value of ${name} is out of range.`);
  }
  return values;
}

function readStatistics(datum: Fields): StatisticSet {
  const set = datum.record('StatisticValues');
  return {
    count: set.requiredNumber('SampleCount'),
    sum: set.requiredNumber('Sum'),
    minimum: set.requiredNumber('Minimum'),
    maximum: set.requiredNumber('Maximum'),
  };
}

function readList(datum: Fields, name: string): StatisticSet {
  const values = datum.has('Value') ? [datum.requiredNumber('Value')] : datum.numbers('Values');
  const counts = datum.has('Counts') ? datum.numbers('Counts') : values.map(() => 1);
  if (values.length === 0 || values.length > VALUES_MAX || counts.length !== values.length) {
    throw invalid(`${name} needs 1 to ${VALUES_MAX} Values and as many Counts.`);
  }
  return values.map((value, at) => single(value, counts[at])).reduce(merge);
}

const invalid = (message: string): CloudWatchFault => new CloudWatchFault('InvalidParameterValue', message);
