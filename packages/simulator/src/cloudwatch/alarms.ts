import { AppError } from '@smart-vault/core';
import type { VirtualClock } from '../clock.ts';
import { type AlarmRule, type AlarmState, judge, reasonOf } from './alarm-rules.ts';
import { keyOf, type MetricId, type MetricStore, type Statistic, statisticOf } from './metric-store.ts';

/** An alarm on one metric, as its template says. */
export interface AlarmSpec extends AlarmRule {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly metric: MetricId;
  readonly statistic: Statistic;
  readonly periodSeconds: number;
  readonly unit?: string;
  readonly actionsEnabled: boolean;
  /** ARNs per state that the alarm changes to. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

/** A change of an alarm's state. Times in milliseconds since 1970. */
export interface AlarmChange {
  readonly alarm: AlarmSpec;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly atMs: number;
  /** What is to be told, such as an SNS topic's ARN; empty when actions are switched off. */
  readonly actions: readonly string[];
}

/** An alarm with the state that it is in. */
export interface AlarmStatus {
  readonly spec: AlarmSpec;
  readonly state: AlarmState;
  readonly reason: string;
  readonly sinceMs: number;
}

interface Entry {
  spec: AlarmSpec;
  readonly createdMs: number;
  state: AlarmState;
  reason: string;
  sinceMs: number;
  cancel: () => void;
  dueMs: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

/**
 * Evaluates alarms as CloudWatch does by default: a sliding window, every minute, and every hour with data up to the
 * full hour when the window is longer than a day
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html).
 *
 * An evaluation in which nothing can have changed is left out: the next one is planned for the moment at which a
 * value enters or leaves a period. So an alarm on a silent metric costs nothing, however far the clock jumps.
 */
export class Alarms {
  readonly #clock: VirtualClock;
  readonly #store: MetricStore;
  readonly #onChange: (change: AlarmChange) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #byMetric = new Map<string, Entry[]>();

  constructor(clock: VirtualClock, store: MetricStore, onChange: (change: AlarmChange) => void) {
    this.#clock = clock;
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Creates an alarm now: INSUFFICIENT_DATA until its first evaluation, a minute later. @throws AppError `CONFIG` */
  add(spec: AlarmSpec): void {
    checkSpec(spec);
    if (this.#entries.has(spec.name)) throw bad(spec, 'is there twice');
    const now = this.#clock.now();
    const entry: Entry = {
      spec,
      createdMs: now,
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      sinceMs: now,
      cancel: () => {},
      dueMs: undefined,
    };
    this.#entries.set(spec.name, entry);
    const key = keyOf(spec.metric);
    this.#byMetric.set(key, [...(this.#byMetric.get(key) ?? []), entry]);
    this.#plan(entry, now + 1);
  }

  /** Switches the actions of an alarm on or off. Does nothing when there is none of that name, as CloudWatch. */
  setActionsEnabled(name: string, actionsEnabled: boolean): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.spec = { ...entry.spec, actionsEnabled };
  }

  /** Takes an alarm away. Does nothing when there is none of that name. */
  remove(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    entry.cancel();
    this.#entries.delete(name);
    const key = keyOf(entry.spec.metric);
    this.#byMetric.set(
      key,
      (this.#byMetric.get(key) ?? []).filter((each) => each !== entry),
    );
  }

  /** Every alarm with its state, in order of names. */
  list(): readonly AlarmStatus[] {
    return [...this.#entries.values()]
      .sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1))
      .map(({ spec, state, reason, sinceMs }) => ({ spec, state, reason, sinceMs }));
  }

  /** A metric has a new value: its alarms look again at the next full minute. */
  metricChanged(id: MetricId): void {
    for (const entry of this.#byMetric.get(keyOf(id)) ?? []) this.#plan(entry, this.#clock.now() + 1);
  }

  /** Evaluates at the first full step at or after `earliestMs`, unless an earlier one is planned. */
  #plan(entry: Entry, earliestMs: number): void {
    const step = stepMs(entry.spec);
    const dueMs = Math.ceil(earliestMs / step) * step;
    if (entry.dueMs !== undefined && entry.dueMs <= dueMs) return;
    entry.cancel();
    entry.dueMs = dueMs;
    entry.cancel = this.#clock.at(dueMs, `alarm ${entry.spec.name}`, () => {
      entry.dueMs = undefined;
      this.#evaluate(entry);
    });
  }

  #evaluate(entry: Entry): void {
    const { spec } = entry;
    const now = this.#clock.now();
    const periodMs = spec.periodSeconds * 1_000;
    const periods = rangePeriods(spec);
    const range: (number | undefined)[] = [];
    for (let back = 0; back < periods; back += 1) {
      const toMs = now - back * periodMs;
      const values = this.#store.between(spec.metric, toMs - periodMs, toMs);
      range.push(values && statisticOf(values, spec.statistic));
    }
    const verdict = judge(spec, range);
    if (verdict.state !== 'keep' && verdict.state !== entry.state) {
      this.#change(entry, verdict.state, reasonOf(spec, verdict), now);
    }
    const next = this.#nextMove(spec, now, periodMs, periods);
    if (next !== undefined) this.#plan(entry, next);
  }

  /** When the first value of the range moves on to an older period, or out of the range; or comes in from the future. */
  #nextMove(spec: AlarmSpec, now: number, periodMs: number, periods: number): number | undefined {
    let next: number | undefined;
    for (const { startMs } of this.#store.minutes(spec.metric, now - periods * periodMs)) {
      const passed = Math.ceil((now - startMs) / periodMs);
      const move = startMs + Math.max(0, passed) * periodMs + 1;
      next = next === undefined ? move : Math.min(next, move);
    }
    return next;
  }

  #change(entry: Entry, to: AlarmState, reason: string, atMs: number): void {
    const { spec, state: from } = entry;
    entry.state = to;
    entry.reason = reason;
    entry.sinceMs = atMs;
    const actions = spec.actionsEnabled ? spec.actions[to] : [];
    this.#onChange({ alarm: spec, from, to, reason, atMs, actions });
  }
}

/** Alarms whose window is longer than a day are evaluated hourly, all others every minute. */
function stepMs(spec: AlarmSpec): number {
  return spec.evaluationPeriods * spec.periodSeconds > DAY_SECONDS ? HOUR_MS : MINUTE_MS;
}

/**
 * How many periods are looked at. AWS says that it is more than N, and shows 5 for N = 3 with periods of 5 minutes; of
 * an alarm on daily backups it says that it rings when they are more than a day apart. So: two more, but not beyond a
 * day. The exact rule is not documented.
 */
function rangePeriods(spec: AlarmSpec): number {
  const wider = spec.evaluationPeriods + 2;
  return wider * spec.periodSeconds <= DAY_SECONDS ? wider : spec.evaluationPeriods;
}

function checkSpec(spec: AlarmSpec): void {
  if (!(spec.periodSeconds > 0) || spec.periodSeconds % 60 !== 0) {
    throw bad(spec, `has a period of ${spec.periodSeconds} s; this model knows multiples of 60`);
  }
  if (spec.datapointsToAlarm < 1 || spec.datapointsToAlarm > spec.evaluationPeriods) {
    throw bad(spec, `wants ${spec.datapointsToAlarm} of ${spec.evaluationPeriods} datapoints`);
  }
  if (spec.evaluationPeriods * spec.periodSeconds > 7 * DAY_SECONDS) {
    throw bad(spec, 'looks back more than 7 days');
  }
}

const bad = (spec: AlarmSpec, problem: string): AppError =>
  new AppError('CONFIG', `alarm ${spec.name} ${problem}`);
