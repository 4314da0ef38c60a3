import { Fn } from 'aws-cdk-lib';
import type { VaultConfig } from '../config.ts';
import { type FunctionName, POLICY_NAME } from '../names.ts';
import { deployedSchedule } from '../schedule-expression.ts';
import type { VaultQueues } from './vault-queues.ts';
import { MAX_RECEIVE_COUNT } from './work-queue.ts';

export interface EnvironmentScope {
  readonly config: VaultConfig;
  readonly queues: VaultQueues;
  readonly topicArn: string;
}

type Environment = Readonly<Record<string, string>>;

/** The environment of a function: what all of them share, and its own. */
export function environmentOf(name: FunctionName, scope: EnvironmentScope): Environment {
  return { ...shared(scope), ...own(name, scope) };
}

function shared({ config, topicArn }: EnvironmentScope): Environment {
  return {
    SOURCE_REGION: config.sourceRegion,
    DEST_REGION: config.destinationRegions.join(','),
    RETENTION_DAYS: String(config.retentionDays),
    SNS_TOPIC_ARN: topicArn,
    VAULT_NAME: config.vault,
    POLICY_NAME,
  };
}

function own(name: FunctionName, { config, queues }: EnvironmentScope): Environment {
  const volumesQueueUrl = queues.volumes.queue.queueUrl;
  const snapshotterWakeUpsUrl = queues.snapshotterWakeUps.queueUrl;
  const works = config.destinationRegions.map((region) => queues.copies.get(region));
  const copiesQueueUrls = Fn.join(
    ',',
    works.map((work) => work?.queue.queueUrl ?? ''),
  );
  const copiesDlqUrls = Fn.join(
    ',',
    works.map((work) => work?.deadLetters.queueUrl ?? ''),
  );
  switch (name) {
    case 'scheduler':
      return {
        VOLUMES_QUEUE_URL: volumesQueueUrl,
        SNAPSHOTTER_WAKEUPS_QUEUE_URL: snapshotterWakeUpsUrl,
        REPORTS_QUEUE_URL: queues.reports.queue.queueUrl,
        CONSISTENCY: config.consistency,
      };
    case 'snapshotter':
      return {
        VOLUMES_QUEUE_URL: volumesQueueUrl,
        VOLUMES_DLQ_URL: queues.volumes.deadLetters.queueUrl,
        SNAPSHOTTER_WAKEUPS_QUEUE_URL: snapshotterWakeUpsUrl,
        PENDING_SNAPSHOTS_MAX: String(config.pendingSnapshotsMax),
        MAX_RECEIVE_COUNT: String(MAX_RECEIVE_COUNT),
      };
    case 'copier':
      return {
        COPIES_QUEUE_URLS: copiesQueueUrls,
        COPIES_DLQ_URLS: copiesDlqUrls,
        COPIER_WAKEUPS_QUEUE_URL: queues.copierWakeUps.queueUrl,
        COPIES_IN_FLIGHT_MAX: String(config.copiesInFlightMax),
        MAX_RECEIVE_COUNT: String(MAX_RECEIVE_COUNT),
        ...destinationKeys(config),
      };
    case 'reconciler': {
      const schedule = deployedSchedule({ expression: config.schedule, timezone: config.timezone });
      return {
        VOLUMES_QUEUE_URL: volumesQueueUrl,
        VOLUMES_DLQ_URL: queues.volumes.deadLetters.queueUrl,
        COPIES_QUEUE_URLS: copiesQueueUrls,
        COPIES_DLQ_URLS: copiesDlqUrls,
        SNAPSHOTTER_WAKEUPS_QUEUE_URL: snapshotterWakeUpsUrl,
        COPIER_WAKEUPS_QUEUE_URL: queues.copierWakeUps.queueUrl,
        CONSISTENCY: config.consistency,
        SCHEDULE_EXPRESSION: schedule.expression,
        SCHEDULE_TIMEZONE: schedule.timezone,
      };
    }
    case 'pruner':
      return {
        GRACE_HOURS: String(config.graceHours),
        KEEP_MIN: String(config.keepMin),
        DELETES_PER_RUN_MAX: String(config.deletesPerRunMax),
        DELETE_SHARE_MAX: String(config.deleteShareMax),
        PRUNER_MODE: config.prunerMode,
      };
    case 'reporter':
      return {
        REPORTS_QUEUE_URL: queues.reports.queue.queueUrl,
        VOLUMES_DLQ_URL: queues.volumes.deadLetters.queueUrl,
        COPIES_DLQ_URLS: copiesDlqUrls,
        RPO_HOURS: String(config.rpoHours),
        RUN_DEADLINE_HOURS: String(config.runDeadlineHours),
        CONSISTENCY: config.consistency,
      };
  }
}

/** Keys in the order of the destinations, empty for a region's default key. Absent when none is configured. */
function destinationKeys({ destinationRegions, kmsKeyIds }: VaultConfig): Environment {
  const keys = destinationRegions.map((region) => kmsKeyIds[region] ?? '');
  return keys.every((key) => key === '') ? {} : { DEST_KMS_KEY_IDS: keys.join(',') };
}
