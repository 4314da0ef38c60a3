import {
  type AlarmSpec,
  CloudWatch,
  type MetricId,
  type SimulatedQueue,
  type StackModel,
} from '@smart-vault/simulator';
import { ACCOUNT } from './account.ts';
import type { Kernel } from './kernel.ts';

/** SQS tells CloudWatch how many messages a queue holds once in five minutes at most. */
const QUEUE_METRICS_MS = 5 * 60_000;
/** An alarm is evaluated every minute. */
const EVALUATED_MS = 2 * 60_000;
/** Of what goes wrong all the time the alarms are asked again after so long only: evaluations are most of their cost. */
const ASKED_AGAIN_MS = 6 * 3_600_000;

/**
 * CloudWatch of every region, with what Lambda and SQS put into it by themselves. NoSnapshotsCreated is there all the
 * time, as it is about silence; the templates' other alarms only while somebody asks whether they ring.
 */
export class Monitoring {
  readonly #kernel: Kernel;
  readonly #alarms: readonly (AlarmSpec & { readonly region: string })[];
  readonly #watches = new Map<string, CloudWatch>();
  /** When the alarms on a metric were last asked, virtual milliseconds since 1970. */
  readonly #askedAt = new Map<string, number>();

  constructor(kernel: Kernel, stacks: readonly StackModel[]) {
    this.#kernel = kernel;
    this.#alarms = stacks.flatMap((stack) => stack.alarms);
    for (const alarm of this.#alarms)
      if (alarm.name.includes('NoSnapshotsCreated')) this.of(alarm.region).addAlarm(alarm);
  }

  /** CloudWatch of a region. */
  of(region: string): CloudWatch {
    let watch = this.#watches.get(region);
    if (watch === undefined) {
      watch = new CloudWatch({ clock: this.#kernel.clock, region, accountId: ACCOUNT });
      this.#watches.set(region, watch);
    }
    return watch;
  }

  /**
   * Deploys the alarms on a metric that has just got a value, and tells two minutes later whether one of them rings.
   * Does nothing when they were asked in the last six hours.
   */
  ask(metric: MetricId, onAnswer: (rings: boolean) => void): void {
    const key = keyOf(metric);
    if (this.#kernel.now() < (this.#askedAt.get(key) ?? Number.NEGATIVE_INFINITY) + ASKED_AGAIN_MS) return;
    this.#askedAt.set(key, this.#kernel.now());
    const watching = this.#alarms.filter((alarm) => keyOf(alarm.metric) === key);
    for (const alarm of watching) this.of(alarm.region).addAlarm(alarm);
    this.#kernel.clock.after(EVALUATED_MS, `does ${key} ring`, () => {
      const rings = watching.some(({ name, region }) =>
        this.of(region)
          .alarms()
          .some(({ spec, state }) => spec.name === name && state === 'ALARM'),
      );
      for (const { name, region } of watching) this.of(region).deleteAlarm(name);
      onAnswer(rings);
    });
  }

  /** Lambda's own metric. That of a success is a zero, which makes no alarm ring or stop: it is left out. */
  invocationFailed(functionName: string, region: string): void {
    this.of(region).put(
      'AWS/Lambda',
      'Errors',
      { FunctionName: functionName },
      1,
      this.#kernel.now(),
      'Count',
    );
  }

  /** SQS's own metric, five minutes after something has come; for what lies there later it is left out. */
  measure(queue: SimulatedQueue, onMessages: () => void): void {
    let isPlanned = false;
    queue.onVisible = () => {
      if (isPlanned) return;
      isPlanned = true;
      this.#kernel.clock.after(QUEUE_METRICS_MS, `metrics of ${queue.spec.name}`, () => {
        isPlanned = false;
        const { visible } = queue.counts();
        const { name, region } = queue.spec;
        const metric = 'ApproximateNumberOfMessagesVisible';
        this.of(region).put('AWS/SQS', metric, { QueueName: name }, visible, this.#kernel.now(), 'Count');
        if (visible > 0) onMessages();
      });
    };
  }
}

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  [namespace, name, ...Object.values(dimensions).sort()].join(' ');
