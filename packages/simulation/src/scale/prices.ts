/** Requests and milliseconds that somebody pays for. */
export interface Usage {
  /** Megabytes times billed milliseconds, cold starts included. */
  readonly lambdaMbMs: number;
  readonly invocations: number;
  readonly sqsRequests: number;
  readonly crossRegionEvents: number;
  readonly snsPublishes: number;
  readonly logBytes: number;
}

/**
 * List prices in us-east-1 of September 2026, dollars, without free tiers: Lambda on arm64 per GB-second and request, SQS
 * and SNS per request, events that cross a region, log ingestion per GiB.
 */
const PRICES = {
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2e-6,
  sqsRequest: 0.4e-6,
  crossRegionEvent: 1e-6,
  snsPublish: 0.5e-6,
  logGiB: 0.5,
} as const;

/** The price table in words. */
export const PRICES_TEXT =
  'Dollars: Lambda arm64 $0.0000133334 per GB-s and $0.20 per million; SQS $0.40, SNS $0.50, cross-region events $1 per million; ' +
  'logs $0.50 per GiB. AWS’s own events, EC2 calls and the free tiers are left out, as are empty polls of idle queues and storage.';

/** What this usage costs, dollars. */
export const dollarsOf = (usage: Usage): number =>
  (usage.lambdaMbMs / 1024 / 1000) * PRICES.lambdaGbSecond +
  usage.invocations * PRICES.lambdaRequest +
  usage.sqsRequests * PRICES.sqsRequest +
  usage.crossRegionEvents * PRICES.crossRegionEvent +
  usage.snsPublishes * PRICES.snsPublish +
  (usage.logBytes / 1024 ** 3) * PRICES.logGiB;
