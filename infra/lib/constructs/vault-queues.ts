import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { queueNames } from '../names.ts';
import { FUNCTION_SHAPES } from './function-shapes.ts';
import { DeadLetterQueue, WakeUpQueue, WorkQueue } from './work-queue.ts';

export interface VaultQueuesProps {
  readonly vault: string;
  readonly destinationRegions: readonly string[];
}

/**
 * Above the six minutes within which EC2 may not show yet what was just started: a message that comes back
 * after a lost answer must find the snapshot that the first try made. Also above the timeout of the pumps.
 */
const WORK_VISIBILITY = Duration.minutes(7);

/**
 * An event that brings work to copy wakes the copier too: the queue with the work is to be written first. The
 * snapshotter's work is there long before, and each second until it is woken leaves a permit unused.
 */
const WORK_FIRST = Duration.seconds(1);

/** The queues of the source region. */
export class VaultQueues extends Construct {
  /** One message per unit to snapshot; the group is the unit, the deduplication id its key. */
  readonly volumes: WorkQueue;
  /** By destination: raw events of finished snapshots, and what the reconciler found uncopied. */
  readonly copies: ReadonlyMap<string, WorkQueue>;
  /** One message per run, looked at again until the run is over. */
  readonly reports: WorkQueue;
  readonly snapshotterWakeUps: WakeUpQueue;
  readonly copierWakeUps: WakeUpQueue;
  /** Schedules that could not invoke, and invocations that failed three times. */
  readonly jobsDlq: DeadLetterQueue;
  /** Events that a rule could not deliver. */
  readonly eventsDlq: DeadLetterQueue;

  constructor(scope: Construct, id: string, { vault, destinationRegions }: VaultQueuesProps) {
    super(scope, id);
    const names = queueNames(vault);
    this.volumes = new WorkQueue(this, 'Volumes', {
      queueName: names.volumes,
      deadLetterQueueName: names.volumesDlq,
      visibilityTimeout: WORK_VISIBILITY,
    });
    this.copies = new Map(
      destinationRegions.map((region) => [
        region,
        new WorkQueue(this, `Copies-${region}`, {
          queueName: names.copies(region),
          deadLetterQueueName: names.copiesDlq(region),
          visibilityTimeout: WORK_VISIBILITY,
        }),
      ]),
    );
    this.reports = new WorkQueue(this, 'Reports', {
      queueName: names.reports,
      deadLetterQueueName: names.reportsDlq,
      // Six times the timeout of the function behind an event source mapping, as AWS recommends.
      visibilityTimeout: Duration.seconds(6 * FUNCTION_SHAPES.reporter.timeout.toSeconds()),
    });
    this.snapshotterWakeUps = new WakeUpQueue(this, 'SnapshotterWakeUps', {
      queueName: names.snapshotterWakeups,
      pumpTimeout: FUNCTION_SHAPES.snapshotter.timeout,
    });
    this.copierWakeUps = new WakeUpQueue(this, 'CopierWakeUps', {
      queueName: names.copierWakeups,
      pumpTimeout: FUNCTION_SHAPES.copier.timeout,
      deliveryDelay: WORK_FIRST,
    });
    this.jobsDlq = new DeadLetterQueue(this, 'JobsDlq', names.jobsDlq);
    this.eventsDlq = new DeadLetterQueue(this, 'EventsDlq', names.eventsDlq);
  }
}
