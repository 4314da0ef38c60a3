import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { VaultConfig } from '../config.ts';
import { deadLetterAlarm, VaultAlarm, type VaultMetricName, vaultMetric } from './vault-alarm.ts';
import type { VaultFunction } from './vault-function.ts';
import type { VaultQueues } from './vault-queues.ts';

export interface VaultAlarmsProps {
  readonly config: VaultConfig;
  readonly queues: VaultQueues;
  readonly functions: readonly VaultFunction[];
  readonly topic: ITopic;
}

const HOUR = Duration.hours(1);
const DAY = Duration.days(1);
const FIVE_MINUTES = Duration.minutes(5);
/** CloudWatch looks back a week at most. */
const LOOK_BACK_HOURS_MAX = 7 * 24;

/** The alarms of the source region. */
export class VaultAlarms extends Construct {
  private readonly props: VaultAlarmsProps;

  constructor(scope: Construct, id: string, props: VaultAlarmsProps) {
    super(scope, id);
    this.props = props;
    this.watchPromises();
    this.watchDeadLetters();
    this.watchFunctions();
  }

  /** What users are promised: backups happen, are recent, and leave the region. */
  private watchPromises(): void {
    const { config, queues, topic } = this.props;
    const { vault } = config;
    const silenceHours = Math.min(LOOK_BACK_HOURS_MAX, config.rpoHours);
    new VaultAlarm(this, {
      vault,
      topic,
      id: 'NoSnapshotsCreated',
      meaning: `No run of the vault has made a snapshot for ${silenceHours} hours.`,
      // Hours, not days: a period of a day slides, and rings whenever two runs end more than 24 hours apart.
      metric: vaultMetric('SnapshotsCreated', 'Sum', HOUR),
      comparison: 'less than',
      threshold: 1,
      evaluationPeriods: silenceHours,
      // Silence is the failure that this alarm is for.
      missingData: TreatMissingData.BREACHING,
    });
    this.watchAge('source', 'OldestPointAgeSeconds', 'recovery point');
    this.watchAge('destinations', 'OldestCopyAgeSeconds', 'complete copy');
    for (const [region, { queue }] of queues.copies) {
      new VaultAlarm(this, {
        vault,
        topic,
        id: 'OldestCopyWaiting',
        subject: region,
        meaning: `A snapshot has waited more than ${config.runDeadlineHours} hours for its copy to ${region}.`,
        metric: queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: FIVE_MINUTES }),
        comparison: 'more than',
        threshold: config.runDeadlineHours * 3600,
        evaluationPeriods: 3,
        missingData: TreatMissingData.NOT_BREACHING,
      });
    }
  }

  private watchAge(subject: string, metricName: VaultMetricName, what: string): void {
    const { config, topic } = this.props;
    new VaultAlarm(this, {
      vault: config.vault,
      topic,
      id: 'RpoBreached',
      subject,
      meaning: `The newest ${what} of a volume is older than ${config.rpoHours} hours.`,
      metric: vaultMetric(metricName, 'Maximum', HOUR),
      comparison: 'more than',
      threshold: config.rpoHours * 3600,
      // Told once per run: what the last run said stands until the next one says otherwise.
      missingData: TreatMissingData.IGNORE,
    });
  }

  private watchDeadLetters(): void {
    const { config, queues, topic } = this.props;
    const shared = { vault: config.vault, topic };
    deadLetterAlarm(this, {
      ...shared,
      id: 'DeadLettersVolumes',
      meaning: 'Snapshots of volumes failed for good.',
      queue: queues.volumes.deadLetters,
    });
    for (const [region, { deadLetters }] of queues.copies) {
      deadLetterAlarm(this, {
        ...shared,
        id: 'DeadLettersCopies',
        subject: region,
        meaning: `Copies to ${region} failed for good.`,
        queue: deadLetters,
      });
    }
    deadLetterAlarm(this, {
      ...shared,
      id: 'DeadLettersReports',
      meaning: 'The report of a run could not be made.',
      queue: queues.reports.deadLetters,
    });
    deadLetterAlarm(this, {
      ...shared,
      id: 'DeadLettersJobs',
      meaning: 'A scheduled job could not be started, or failed three times.',
      queue: queues.jobsDlq,
    });
    deadLetterAlarm(this, {
      ...shared,
      id: 'DeadLettersEvents',
      meaning: 'EBS events could not be delivered to the queues of the vault.',
      queue: queues.eventsDlq,
    });
  }

  private watchFunctions(): void {
    const { config, functions, topic } = this.props;
    const shared = {
      vault: config.vault,
      topic,
      threshold: 1,
      missingData: TreatMissingData.NOT_BREACHING,
    } as const;
    for (const { name, function: lambda } of functions) {
      new VaultAlarm(this, {
        ...shared,
        id: 'FunctionErrors',
        subject: name,
        meaning: `The ${name} function threw or ran out of time.`,
        metric: lambda.metricErrors({ statistic: 'Sum', period: FIVE_MINUTES }),
        comparison: 'at least',
      });
    }
    new VaultAlarm(this, {
      ...shared,
      id: 'RecordsFailed',
      meaning: 'Messages could not be handled; they are tried again up to five times.',
      metric: vaultMetric('RecordsFailed', 'Sum', FIVE_MINUTES),
      comparison: 'at least',
    });
    new VaultAlarm(this, {
      ...shared,
      id: 'PruneRefused',
      meaning: 'The pruner refused to delete in a region, as the plan or the inventory was not plausible.',
      metric: vaultMetric('PruneRefused', 'Sum', DAY),
      comparison: 'at least',
    });
  }
}
