import type { Metric } from '@smart-vault/core';

/**
 * Writes one metric as a line in CloudWatch's embedded metric format: namespace `SmartVault`, dimension
 * `Service=Backup`. The logs carry it, so that a function needs neither a permission nor a call for it.
 */
export function emitMetric(name: string, value: number, unit: Metric['unit'] = 'Count'): void {
  // The format wants a line that is nothing but the object, and Lambda's console adds a prefix.
  process.stdout.write(`${metricLine({ name, value, unit }, Date.now())}\n`);
}

/**
 * The embedded metric format of one metric at an instant in milliseconds since 1970. Dimension values and metric
 * values are root members.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricLine(metric: Metric, atMs: number): string {
  const { name, value, unit } = metric;
  return JSON.stringify({
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [
        { Namespace: 'SmartVault', Dimensions: [['Service']], Metrics: [{ Name: name, Unit: unit }] },
      ],
    },
    Service: 'Backup',
    [name]: value,
  });
}
