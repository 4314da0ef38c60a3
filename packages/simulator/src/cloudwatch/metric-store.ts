/** The values of one minute of a metric. */
export interface StatisticSet {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** The statistics that a period can be summed up by. */
export type Statistic = 'SampleCount' | 'Sum' | 'Average' | 'Minimum' | 'Maximum';
export const STATISTICS: readonly Statistic[] = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'];

/** Name to value. The same metric name with other dimensions is another metric. */
export type Dimensions = Readonly<Record<string, string>>;

/** What names a metric. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
}

/** One period of a metric: its start (ms) and its values. */
export interface Datapoint {
  readonly startMs: number;
  readonly values: StatisticSet;
}

interface Series {
  readonly id: MetricId;
  /** In order of time, one per minute. */
  readonly minutes: Datapoint[];
  unit?: string;
}

const MINUTE_MS = 60_000;

/**
 * Metrics in minutes, as CloudWatch keeps those of standard resolution: values that arrive for the same minute are
 * put together, and a moment counts for the minute that it lies in.
 */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  /** @param atMs milliseconds since 1970 */
  put(id: MetricId, values: StatisticSet, atMs: number, unit?: string): void {
    const series = this.#seriesOf(id);
    const startMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const index = firstFrom(series.minutes, startMs);
    const there = series.minutes[index];
    if (there?.startMs === startMs) series.minutes[index] = { startMs, values: merge(there.values, values) };
    else series.minutes.splice(index, 0, { startMs, values });
    if (unit !== undefined) series.unit = unit;
  }

  /** Every metric that has ever had a value, in order of names. */
  list(): readonly MetricId[] {
    return [...this.#series.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series.id);
  }

  /** The unit that came with the last value that had one, else `None`. */
  unitOf(id: MetricId): string {
    return this.#series.get(keyOf(id))?.unit ?? 'None';
  }

  /** The values from `fromMs` (included) to `toMs` (excluded) as one; `undefined` when there are none. */
  between(id: MetricId, fromMs: number, toMs: number): StatisticSet | undefined {
    const [first, ...rest] = this.minutes(id, fromMs, toMs);
    return first && rest.reduce((total, { values }) => merge(total, values), first.values);
  }

  /** The periods that have values, each starting at a multiple of the period. */
  datapoints(id: MetricId, fromMs: number, toMs: number, periodMs: number): readonly Datapoint[] {
    const points: Datapoint[] = [];
    for (const minute of this.minutes(id, fromMs, toMs)) {
      const startMs = Math.floor(minute.startMs / periodMs) * periodMs;
      const last = points.at(-1);
      if (last?.startMs === startMs)
        points.splice(-1, 1, { startMs, values: merge(last.values, minute.values) });
      else points.push({ startMs, values: minute.values });
    }
    return points;
  }

  /** The minutes with values from `fromMs` (included) to `toMs` (excluded), in order of time. */
  minutes(id: MetricId, fromMs: number, toMs = Number.POSITIVE_INFINITY): readonly Datapoint[] {
    const minutes = this.#series.get(keyOf(id))?.minutes ?? [];
    return minutes.slice(firstFrom(minutes, fromMs), firstFrom(minutes, toMs));
  }

  #seriesOf(id: MetricId): Series {
    const key = keyOf(id);
    const known = this.#series.get(key);
    if (known) return known;
    const series: Series = { id, minutes: [] };
    this.#series.set(key, series);
    return series;
  }
}

/** Index of the first minute at or after a time. */
function firstFrom(minutes: readonly Datapoint[], fromMs: number): number {
  let low = 0;
  let high = minutes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((minutes[middle] as Datapoint).startMs < fromMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One text per metric: dimensions in order of names. */
export function keyOf(id: MetricId): string {
  const dimensions = Object.entries(id.dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([id.namespace, id.name, dimensions]);
}

/** One value. */
export const single = (value: number, count = 1): StatisticSet => ({
  count,
  sum: value * count,
  minimum: value,
  maximum: value,
});

/** Two sets as one. */
export const merge = (a: StatisticSet, b: StatisticSet): StatisticSet => ({
  count: a.count + b.count,
  sum: a.sum + b.sum,
  minimum: Math.min(a.minimum, b.minimum),
  maximum: Math.max(a.maximum, b.maximum),
});

/** One number of a set. */
export function statisticOf(values: StatisticSet, statistic: Statistic): number {
  switch (statistic) {
    case 'SampleCount':
      return values.count;
    case 'Sum':
      return values.sum;
    case 'Average':
      return values.sum / values.count;
    case 'Minimum':
      return values.minimum;
    case 'Maximum':
      return values.maximum;
  }
}
