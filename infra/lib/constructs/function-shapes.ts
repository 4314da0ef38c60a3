import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from '../names.ts';

/** What differs between the functions, apart from their code, environment and permissions. */
export interface FunctionShape {
  readonly timeout: Duration;
  /** Invoked asynchronously, by a schedule: a failed invocation needs a dead-letter queue. */
  readonly scheduled: boolean;
  readonly description: string;
}

export const FUNCTION_SHAPES: Readonly<Record<FunctionName, FunctionShape>> = {
  scheduler: {
    timeout: Duration.minutes(5),
    scheduled: true,
    description: 'Lists the tagged instances and enqueues one message per unit to snapshot',
  },
  snapshotter: {
    timeout: Duration.minutes(5),
    scheduled: false,
    description: 'Pump: starts snapshots while the region has room for pending ones',
  },
  copier: {
    timeout: Duration.minutes(5),
    scheduled: false,
    description: 'Pump: starts copies while a destination has room for them',
  },
  reconciler: {
    timeout: Duration.minutes(15),
    scheduled: true,
    description: 'Compares every region with what should be there and enqueues what is missing',
  },
  pruner: {
    timeout: Duration.minutes(15),
    scheduled: true,
    description: 'Condemns expired snapshots and deletes them after a grace period',
  },
  reporter: {
    timeout: Duration.minutes(5),
    scheduled: false,
    description: 'Compares each run with what EC2 holds; publishes metrics and a digest',
  },
};
