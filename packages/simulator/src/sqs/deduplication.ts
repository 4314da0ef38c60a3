/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
const WINDOW_MS = 300_000;

/** What SQS answers to the sender of a duplicate: that of the first one. */
export interface FirstMessage {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** The deduplication ids of the last five minutes: also of messages that were received and deleted meanwhile. */
export class DeduplicationWindow {
  /** In the order in which they were sent, so that the first ones are over first. */
  readonly #remembered = new Map<string, { readonly first: FirstMessage; readonly until: number }>();

  find(id: string, now: number): FirstMessage | undefined {
    for (const [oldest, { until }] of this.#remembered) {
      if (until > now) break;
      this.#remembered.delete(oldest);
    }
    return this.#remembered.get(id)?.first;
  }

  remember(id: string, first: FirstMessage, now: number): void {
    this.#remembered.set(id, { first, until: now + WINDOW_MS });
  }
}
