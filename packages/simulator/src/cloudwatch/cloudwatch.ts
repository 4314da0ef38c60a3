import type { VirtualClock } from '../clock.ts';
import { type AlarmChange, type AlarmSpec, type AlarmStatus, Alarms } from './alarms.ts';
import { type EmfLine, parseEmfLine } from './emf.ts';
import { type Dimensions, type MetricId, MetricStore, type StatisticSet, single } from './metric-store.ts';

/** What one region's CloudWatch needs. */
export interface CloudWatchOptions {
  readonly clock: VirtualClock;
  readonly region: string;
  readonly accountId: string;
  /** Told of every change of an alarm's state, also when it has no actions. */
  onAlarm?(change: AlarmChange): void;
}

/** CloudWatch of one region: metrics, and the alarms on them. */
export class CloudWatch {
  readonly region: string;
  readonly accountId: string;
  readonly metrics = new MetricStore();
  readonly #alarms: Alarms;
  readonly #clock: VirtualClock;

  constructor(options: CloudWatchOptions) {
    this.region = options.region;
    this.accountId = options.accountId;
    this.#clock = options.clock;
    this.#alarms = new Alarms(options.clock, this.metrics, (change) => options.onAlarm?.(change));
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#clock.now();
  }

  /** Adds one value. This is the way in for AWS's own metrics too. @param atMs milliseconds since 1970 */
  put(
    namespace: string,
    name: string,
    dimensions: Dimensions,
    value: number,
    atMs: number,
    unit?: string,
  ): void {
    this.putValues({ namespace, name, dimensions }, single(value), atMs, unit);
  }

  /** Adds many values at once. */
  putValues(id: MetricId, values: StatisticSet, atMs: number, unit?: string): void {
    this.metrics.put(id, values, atMs, unit);
    this.#alarms.metricChanged(id);
  }

  /** Takes the metrics out of a line of a function's log, if it is in the Embedded Metric Format. */
  putLogLine(line: string): EmfLine {
    const parsed = parseEmfLine(line);
    if (parsed.kind === 'metrics') {
      for (const { values, atMs, unit, ...id } of parsed.metrics) this.putValues(id, values, atMs, unit);
    }
    return parsed;
  }

  /** @throws AppError `CONFIG` for an alarm that CloudWatch would refuse */
  addAlarm(spec: AlarmSpec): void {
    this.#alarms.add(spec);
  }

  setActionsEnabled(alarmName: string, enabled: boolean): void {
    this.#alarms.setActionsEnabled(alarmName, enabled);
  }

  deleteAlarm(name: string): void {
    this.#alarms.remove(name);
  }

  /** Every alarm with its state, in order of names. */
  alarms(): readonly AlarmStatus[] {
    return this.#alarms.list();
  }
}
