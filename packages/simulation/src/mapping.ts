import { failedOf, type SimulatedMessage, type SimulatedQueue } from '@smart-vault/simulator';
import type { SQSRecord } from 'aws-lambda';
import type { Chaos } from './chaos.ts';
import type { InvocationEnd } from './environment.ts';
import type { Kernel } from './kernel.ts';
import type { LambdaFunction } from './lambda.ts';

export interface MappingOptions {
  readonly kernel: Kernel;
  readonly chaos: Chaos;
  readonly queue: SimulatedQueue;
  readonly queueArn: string;
  readonly target: LambdaFunction;
  readonly batchSize: number;
  readonly reportsItemFailures: boolean;
  /** Invocations at once; a function for one that grows with time. */
  readonly concurrencyMax: number | (() => number);
  /** Told of every receive, empty ones included. */
  onReceive?(queue: string, messages: number): void;
}

/** From a message's becoming visible to the pollers' seeing it. */
const POLL_MS = 40;

/**
 * An event source mapping. It wakes when something becomes visible and at no other time: pollers that ask an empty queue
 * change nothing, and were most of all events. A batch for which there is no concurrency costs its receive, as on AWS.
 */
export class Mapping {
  readonly #options: MappingOptions;
  #running = 0;
  #planned = false;

  constructor(options: MappingOptions) {
    this.#options = options;
    options.queue.onVisible = () => this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#options.kernel.clock.after(POLL_MS, `poll ${this.#options.queue.spec.name}`, () => {
      this.#planned = false;
      this.#poll();
    });
  }

  #poll(): void {
    const { queue, batchSize, concurrencyMax, target, chaos, kernel } = this.#options;
    const most = typeof concurrencyMax === 'number' ? concurrencyMax : concurrencyMax();
    for (let started = 0; this.#running < most; started += 1) {
      const messages = queue.receive(Math.min(10, batchSize));
      this.#options.onReceive?.(queue.spec.name, messages.length);
      if (messages.length === 0) return;
      // Several batches may start within one millisecond; what each of them logs must be told apart.
      const label = `${target.spec.name}@${kernel.now()}${started === 0 ? '' : `.${started}`}`;
      if (chaos.isOn && chaos.strikes('burned-receive', `${queue.spec.name}/${kernel.now()}`)) continue;
      this.#running += 1;
      const records = messages.map((message) => recordOf(message, this.#options));
      target.invoke({ Records: records }, label, (end) => this.#ended(records, end));
    }
  }

  #ended(records: readonly SQSRecord[], end: InvocationEnd): void {
    const { queue, reportsItemFailures } = this.#options;
    this.#running -= 1;
    const failed = failedOf(records, end, reportsItemFailures);
    for (const { messageId, receiptHandle } of records) {
      if (failed.has(messageId)) continue;
      try {
        queue.delete(receiptHandle);
      } catch {
        // The visibility timeout is over and somebody else has it: SQS refuses, and Lambda goes on.
      }
    }
    if (queue.receivable) this.#plan();
  }
}

/** A message as Lambda hands it to a function. */
function recordOf(message: SimulatedMessage, { queueArn, queue }: MappingOptions): SQSRecord {
  const { messageId, receipt, body, receiveCount, sentAt, firstReceivedAt, groupId, attributes } = message;
  return {
    messageId,
    receiptHandle: receipt,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: String(sentAt),
      SenderId: 'simulation',
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt ?? sentAt),
      ...(groupId === undefined ? {} : { MessageGroupId: groupId }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { DataType = 'String', StringValue }]) => [
        name,
        { dataType: DataType, ...(StringValue === undefined ? {} : { stringValue: StringValue }) },
      ]),
    ) as SQSRecord['messageAttributes'],
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queue.spec.region,
  };
}
