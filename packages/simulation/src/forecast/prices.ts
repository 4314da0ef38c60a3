/** What one unit of something costs. */
interface Price {
  /** Dollars. */
  readonly dollars: number;
  readonly unit: string;
  /** False for what nobody has checked against a price page of AWS. */
  readonly verified: boolean;
}

const price = (dollars: number, unit: string, verified: boolean): Price => ({ dollars, unit, verified });

/** List prices in us-east-1 of September 2026, without free tiers. */
export const LIST_PRICES = {
  snapshotGiBMonth: price(0.05, 'GiB-month of changed blocks, snapshots in the standard tier', true),
  transferGiB: price(0.02, 'GiB from region to region', false),
  lambdaGbSecond: price(0.0000133334, 'GB-second of Lambda on arm64', false),
  lambdaRequest: price(0.2e-6, 'Lambda request', true),
  sqsRequest: price(0.5e-6, 'SQS request, FIFO', false),
  crossRegionEvent: price(1e-6, 'event sent on to another region', false),
  scheduleInvocation: price(1e-6, 'invocation by EventBridge Scheduler', false),
  snsPublish: price(0.5e-6, 'message published to SNS', false),
  metricRequest: price(0.01e-3, 'PutMetricData request', false),
  metricMonth: price(0.3, 'custom metric and month', false),
  alarmMonth: price(0.1, 'alarm and month', false),
  dashboardMonth: price(3, 'dashboard and month', false),
  logGiB: price(0.5, 'GiB of logs ingested', false),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof LIST_PRICES;
export type Prices = Readonly<Record<PriceName, Price>>;

/** Names of all prices, in the order of the table. */
export const PRICE_NAMES = Object.keys(LIST_PRICES) as readonly PriceName[];

/** The list with some prices replaced by one's own, dollars per unit: those count as verified. */
export function withPrices(own: Readonly<Partial<Record<PriceName, number>>>): Prices {
  return Object.fromEntries(
    PRICE_NAMES.map((name) => {
      const dollars = own[name];
      return [
        name,
        dollars === undefined ? LIST_PRICES[name] : { ...LIST_PRICES[name], dollars, verified: true },
      ];
    }),
  ) as unknown as Prices;
}

/** Requests and milliseconds that somebody pays for. */
export interface Usage {
  /** Megabytes times billed milliseconds, cold starts included. */
  readonly lambdaMbMs: number;
  readonly invocations: number;
  readonly sqsRequests: number;
  readonly crossRegionEvents: number;
  readonly scheduleInvocations: number;
  readonly snsPublishes: number;
  readonly metricRequests: number;
  readonly logBytes: number;
}

export const NO_USAGE: Usage = {
  lambdaMbMs: 0,
  invocations: 0,
  sqsRequests: 0,
  crossRegionEvents: 0,
  scheduleInvocations: 0,
  snsPublishes: 0,
  metricRequests: 0,
  logBytes: 0,
};

/** Adds usages, each so many times. */
export function totalUsage(parts: readonly (readonly [Usage, number])[]): Usage {
  const names = Object.keys(NO_USAGE) as readonly (keyof Usage)[];
  return Object.fromEntries(
    names.map((name) => [name, parts.reduce((sum, [usage, times]) => sum + usage[name] * times, 0)]),
  ) as unknown as Usage;
}
