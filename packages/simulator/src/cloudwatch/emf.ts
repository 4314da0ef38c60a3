import type { Dimensions, StatisticSet } from './metric-store.ts';
import { merge, single } from './metric-store.ts';

/** A metric value found in a log line. */
export interface EmfMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly values: StatisticSet;
  readonly unit: string;
  readonly atMs: number;
}

/** What a log line is to CloudWatch Logs' metric extraction. */
export type EmfLine =
  | { readonly kind: 'metrics'; readonly metrics: readonly EmfMetric[] }
  | { readonly kind: 'plain' }
  | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Reads a line of a function's log in the Embedded Metric Format. The line must be the JSON object and nothing else;
 * a line with `_aws` that breaks the format yields no metrics at all, as AWS counts it as an error.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function parseEmfLine(line: string): EmfLine {
  const text = line.trim();
  if (!text.startsWith('{') || !text.includes('"_aws"')) return { kind: 'plain' };
  const root = parseObject(text);
  const metadata = root?.['_aws'];
  if (root === undefined || !isRecord(metadata)) return { kind: 'plain' };
  const atMs = metadata['Timestamp'];
  if (typeof atMs !== 'number' || !Number.isInteger(atMs))
    return rejected('_aws.Timestamp is no whole number');
  const directives = metadata['CloudWatchMetrics'];
  if (!Array.isArray(directives)) return rejected('_aws.CloudWatchMetrics is no list');
  try {
    return {
      kind: 'metrics',
      metrics: directives.flatMap((directive) => readDirective(root, directive, atMs)),
    };
  } catch (error) {
    return rejected(error instanceof Error ? error.message : String(error));
  }
}

function readDirective(
  root: Readonly<Record<string, unknown>>,
  directive: unknown,
  atMs: number,
): EmfMetric[] {
  if (!isRecord(directive)) throw new Error('a directive is no object');
  const { Namespace: namespace, Dimensions: sets = [[]], Metrics: metrics } = directive;
  if (typeof namespace !== 'string' || namespace === '') throw new Error('a directive has no Namespace');
  if (!Array.isArray(metrics) || metrics.length === 0 || metrics.length > 100) {
    throw new Error('a directive has no Metrics, or more than 100');
  }
  if (!Array.isArray(sets)) throw new Error('Dimensions is no list of lists');
  return metrics.flatMap((metric: unknown) => {
    if (!isRecord(metric) || typeof metric['Name'] !== 'string') throw new Error('a metric has no Name');
    const { Name: name, Unit: unit = 'None' } = metric;
    const values = valuesOf(root, name as string);
    return sets.map((set: unknown) => ({
      namespace,
      name: name as string,
      dimensions: dimensionsOf(root, set),
      values,
      unit: String(unit),
      atMs,
    }));
  });
}

function valuesOf(root: Readonly<Record<string, unknown>>, name: string): StatisticSet {
  const value = root[name];
  const numbers: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (numbers.length === 0 || numbers.length > 100) throw new Error(`${name} has no value, or more than 100`);
  return numbers
    .map((number) => {
      if (typeof number !== 'number' || !Number.isFinite(number)) throw new Error(`${name} is no number`);
      return single(number);
    })
    .reduce(merge);
}

function dimensionsOf(root: Readonly<Record<string, unknown>>, set: unknown): Dimensions {
  if (!Array.isArray(set) || set.length > 30)
    throw new Error('a dimension set is no list of at most 30 names');
  return Object.fromEntries(
    set.map((name: unknown) => {
      const value = root[String(name)];
      if (typeof value !== 'string') throw new Error(`dimension ${String(name)} is no text`);
      return [String(name), value];
    }),
  );
}

const rejected = (reason: string): EmfLine => ({ kind: 'rejected', reason });

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
