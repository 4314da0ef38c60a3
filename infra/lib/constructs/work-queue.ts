import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** How long dead letters are kept. Longer than the work's own 4 days, as a standard letter keeps its age. */
const DEAD_LETTER_RETENTION = Duration.days(14);

/** How often a message is received before it counts as failed. AWS asks for at least 5 below Lambda. */
export const MAX_RECEIVE_COUNT = 5;

export interface VaultQueueProps extends QueueProps {
  readonly queueName: string;
}

/** A queue that takes messages over TLS only and encrypts them. FIFO when its name says so. */
export class VaultQueue extends Queue {
  constructor(scope: Construct, id: string, props: VaultQueueProps) {
    super(scope, id, {
      // Keys of SQS itself: EventBridge and Scheduler can send to the queue without a grant on a key.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      ...(props.queueName.endsWith('.fifo') ? { fifo: true } : {}),
      ...props,
    });
  }
}

/** Where something ends that nobody could do: kept for 14 days, watched by an alarm. */
export class DeadLetterQueue extends VaultQueue {
  constructor(scope: Construct, id: string, queueName: string) {
    super(scope, id, { queueName, retentionPeriod: DEAD_LETTER_RETENTION });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is a dead-letter queue itself: of another queue, of rules, of schedules or of a function.',
    });
  }
}

export interface WorkQueueProps {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
  readonly visibilityTimeout: Duration;
}

/** A queue that carries work, and the queue for what failed five times. */
export class WorkQueue extends Construct {
  readonly queue: VaultQueue;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', props.deadLetterQueueName);
    this.queue = new VaultQueue(this, 'Queue', {
      queueName: props.queueName,
      visibilityTimeout: props.visibilityTimeout,
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
  }
}

export interface WakeUpQueueProps {
  readonly queueName: string;
  /** Timeout of the pump that it wakes. */
  readonly pumpTimeout: Duration;
  /** How long a wake-up waits; none when left out. */
  readonly deliveryDelay?: Duration;
}

/**
 * Hints that a pump may have something to do; one message group per region, which is the lock of that region.
 *
 * It carries no work, so it keeps messages for minutes only and has no dead-letter queue: ticks come every
 * five minutes anyway. The visibility timeout is just above the pump's: a pump that died must not lock its
 * region for long, so the usual "six times the timeout" is wrong here.
 */
export class WakeUpQueue extends VaultQueue {
  constructor(scope: Construct, id: string, { queueName, pumpTimeout, deliveryDelay }: WakeUpQueueProps) {
    super(scope, id, {
      queueName,
      contentBasedDeduplication: true,
      retentionPeriod: Duration.minutes(10),
      visibilityTimeout: pumpTimeout.plus(Duration.seconds(30)),
      ...(deliveryDelay === undefined ? {} : { deliveryDelay }),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'Wake-ups are hints that a tick repeats every five minutes; a lost one costs nothing.',
    });
  }
}
