import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { AppError, type Metric, type MetricSink } from '@smart-vault/core';
import { type ConnectionOptions, clientSettings } from './clients.ts';
import { callAws } from './ebs-errors.ts';
import { chunksOf } from './paginate.ts';

export interface MetricSinkOptions extends ConnectionOptions {
  /** A client to use instead of a new one. */
  readonly client?: CloudWatchClient;
}

const NAMESPACE = 'SmartVault';
const DIMENSIONS = [{ Name: 'Service', Value: 'Backup' }];
/** PutMetricData takes 1,000 metrics in one call. */
const METRICS_PER_CALL = 1_000;

/** CloudWatch metrics of the vault: namespace `SmartVault`, dimension `Service=Backup`. */
export function createMetricSink(options: MetricSinkOptions): MetricSink {
  const client = options.client ?? createCloudWatchClient(options);
  return {
    put: async (metrics, at) => {
      for (const metric of metrics) assertFinite(metric);
      for (const some of chunksOf(metrics, METRICS_PER_CALL)) {
        const command = new PutMetricDataCommand({
          Namespace: NAMESPACE,
          MetricData: some.map((metric) => toDatum(metric, at)),
        });
        await callAws('PutMetricData', () => client.send(command));
      }
    },
  };
}

/** Not compressed: our metrics are few, and plain requests are easier to look at. */
const createCloudWatchClient = (options: ConnectionOptions): CloudWatchClient =>
  new CloudWatchClient({ ...clientSettings(options), disableRequestCompression: true });

function toDatum({ name, value, unit }: Metric, at: number) {
  return { MetricName: name, Value: value, Unit: unit, Timestamp: new Date(at), Dimensions: DIMENSIONS };
}

/** CloudWatch would refuse the whole call. */
function assertFinite({ name, value }: Metric): void {
  if (!Number.isFinite(value))
    throw new AppError('INVALID', `metric ${name} is ${value}; a finite number is needed`);
}
