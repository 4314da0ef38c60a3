import { CfnOutput, Duration, Stack, Token } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { VaultConfig } from '../config.ts';
import {
  dashboardName,
  FUNCTION_NAMES,
  type FunctionName,
  POLICY_NAME,
  ruleNames,
  scheduleNames,
} from '../names.ts';
import { deployedSchedule } from '../schedule-expression.ts';
import { EbsEventRule } from './ebs-event-rule.ts';
import { environmentOf } from './environment.ts';
import { LogQueries } from './log-queries.ts';
import { Notifications } from './notifications.ts';
import { permissionsOf } from './permissions.ts';
import { Pump } from './pump.ts';
import { tagWithSettings } from './settings-tags.ts';
import { dashboardUrl } from './vault-alarm.ts';
import { VaultAlarms } from './vault-alarms.ts';
import { VaultDashboard } from './vault-dashboard.ts';
import { VaultFunction } from './vault-function.ts';
import { VaultQueues } from './vault-queues.ts';
import { SCHEDULED_TIME, scheduleGroup, VaultSchedule } from './vault-schedule.ts';

export interface SmartVaultProps {
  readonly config: VaultConfig;
  /** The code of a function: its bundle, whose handler is `index.handler`. */
  readonly code: (name: FunctionName) => Code;
}

/**
 * A vault in its source region: everything but the forwarding of events from the destinations, for which each
 * destination needs a `SmartVaultDestination`.
 */
export class SmartVault extends Construct {
  readonly queues: VaultQueues;
  readonly notifications: Notifications;
  readonly functions: ReadonlyMap<FunctionName, VaultFunction>;

  private readonly props: SmartVaultProps;

  constructor(scope: Construct, id: string, props: SmartVaultProps) {
    super(scope, id);
    this.props = props;
    const { config } = props;
    mustBeIn(this, config.sourceRegion);
    this.queues = new VaultQueues(this, 'Queues', config);
    tagWithSettings(this.queues.volumes.queue, config);
    this.notifications = new Notifications(this, 'Notifications', {
      vault: config.vault,
      emails: config.alertEmails,
    });
    this.functions = new Map(FUNCTION_NAMES.map((name) => [name, this.createFunction(name)]));
    this.routeEvents();
    this.schedule();
    this.functionNamed('reporter').function.addEventSource(
      new SqsEventSource(this.queues.reports.queue, { batchSize: 1, reportBatchItemFailures: true }),
    );
    this.observe();
  }

  /** The construct of one function. */
  functionNamed(name: FunctionName): VaultFunction {
    const found = this.functions.get(name);
    if (found === undefined) throw new Error(`invariant broken: no function ${name}`);
    return found;
  }

  private createFunction(name: FunctionName): VaultFunction {
    const { config, code } = this.props;
    const { partition, account } = Stack.of(this);
    const topicArn = this.notifications.topic.topicArn;
    return new VaultFunction(this, titleCase(name), {
      vault: config.vault,
      name,
      code: code(name),
      environment: environmentOf(name, { config, queues: this.queues, topicArn }),
      permissions: permissionsOf(name, { ...config, partition, account, queues: this.queues, topicArn }),
      logRetention: config.logRetentionDays,
      jobsDlq: this.queues.jobsDlq,
    });
  }

  /** What has ended somewhere wakes the pump that may now go on. */
  private routeEvents(): void {
    const { vault, sourceRegion, destinationRegions } = this.props.config;
    const { queues } = this;
    const rules = ruleNames(vault);
    const shared = { deadLetterQueue: queues.eventsDlq } as const;
    const ended = { ...shared, region: sourceRegion, events: ['createSnapshot', 'createSnapshots'] } as const;

    const freed = new EbsEventRule(this, 'SnapshotEnded', {
      ...ended,
      ruleName: rules.snapshotEnded,
      description: 'A snapshot is no longer pending: the snapshotter may start another',
    });
    freed.wake('Snapshotter', queues.snapshotterWakeUps, sourceRegion);

    for (const [region, copies] of queues.copies) {
      const ready = new EbsEventRule(this, `SnapshotReady-${region}`, {
        ...ended,
        ruleName: rules.snapshotReady(region),
        description: `A snapshot may be copied to ${region}`,
      });
      ready.sendTo('Copies', copies.queue);
      ready.wake('Copier', queues.copierWakeUps, region);
    }
    for (const region of destinationRegions) {
      const copied = new EbsEventRule(this, `CopyEnded-${region}`, {
        ...shared,
        region,
        events: ['copySnapshot'],
        ruleName: rules.copyEnded(region),
        description: `A copy to ${region} has ended (forwarded from there): the copier may start another`,
      });
      copied.wake('Copier', queues.copierWakeUps, region);
    }
  }

  private schedule(): void {
    const { config } = this.props;
    const names = scheduleNames(config.vault);
    const group = scheduleGroup(this, 'Schedules', config.vault);
    const jobsDlq = this.queues.jobsDlq;
    const shared = { vault: config.vault, scheduleGroup: group, jobsDlq } as const;
    new Pump(this, 'SnapshotterPump', {
      ...shared,
      function: this.functionNamed('snapshotter'),
      wakeUps: this.queues.snapshotterWakeUps,
      regions: [config.sourceRegion],
    });
    new Pump(this, 'CopierPump', {
      ...shared,
      function: this.functionNamed('copier'),
      wakeUps: this.queues.copierWakeUps,
      regions: config.destinationRegions,
    });

    const job = (name: FunctionName) =>
      ({
        group,
        deadLetterQueue: jobsDlq,
        maxEventAge: Duration.hours(24),
        target: { kind: 'function', function: this.functionNamed(name).function },
      }) as const;
    new VaultSchedule(this, 'Backup', {
      ...job('scheduler'),
      name: names.backup,
      description: 'Starts a run; the instant it is for is its slot, however late or often it is called',
      ...deployedSchedule({ expression: config.schedule, timezone: config.timezone }),
      input: { v: 1, kind: 'scheduled-run', policy: POLICY_NAME, slot: SCHEDULED_TIME },
    });
    new VaultSchedule(this, 'Reconcile', {
      ...job('reconciler'),
      name: names.reconcile,
      description: 'Looks for what an event or a run should have caused and has not',
      expression: 'rate(1 hour)',
      // The next hour's run sees the same.
      maxEventAge: Duration.hours(1),
      input: { v: 1, kind: 'scheduled-job', job: 'reconcile', at: SCHEDULED_TIME },
    });
    new VaultSchedule(this, 'Prune', {
      ...job('pruner'),
      name: names.prune,
      description: 'Condemns and deletes what has expired',
      ...deployedSchedule({ expression: config.pruneSchedule, timezone: config.timezone }),
      input: { v: 1, kind: 'scheduled-job', job: 'prune', at: SCHEDULED_TIME },
    });
  }

  private observe(): void {
    const { config } = this.props;
    const { queues } = this;
    const { topic } = this.notifications;
    const functions = [...this.functions.values()];
    new VaultAlarms(this, 'Alarms', { config, queues, functions, topic });
    new VaultDashboard(this, 'Dashboard', { config, queues, functions });
    new LogQueries(this, 'LogQueries', { vault: config.vault, functions });

    const outputs: Readonly<Record<string, string>> = {
      TopicArn: topic.topicArn,
      DashboardUrl: dashboardUrl(this, dashboardName(config.vault)),
      VolumesQueueUrl: queues.volumes.queue.queueUrl,
      VolumesDlqUrl: queues.volumes.deadLetters.queueUrl,
      ReportsQueueUrl: queues.reports.queue.queueUrl,
      SnapshotterWakeUpsQueueUrl: queues.snapshotterWakeUps.queueUrl,
      CopierWakeUpsQueueUrl: queues.copierWakeUps.queueUrl,
      JobsDlqUrl: queues.jobsDlq.queueUrl,
      EventsDlqUrl: queues.eventsDlq.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(Stack.of(this), name, { value });
    for (const [region, work] of queues.copies) {
      new CfnOutput(Stack.of(this), outputId('CopiesQueueUrl', region), { value: work.queue.queueUrl });
      new CfnOutput(Stack.of(this), outputId('CopiesDlqUrl', region), { value: work.deadLetters.queueUrl });
    }
  }
}

/** Names are computed from regions, so a construct in the wrong one would wait for events that never come. */
export function mustBeIn(scope: Construct, region: string): void {
  const stack = Stack.of(scope);
  if (!Token.isUnresolved(stack.region) && stack.region === region) return;
  throw new Error(
    `${scope.node.path}: its stack is in ${Token.isUnresolved(stack.region) ? 'no explicit region' : stack.region}; ` +
      `expected ${region}; fix: give the stack env: { region: '${region}' }`,
  );
}

const titleCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
const outputId = (name: string, region: string): string =>
  `${name}${region.split('-').map(titleCase).join('')}`;
