import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { scheduleNames } from '../names.ts';
import type { VaultFunction } from './vault-function.ts';
import { SCHEDULED_TIME, VaultSchedule } from './vault-schedule.ts';
import type { WakeUpQueue } from './work-queue.ts';

export interface PumpProps {
  readonly vault: string;
  readonly function: VaultFunction;
  readonly wakeUps: WakeUpQueue;
  /** The message groups: the regions that this pump works for, one at a time each. */
  readonly regions: readonly string[];
  readonly scheduleGroup: CfnScheduleGroup;
  readonly jobsDlq: IQueue;
}

/**
 * A function that works a queue while there are permits, woken through a FIFO queue with one message group per
 * region: the group is the lock, so that a region never has two pumps at once. A tick every five minutes is the
 * safety net for lost events.
 */
export class Pump extends Construct {
  constructor(scope: Construct, id: string, props: PumpProps) {
    super(scope, id);
    props.function.function.addEventSource(
      new SqsEventSource(props.wakeUps, { batchSize: 10, reportBatchItemFailures: true }),
    );
    for (const region of props.regions) {
      new VaultSchedule(this, `Tick-${region}`, {
        name: scheduleNames(props.vault).tick(props.function.name, region),
        description: `Wakes the ${props.function.name} for ${region}, in case an event was lost`,
        group: props.scheduleGroup,
        expression: 'rate(5 minutes)',
        target: { kind: 'queue', queue: props.wakeUps, messageGroupId: region },
        input: { v: 1, kind: 'wake-up', region, cause: 'tick', id: SCHEDULED_TIME },
        // The next tick says the same.
        maxEventAge: Duration.minutes(5),
        deadLetterQueue: props.jobsDlq,
      });
    }
  }
}
