import type { VirtualClock } from '../clock.ts';
import { alarmMessage } from '../cloudwatch/alarm-message.ts';
import type { AlarmChange } from '../cloudwatch/alarms.ts';
import { CloudWatch } from '../cloudwatch/cloudwatch.ts';
import type { EventRule } from '../events/event-bus.ts';
import type { StackModel } from '../template/model.ts';
import type { History } from './history.ts';
import type { InvocationRecord } from './lambda/functions.ts';
import { LOCAL_ACCOUNT, type Queues } from './queues.ts';
import type { Access } from './wiring.ts';

export interface MonitoringParts {
  readonly clock: VirtualClock;
  readonly history: History;
  readonly access: Access;
  readonly queues: Queues;
  readonly stacks: readonly StackModel[];
}

/** SQS publishes its metrics every minute; every five is enough for alarms whose period is five minutes. */
const QUEUE_METRICS_EVERY_MS = 300_000;

/** CloudWatch of all regions, and what AWS's services and the functions' logs put into it. */
export class Monitoring {
  readonly #parts: MonitoringParts;
  readonly #watches = new Map<string, CloudWatch>();

  constructor(parts: MonitoringParts) {
    this.#parts = parts;
  }

  /** CloudWatch of a region. */
  of(region: string): CloudWatch {
    let watch = this.#watches.get(region);
    if (watch === undefined) {
      const onAlarm = (change: AlarmChange): void => this.#alarmed(region, change);
      watch = new CloudWatch({ clock: this.#parts.clock, region, accountId: LOCAL_ACCOUNT, onAlarm });
      this.#watches.set(region, watch);
    }
    return watch;
  }

  /** Creates the alarms, and begins to measure the queues. */
  begin(): void {
    for (const stack of this.#parts.stacks) {
      for (const alarm of stack.alarms) this.of(stack.region).addAlarm(alarm);
    }
    const again = (): void => {
      this.#measureQueues();
      this.#parts.clock.after(QUEUE_METRICS_EVERY_MS, 'metrics of the queues', again);
    };
    this.#parts.clock.after(QUEUE_METRICS_EVERY_MS, 'metrics of the queues', again);
  }

  /** Names of the alarms that ring. */
  ringing(): readonly string[] {
    return [...this.#watches.values()].flatMap((watch) =>
      watch
        .alarms()
        .filter(({ state }) => state === 'ALARM')
        .map(({ spec }) => spec.name),
    );
  }

  /** Lines of a function's log: metrics in the Embedded Metric Format go in, all others are counted. */
  logged(functionName: string, region: string, lines: readonly string[]): void {
    const { history } = this.#parts;
    for (const line of lines) {
      const emf = this.of(region).putLogLine(line);
      if (emf.kind === 'rejected') {
        history.odd(`${functionName} wrote metrics that CloudWatch refuses: ${emf.reason}`);
      }
      if (emf.kind === 'plain') history.logged(functionName, line);
    }
  }

  /** Lambda's own metrics of an invocation. */
  invoked({ functionName, region, startedAt, endedAt, error }: InvocationRecord): void {
    const watch = this.of(region);
    const dimensions = { FunctionName: functionName };
    watch.put('AWS/Lambda', 'Invocations', dimensions, 1, endedAt, 'Count');
    watch.put('AWS/Lambda', 'Errors', dimensions, error === undefined ? 0 : 1, endedAt, 'Count');
    watch.put('AWS/Lambda', 'Duration', dimensions, endedAt - startedAt, endedAt, 'Milliseconds');
  }

  /** EventBridge's own metric of a rule: how often it has invoked a target. */
  ruleInvoked({ name, region }: Pick<EventRule, 'name' | 'region'>): void {
    this.of(region).put('AWS/Events', 'Invocations', { RuleName: name }, 1, this.#parts.clock.now(), 'Count');
  }

  #measureQueues(): void {
    const { clock, queues, stacks } = this.#parts;
    const now = clock.now();
    for (const { name, region } of stacks.flatMap((stack) => stack.queues)) {
      const { visible, oldestSentAt = now } = queues.counts(name);
      const dimensions = { QueueName: name };
      const ageSeconds = Math.max(0, (now - oldestSentAt) / 1000);
      const watch = this.of(region);
      watch.put('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, visible, now, 'Count');
      watch.put('AWS/SQS', 'ApproximateAgeOfOldestMessage', dimensions, ageSeconds, now, 'Seconds');
    }
  }

  #alarmed(region: string, change: AlarmChange): void {
    const { history, access } = this.#parts;
    history.alarmChanges.push({ ...change, region });
    const { subject, body } = alarmMessage(change, { region, accountId: LOCAL_ACCOUNT });
    for (const arn of change.actions) {
      if (access.topicTakesAlarm(arn, change.alarm.arn)) {
        history.messages.push({ at: change.atMs, region, subject, body, ofAlarm: true });
      } else history.odd(`the topic ${arn} does not let the alarm ${change.alarm.name} publish`);
    }
  }
}
