import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { VaultConfig } from '../config.ts';
import { dashboardName } from '../names.ts';
import { type VaultMetricName, vaultMetric } from './vault-alarm.ts';
import type { VaultFunction } from './vault-function.ts';
import type { VaultQueues } from './vault-queues.ts';

export interface VaultDashboardProps {
  readonly config: VaultConfig;
  readonly queues: VaultQueues;
  readonly functions: readonly VaultFunction[];
}

const HOUR = Duration.hours(1);
const FIVE_MINUTES = Duration.minutes(5);
const COLUMN = 8;

/** The vault at a glance, in the order of the flow: runs, snapshots, copies, then what waits and what failed. */
export class VaultDashboard extends Construct {
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, { config, queues, functions }: VaultDashboardProps) {
    super(scope, id);
    const works = [queues.volumes, ...queues.copies.values()].map((work) => work.queue);
    const deadLetters = [
      queues.volumes.deadLetters,
      ...[...queues.copies.values()].map((work) => work.deadLetters),
      queues.reports.deadLetters,
      queues.jobsDlq,
      queues.eventsDlq,
    ];
    this.dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: dashboardName(config.vault),
      defaultInterval: Duration.days(7),
      widgets: [
        [new TextWidget({ markdown: heading(config), width: 24, height: 2 })],
        [
          graph('Runs: volumes', [ours('VolumesSelected', 'Sum'), ours('VolumesUnprotected', 'Sum')]),
          graph('Snapshots and copies', [ours('SnapshotsCreated', 'Sum'), ours('CopiesCompleted', 'Sum')]),
          graph('Oldest recovery point (seconds)', [
            ours('OldestPointAgeSeconds', 'Maximum'),
            ours('OldestCopyAgeSeconds', 'Maximum'),
          ]),
        ],
        [
          graph('Backlog: messages waiting', works.map(waiting)),
          graph('Backlog: oldest message (seconds)', works.map(oldest)),
          graph('Dead letters', deadLetters.map(waiting)),
        ],
        [
          graph(
            'Function errors',
            functions.map((one) => one.function.metricErrors({ period: HOUR, label: one.name })),
          ),
          graph('Function duration, longest (ms)', functions.map(duration)),
          graph('Failed records, refused prunes', [
            ours('RecordsFailed', 'Sum'),
            ours('PruneRefused', 'Sum'),
          ]),
        ],
      ],
    });
  }
}

const ours = (name: VaultMetricName, statistic: 'Sum' | 'Maximum'): IMetric =>
  vaultMetric(name, statistic, HOUR);

const waiting = (queue: IQueue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: FIVE_MINUTES });

const oldest = (queue: IQueue): IMetric =>
  queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: FIVE_MINUTES });

const duration = (one: VaultFunction): IMetric =>
  one.function.metricDuration({ statistic: 'Maximum', period: HOUR, label: one.name });

const graph = (title: string, metrics: readonly IMetric[]): IWidget =>
  new GraphWidget({ title, left: [...metrics], width: COLUMN, height: 6, leftYAxis: { min: 0 } });

const heading = (config: VaultConfig): string =>
  [
    `# Vault ${config.vault}`,
    `${config.sourceRegion} to ${config.destinationRegions.join(', ')}, \`${config.schedule}\` ${config.timezone}, ` +
      `kept ${config.retentionDays} days. An alarm's description names its runbook page.`,
  ].join('\n');
