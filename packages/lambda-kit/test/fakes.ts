import type { OutgoingMessage, QueueDepth, ReceivedMessage, WorkQueue } from '@smart-vault/core';
import { AppError, type Clock, type ErrorCode, type Log, type LogFields } from '@smart-vault/core';

export const NOON = Date.UTC(2026, 10, 22, 12);

/** Time that moves when someone sleeps, or when a test says so. */
export class FakeClock implements Clock {
  #now = NOON;

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

/** A log that keeps its lines. */
export interface FakeLog extends Log {
  readonly lines: { level: string; event: string; fields: LogFields }[];
  /** The fields of every line about this event. */
  logged(event: string): LogFields[];
}

export function createFakeLog(): FakeLog {
  const lines: FakeLog['lines'] = [];
  const at =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  const logged = (event: string) => lines.filter((line) => line.event === event).map(({ fields }) => fields);
  return { lines, logged, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

interface Entry {
  readonly id: string;
  readonly message: OutgoingMessage;
  readonly sentAt: number;
  visibleAt: number;
  receiveCount: number;
}

export interface FakeQueueOptions {
  readonly clock: Clock;
  readonly fifo?: boolean;
  /** Messages without a deduplication id are known by their body. */
  readonly contentBasedDeduplication?: boolean;
  readonly visibilitySeconds?: number;
  /** SQS's own redrive policy. */
  readonly redrive?: { readonly to: FakeQueue; readonly maxReceiveCount: number };
}

const DEDUPLICATION_MS = 5 * 60_000;
let ids = 0;

/** An SQS queue over the clock: visibility, redrive, FIFO groups and deduplication, expired receipts. */
export class FakeQueue implements WorkQueue {
  readonly url: string;
  readonly fifo: boolean;
  /** Called before every call; a test makes it throw. */
  before: (call: string) => void = () => {};
  readonly #options: FakeQueueOptions;
  readonly #seen = new Map<string, number>();
  #entries: Entry[] = [];

  constructor(options: FakeQueueOptions) {
    this.#options = options;
    this.fifo = options.fifo ?? false;
    this.url = `https://sqs.us-east-1.amazonaws.com/000000000000/fake${this.fifo ? '.fifo' : ''}`;
  }

  /** From now on every call fails. */
  fails(code: ErrorCode): void {
    this.before = () => {
      throw new AppError(code, `SQS says ${code}`);
    };
  }

  /** Everything in the queue, seen or unseen. */
  get messages(): readonly OutgoingMessage[] {
    return this.#entries.map(({ message }) => message);
  }

  async receive(max: number): Promise<readonly ReceivedMessage[]> {
    this.before('receive');
    this.#redrive();
    const now = this.#options.clock.now();
    const visible = this.#entries.filter((entry) => entry.visibleAt <= now && !this.#groupIsBusy(entry, now));
    return visible.slice(0, Math.min(max, 10)).map((entry) => this.#hand(entry, now));
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    this.before('send');
    for (const message of messages) this.#put(message);
  }

  async delete(message: ReceivedMessage): Promise<void> {
    this.before('delete');
    this.#entries = this.#entries.filter((entry) => receiptOf(entry) !== message.receipt);
  }

  async changeVisibility(message: ReceivedMessage, seconds: number): Promise<void> {
    this.before('changeVisibility');
    const now = this.#options.clock.now();
    const entry = this.#entries.find((one) => receiptOf(one) === message.receipt && one.visibleAt > now);
    if (!entry) throw new AppError('NOT_FOUND', 'MessageNotInflight');
    entry.visibleAt = now + seconds * 1000;
  }

  async depth(): Promise<QueueDepth> {
    const visible = this.#entries.filter((entry) => entry.visibleAt <= this.#options.clock.now()).length;
    return { visible, inFlight: this.#entries.length - visible, delayed: 0 };
  }

  #put(message: OutgoingMessage): void {
    const now = this.#options.clock.now();
    if (Object.values(message.attributes ?? {}).includes(''))
      throw new AppError('INVALID', 'empty attribute');
    const { deduplicationId = this.#options.contentBasedDeduplication ? message.body : '' } = message;
    if (this.fifo && (!message.groupId || !deduplicationId)) throw new AppError('INVALID', 'no group');
    if (this.fifo && message.delaySeconds !== undefined)
      throw new AppError('INVALID', 'no delay in FIFO queues');
    const seenAt = this.#seen.get(deduplicationId);
    if (this.fifo && seenAt !== undefined && now - seenAt < DEDUPLICATION_MS) return;
    if (this.fifo) this.#seen.set(deduplicationId, now);
    ids += 1;
    const visibleAt = now + (message.delaySeconds ?? 0) * 1000;
    this.#entries.push({ id: `message-${ids}`, message, sentAt: now, visibleAt, receiveCount: 0 });
  }

  #hand(entry: Entry, now: number): ReceivedMessage {
    entry.receiveCount += 1;
    entry.visibleAt = now + (this.#options.visibilitySeconds ?? 360) * 1000;
    const { body, groupId, attributes = {} } = entry.message;
    const { id, sentAt, receiveCount } = entry;
    return {
      id,
      body,
      receipt: receiptOf(entry),
      receiveCount,
      sentAt,
      attributes,
      ...(groupId ? { groupId } : {}),
    };
  }

  /** An earlier message of the same group is in somebody's hands. */
  #groupIsBusy(entry: Entry, now: number): boolean {
    if (!this.fifo) return false;
    return this.#entries.some(
      (other) => other !== entry && other.message.groupId === entry.message.groupId && other.visibleAt > now,
    );
  }

  #redrive(): void {
    const { redrive, clock } = this.#options;
    if (!redrive) return;
    const dead = this.#entries.filter(
      (entry) => entry.visibleAt <= clock.now() && entry.receiveCount >= redrive.maxReceiveCount,
    );
    this.#entries = this.#entries.filter((entry) => !dead.includes(entry));
    for (const { id, message } of dead) redrive.to.#put({ ...message, deduplicationId: id });
  }
}

const receiptOf = ({ id, receiveCount }: Entry): string => `${id}#${receiveCount}`;
