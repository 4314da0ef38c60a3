import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type FunctionName, METRIC_NAMESPACE } from '../names.ts';
import { type EbsScope, mayCopy, mayLook, mayPrune, maySnapshot } from './ebs-permissions.ts';
import { allow, type Permission } from './permission.ts';
import type { VaultQueues } from './vault-queues.ts';

/** Everything that the roles of the functions are made from. */
export interface PermissionScope extends EbsScope {
  readonly queues: VaultQueues;
  readonly topicArn: string;
  readonly prunerMode: 'live' | 'dry-run';
}

/** The whole of what a function may do, but writing its own log. */
export function permissionsOf(name: FunctionName, scope: PermissionScope): readonly Permission[] {
  const { queues, sourceRegion } = scope;
  const everywhere = [sourceRegion, ...scope.destinationRegions];
  const copies = [...queues.copies.values()];
  const deadLetters = [queues.volumes.deadLetters, ...copies.map((work) => work.deadLetters)];
  switch (name) {
    case 'scheduler':
      return [
        mayLook(['Instances', 'Volumes'], [sourceRegion]),
        maySend('Enqueue', [queues.volumes.queue, queues.snapshotterWakeUps, queues.reports.queue]),
      ];
    case 'snapshotter':
      return [
        mayLook(['Instances', 'Volumes', 'Snapshots'], [sourceRegion]),
        ...maySnapshot(scope),
        ...mayPump([queues.volumes.queue]),
        mayConsume('ReceiveWakeUps', [queues.snapshotterWakeUps]),
        maySend('WakeItselfAndBury', [queues.snapshotterWakeUps, queues.volumes.deadLetters]),
      ];
    case 'copier':
      return [
        mayLook(['Snapshots'], everywhere),
        ...mayCopy(scope),
        ...mayPump(copies.map((work) => work.queue)),
        mayConsume('ReceiveWakeUps', [queues.copierWakeUps]),
        maySend('WakeItselfAndBury', [queues.copierWakeUps, ...copies.map((work) => work.deadLetters)]),
      ];
    case 'reconciler':
      return [
        mayLook(['Instances', 'Volumes', 'Snapshots'], everywhere),
        mayMeasure([queues.volumes.queue, ...copies.map((work) => work.queue)]),
        mayPeek(deadLetters),
        maySend('Enqueue', [
          queues.volumes.queue,
          ...copies.map((work) => work.queue),
          queues.snapshotterWakeUps,
          queues.copierWakeUps,
        ]),
      ];
    case 'pruner':
      return [
        mayLook(['Snapshots', 'Images', 'LockedSnapshots'], everywhere),
        // A dry run cannot delete even when the code is wrong.
        ...(scope.prunerMode === 'live' ? mayPrune(scope) : []),
      ];
    case 'reporter':
      return [
        mayLook(['Instances', 'Volumes', 'Snapshots'], everywhere),
        mayConsume('ReceiveRuns', [queues.reports.queue]),
        maySend('LookAgainLater', [queues.reports.queue]),
        mayPeek(deadLetters),
        allow({ sid: 'Notify', actions: ['sns:Publish'], resources: [scope.topicArn] }),
        allow({
          sid: 'PutMetrics',
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } },
          wildcardReason:
            'PutMetricData has no resource-level permissions; the condition names our namespace.',
        }),
      ];
  }
}

const arnsOf = (queues: readonly IQueue[]): readonly string[] => queues.map((queue) => queue.queueArn);

const maySend = (sid: string, queues: readonly IQueue[]): Permission =>
  allow({ sid, actions: ['sqs:SendMessage'], resources: arnsOf(queues) });

const mayMeasure = (queues: readonly IQueue[]): Permission =>
  allow({ sid: 'Measure', actions: ['sqs:GetQueueAttributes'], resources: arnsOf(queues) });

/** What an event source mapping asks of the role of its function. */
const mayConsume = (sid: string, queues: readonly IQueue[]): Permission =>
  allow({
    sid,
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:GetQueueAttributes',
    ],
    resources: arnsOf(queues),
  });

/** Working a queue by hand: receive, do, delete, or hand back (with a delay, or as a fresh copy). */
const mayPump = (queues: readonly IQueue[]): readonly Permission[] => [
  mayConsume('Work', queues),
  maySend('HandBack', queues),
];

/** Reading dead letters and leaving them where they are. */
const mayPeek = (queues: readonly IQueue[]): Permission =>
  allow({
    sid: 'ReadDeadLetters',
    actions: ['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    resources: arnsOf(queues),
  });
