import { Heap } from './heap.ts';
import { FifoLane, type Lane, StandardLane } from './lanes.ts';
import type { MessageState, StoredMessage } from './stored-message.ts';
import type { QueueCounts } from './types.ts';

/** What a mailbox asks when a message becomes visible. */
export interface MailboxRules {
  readonly fifo: boolean;
  readonly retentionMs: number;
  /** Where it stands among the messages of a standard queue. @param since when it became visible */
  rankOf(message: StoredMessage, since: number): number;
  /** For how many milliseconds receives overlook it, if at all. */
  hiddenMsOf(message: StoredMessage): number | undefined;
}

/** The messages of one queue and the states that they go through. All times are milliseconds since 1970. */
export class Mailbox {
  readonly #rules: MailboxRules;
  readonly #lane: Lane;
  readonly #messages = new Map<string, StoredMessage>();
  /** Messages that become ready by themselves, by when; an entry counts while the message still says the same. */
  readonly #waiting = new Heap<StoredMessage>();
  readonly #tally: Record<MessageState, number> = { delayed: 0, ready: 0, inFlight: 0, hidden: 0, gone: 0 };
  #order = 0;
  /** No retention ends before this. */
  #nextExpiryAt = Number.POSITIVE_INFINITY;
  /** Whether something may have become receivable since this was last set to false. */
  news = false;

  constructor(rules: MailboxRules) {
    this.#rules = rules;
    this.#lane = rules.fifo ? new FifoLane() : new StandardLane();
  }

  get counts(): QueueCounts {
    const { ready, hidden, inFlight, delayed } = this.#tally;
    return { visible: ready + hidden, inFlight, delayed };
  }

  get inFlight(): number {
    return this.#tally.inFlight;
  }

  get(key: string): StoredMessage | undefined {
    return this.#messages.get(key);
  }

  all(): Iterable<StoredMessage> {
    return this.#messages.values();
  }

  hasNext(): boolean {
    return this.#lane.hasNext();
  }

  /** See `Lane.take`; `accept` calls `hand` or `drop`. */
  take(countMax: number, accept: (message: StoredMessage) => boolean): void {
    this.#lane.take(countMax, accept);
  }

  /** Puts a message in; it is delayed until its `visibleAt`. */
  join(message: StoredMessage, now: number): void {
    this.#order += 1;
    message.order = this.#order;
    this.#messages.set(message.key, message);
    this.#nextExpiryAt = Math.min(this.#nextExpiryAt, message.enqueuedAt + this.#rules.retentionMs);
    this.#lane.join(message);
    message.state = 'delayed';
    this.#tally.delayed += 1;
    if (message.visibleAt > now) this.#waiting.push(message.visibleAt, message);
    else this.#show(message, now);
  }

  /** Makes a ready message in flight. */
  hand(message: StoredMessage, until: number): void {
    this.#become(message, 'inFlight');
    this.hideUntil(message, until);
  }

  /** Moves the end of a visibility timeout. */
  hideUntil(message: StoredMessage, until: number): void {
    message.visibleAt = until;
    this.#waiting.push(until, message);
  }

  /** Ends the visibility timeout of a message in flight. */
  release(message: StoredMessage, now: number): void {
    message.visibleAt = now;
    this.#show(message, now);
  }

  drop(message: StoredMessage): void {
    const was = message.state;
    this.#become(message, 'gone');
    this.#tally.gone -= 1;
    this.#messages.delete(message.key);
    const freed = was === 'inFlight' && this.#lane.freed(message);
    if (this.#lane.leave(message) || freed) this.news = true;
  }

  clear(): void {
    for (const message of this.#messages.values()) message.state = 'gone';
    this.#messages.clear();
    this.#waiting.clear();
    this.#lane.clear();
    Object.assign(this.#tally, { delayed: 0, ready: 0, inFlight: 0, hidden: 0 });
  }

  /** Drops what is too old, and shows what is due. */
  settle(now: number): void {
    if (now >= this.#nextExpiryAt) this.#expire(now);
    for (let due = this.nextDue(); due !== undefined && due <= now; due = this.nextDue()) {
      this.#show(this.#waiting.pop() as StoredMessage, due);
    }
  }

  /** When the next message becomes visible by itself. */
  nextDue(): number | undefined {
    for (let top = this.#waiting.peek(); top !== undefined; top = this.#waiting.peek()) {
      const { rank, item } = top;
      if (item.visibleAt === rank && item.state !== 'ready' && item.state !== 'gone') return rank;
      this.#waiting.pop();
    }
    return undefined;
  }

  /** Makes a message visible that was delayed, in flight or hidden. */
  #show(message: StoredMessage, since: number): void {
    const was = message.state;
    const hiddenMs = was === 'hidden' ? undefined : this.#rules.hiddenMsOf(message);
    this.#become(message, hiddenMs ? 'hidden' : 'ready');
    if (was === 'inFlight' && this.#lane.freed(message)) this.news = true;
    if (hiddenMs) {
      this.hideUntil(message, since + hiddenMs);
    } else {
      this.#lane.ready(message, this.#rules.rankOf(message, since));
      this.news = true;
    }
  }

  #become(message: StoredMessage, state: MessageState): void {
    this.#tally[message.state] -= 1;
    message.state = state;
    this.#tally[state] += 1;
  }

  #expire(now: number): void {
    this.#nextExpiryAt = Number.POSITIVE_INFINITY;
    for (const message of [...this.#messages.values()]) {
      const end = message.enqueuedAt + this.#rules.retentionMs;
      if (end <= now) this.drop(message);
      else this.#nextExpiryAt = Math.min(this.#nextExpiryAt, end);
    }
  }
}
