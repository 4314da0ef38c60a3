import type { VirtualClock } from '../clock.ts';
import type { Functions, InvocationEnd } from './lambda/functions.ts';
import type { Queues, SqsRecord } from './queues.ts';

/** One event source mapping, as its template describes it. */
export interface MappingConfig {
  readonly queueName: string;
  readonly functionName: string;
  readonly region: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly concurrencyMax?: number;
}

/** Batches that Lambda runs at once for a standard queue before it scales up. */
const CONCURRENCY_DEFAULT = 5;

/** One event source mapping: hands over what is visible, and nothing runs while nothing is. */
export class Mapping {
  readonly config: MappingConfig;
  readonly #queues: Queues;
  readonly #functions: Functions;
  readonly #clock: VirtualClock;
  #running = 0;
  #windowEndsAt: number | undefined;

  constructor(config: MappingConfig, parts: { queues: Queues; functions: Functions; clock: VirtualClock }) {
    this.config = config;
    this.#queues = parts.queues;
    this.#functions = parts.functions;
    this.#clock = parts.clock;
  }

  /** Invokes the function for what is visible. @returns whether anything was started */
  deliver(): boolean {
    const { config } = this;
    if (!config.enabled) return false;
    let started = false;
    while (this.#running < (config.concurrencyMax ?? CONCURRENCY_DEFAULT) && this.#ready()) {
      const records = this.#queues.receive(config.queueName, config.batchSize, config.region);
      if (records.length === 0) break;
      const event = { Records: records };
      // Throttled by reserved concurrency: the messages come back after their visibility timeout, a receive poorer.
      if (!this.#functions.invoke(config.functionName, event, (end) => this.#ended(records, end))) break;
      this.#running += 1;
      started = true;
    }
    return started;
  }

  /** Whether a batch is due: something is visible, and the batching window (if there is one) is over or full. */
  #ready(): boolean {
    const { queueName, windowSeconds, batchSize } = this.config;
    if (!this.#queues.hasVisible(queueName)) return false;
    if (windowSeconds === 0 || this.#queues.counts(queueName).visible >= batchSize) return true;
    const now = this.#clock.now();
    if (this.#windowEndsAt === undefined) {
      this.#windowEndsAt = now + windowSeconds * 1000;
      this.#clock.at(this.#windowEndsAt, `batching window of ${this.config.functionName}`, () => {});
    }
    if (now < this.#windowEndsAt) return false;
    this.#windowEndsAt = undefined;
    return true;
  }

  #ended(records: readonly SqsRecord[], end: InvocationEnd): void {
    this.#running -= 1;
    const failed = failedOf(records, end, this.config.reportsItemFailures);
    for (const record of records) {
      if (!failed.has(record.messageId)) this.#queues.delete(this.config.queueName, record.receiptHandle);
    }
  }
}

/**
 * The ids of the messages that stay in the queue, by Lambda's table: an error, a malformed answer or an unknown id
 * means the whole batch; an empty answer means that all went well.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function failedOf(
  records: readonly Pick<SqsRecord, 'messageId'>[],
  end: InvocationEnd,
  reportsItemFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(records.map((record) => record.messageId));
  if (end.kind === 'failed') return all;
  const none = new Set<string>();
  if (!reportsItemFailures || end.result === null || end.result === undefined || end.result === '')
    return none;
  if (typeof end.result !== 'object') return all;
  const failures = (end.result as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === null || (failures === undefined && Object.keys(end.result).length === 0)) return none;
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const id = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
