import type { VirtualClock } from '../clock.ts';
import { hex16, unitOf } from '../prng.ts';
import { AlarmClock } from './alarm-clock.ts';
import { DeduplicationWindow } from './deduplication.ts';
import { contentDeduplicationId } from './digests.ts';
import { Mailbox } from './mailbox.ts';
import { MessageMaker } from './message-maker.ts';
import { copyOf, factsOf, peekedOf, type StoredMessage } from './stored-message.ts';
import type {
  MessageFacts,
  PeekedMessage,
  QueueCounts,
  QueueSpec,
  SendEntry,
  SentMessage,
  SimulatedMessage,
  SqsFaults,
} from './types.ts';
import {
  checkEntry,
  checkVisibility,
  goneMessage,
  invalidReceipt,
  receiptExpired,
  totalVisibilityTooLong,
  VISIBILITY_SECONDS_MAX,
} from './validate.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const IN_FLIGHT_MAX = 120_000;
/** Messages that become visible within this time may change places in a standard queue. */
const REORDER_MS = 60_000;

/** What a queue needs of the account that it is in. */
export interface QueueSurroundings {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly url: string;
  readonly arn: string;
  faults(): SqsFaults;
  queueByName(name: string): SimulatedQueue | undefined;
  queueByArn(arn: string): SimulatedQueue | undefined;
  /** The queues whose dead letters go to the one of this name. */
  sourcesOf(name: string): readonly SimulatedQueue[];
  /** SQS has moved a message to its dead-letter queue. */
  moved?(queue: QueueSpec, message: MessageFacts): void;
}

/** What came of moving dead letters. */
export interface MoveOutcome {
  readonly moved: number;
  /** Letters that stayed, because there was no queue for them. */
  readonly stayed: number;
}

/**
 * One SQS queue on the virtual clock. What is due moves when somebody looks; a timer runs only while there is an
 * `onVisible`, one for the next moment at which something becomes visible.
 */
export class SimulatedQueue {
  readonly spec: QueueSpec;
  readonly url: string;
  readonly arn: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;

  readonly #around: QueueSurroundings;
  readonly #mailbox: Mailbox;
  readonly #receiptPrefix: string;
  readonly #window = new DeduplicationWindow();
  readonly #maker: MessageMaker;
  readonly #alarm: AlarmClock;
  #onVisible: (() => void) | undefined;
  #purgedAt: number | undefined;

  constructor(spec: QueueSpec, around: QueueSurroundings) {
    this.spec = spec;
    this.url = around.url;
    this.arn = around.arn;
    this.createdAt = around.clock.now();
    this.#around = around;
    this.#receiptPrefix = `AQEB${hex16(around.arn)}`;
    this.#maker = new MessageMaker(spec, around.clock, around.seed);
    this.#alarm = new AlarmClock(around.clock, `sqs ${spec.name}`, () => {
      this.#mailbox.settle(this.#now);
      this.#announce();
    });
    this.#mailbox = new Mailbox({
      fifo: spec.fifo,
      retentionMs: spec.retentionSeconds * 1000,
      rankOf: (message, since) => this.#rankOf(message, since),
      hiddenMsOf: (message) => around.faults().hide?.(spec, factsOf(message)),
    });
  }

  /**
   * Called at once, within the call or the timer that is the cause, whenever a message has become receivable:
   * sent, delay or visibility timeout over, FIFO group freed, moved here. Once for several at the same moment.
   */
  get onVisible(): (() => void) | undefined {
    return this.#onVisible;
  }

  set onVisible(listener: (() => void) | undefined) {
    this.#onVisible = listener;
    if (listener === undefined) this.#alarm.stop();
    this.#arm();
  }

  /** Whether a receive would find something now. */
  get receivable(): boolean {
    this.#mailbox.settle(this.#now);
    return this.#canGive();
  }

  /** Whether SQS answers a short poll with OverLimit, because too many messages of a standard queue are in flight. */
  get overLimit(): boolean {
    this.#mailbox.settle(this.#now);
    return !this.spec.fifo && this.#room() === 0;
  }

  /** @throws SdkError as SQS refuses it; nothing has happened then */
  send(entry: SendEntry): SentMessage {
    checkEntry(this.spec, entry);
    const now = this.#now;
    const deduplicationId = this.spec.fifo
      ? (entry.deduplicationId ?? contentDeduplicationId(entry.body))
      : undefined;
    const message = this.#maker.create(entry, deduplicationId);
    const { messageId, md5OfBody, md5OfAttributes } = message;
    if (deduplicationId === undefined) {
      this.#mailbox.join(message, now);
      this.#duplicate(message, now);
      this.#announce();
      return { messageId, md5OfBody, md5OfAttributes };
    }
    const earlier = this.#window.find(deduplicationId, now);
    if (earlier !== undefined) return { ...earlier, md5OfBody, md5OfAttributes };
    const sequenceNumber = this.#maker.nextSequenceNumber();
    message.sequenceNumber = sequenceNumber;
    this.#window.remember(deduplicationId, { messageId, sequenceNumber }, now);
    this.#mailbox.join(message, now);
    this.#announce();
    return { messageId, sequenceNumber, md5OfBody, md5OfAttributes };
  }

  /**
   * Whether a fault refuses this entry of a batch. A refused one counts as offered: the next offer of the same body
   * at the same instant has a number of its own.
   */
  failsEntry(entry: SendEntry): boolean {
    const { failEntry } = this.#around.faults();
    if (failEntry === undefined) return false;
    const offered = this.#maker.offer(entry);
    if (!failEntry(this.spec, offered)) return false;
    this.#maker.count(offered);
    return true;
  }

  /**
   * Takes up to `countMax` messages, any number; a message that would be received too often goes to the
   * dead-letter queue instead. Nothing more is given while too many are in flight.
   * @throws SdkError for a visibility timeout that is out of range
   */
  receive(
    countMax: number,
    options: { readonly visibilityTimeoutSeconds?: number | undefined } = {},
  ): readonly SimulatedMessage[] {
    const seconds = options.visibilityTimeoutSeconds ?? this.spec.visibilityTimeoutSeconds;
    checkVisibility(seconds);
    const now = this.#now;
    this.#mailbox.settle(now);
    const { deadLetterName = '', maxReceiveCount = Number.POSITIVE_INFINITY } = this.spec.redrive ?? {};
    const deadLetters = this.#around.queueByName(deadLetterName);
    const taken: SimulatedMessage[] = [];
    this.#mailbox.take(Math.min(countMax, this.#room()), (message) => {
      if (deadLetters !== undefined && message.receiveCount >= maxReceiveCount) {
        this.#mailbox.drop(message);
        this.#around.moved?.(this.spec, factsOf(message));
        deadLetters.#takeDeadLetter(message, this.arn);
        return false;
      }
      taken.push(this.#hand(message, now, seconds));
      return true;
    });
    this.#arm();
    if (deadLetters !== undefined) deadLetters.#announce();
    return taken;
  }

  /**
   * Deletes a message that was received. With an older receipt than the newest, or of a message that is gone,
   * nothing happens and nothing is said.
   * @throws SdkError `ReceiptHandleIsInvalid` for what is no receipt of this queue; in a FIFO queue
   * `InvalidParameterValue` when the receipt has expired with its visibility timeout
   */
  delete(receipt: string): void {
    const message = this.#received(receipt);
    if (message === undefined) return;
    const current = message.receipt === receipt;
    if (this.spec.fifo && !(current && message.state === 'inFlight')) throw receiptExpired(receipt);
    if (!current) return;
    if (this.#room() === 0) this.#mailbox.news = true;
    this.#mailbox.drop(message);
    this.#announce();
  }

  /**
   * Hides a message for so many seconds from now; 0 shows it at once. Nothing happens when its timeout is over and
   * nobody has received it since.
   * @throws SdkError `InvalidParameterValue` for a number that is out of range or exceeds 12 hours since the
   * receive, and for a message that is gone or was received again; `ReceiptHandleIsInvalid`
   */
  changeVisibility(receipt: string, seconds: number): void {
    checkVisibility(seconds);
    const message = this.#received(receipt);
    if (message?.receipt !== receipt) throw goneMessage(receipt);
    if (message.state !== 'inFlight') return;
    const now = this.#now;
    const until = now + seconds * 1000;
    if (until > message.receivedAt + VISIBILITY_SECONDS_MAX * 1000) throw totalVisibilityTooLong(seconds);
    if (seconds === 0) this.#mailbox.release(message, now);
    else this.#mailbox.hideUntil(message, until);
    this.#announce();
  }

  counts(): QueueCounts {
    this.#mailbox.settle(this.#now);
    return this.#mailbox.counts;
  }

  /** Every message, in the order in which they came in. Changes nothing. */
  peek(): readonly PeekedMessage[] {
    this.#mailbox.settle(this.#now);
    return Array.from(this.#mailbox.all(), peekedOf);
  }

  /** Deletes every message. SQS takes up to a minute for it; here it is done at once. */
  purge(): void {
    this.#purgedAt = this.#now;
    this.#mailbox.clear();
  }

  /** When it was purged last, milliseconds since 1970. */
  get purgedAt(): number | undefined {
    return this.#purgedAt;
  }

  /**
   * Sends the visible dead letters of this queue back, those first that came first: each to the queue that SQS took
   * it from, or to the only queue whose dead letters come here. They are new messages: new id and time, no receives.
   * @param max all when left out
   * @returns how many were moved
   */
  redrive(max: number = Number.POSITIVE_INFINITY): number {
    const [only, ...others] = this.#around.sourcesOf(this.spec.name);
    const fallback = others.length === 0 ? only : undefined;
    return this.moveVisible((arn) => (arn === undefined ? fallback : this.#around.queueByArn(arn)), max)
      .moved;
  }

  /**
   * Moves visible messages to other queues, as new messages: what a redrive task does. They pass by the
   * deduplication of the other queue and by its delay, of which AWS's documentation says nothing.
   * @param targetOf where to, by the queue that SQS took the message from; undefined leaves it here
   */
  moveVisible(
    targetOf: (deadLetterSourceArn: string | undefined) => SimulatedQueue | undefined,
    max: number = Number.POSITIVE_INFINITY,
  ): MoveOutcome {
    this.#mailbox.settle(this.#now);
    const targets = new Set<SimulatedQueue>();
    let [moved, stayed] = [0, 0];
    for (const message of [...this.#mailbox.all()]) {
      const visible = message.state === 'ready' || message.state === 'hidden';
      if (!visible || moved === max) continue;
      const target = targetOf(message.deadLetterSourceArn);
      if (target === undefined) {
        stayed += 1;
        continue;
      }
      this.#mailbox.drop(message);
      target.#mailbox.join(target.#maker.renew(message), this.#now);
      targets.add(target);
      moved += 1;
    }
    for (const target of targets) target.#announce();
    return { moved, stayed };
  }

  get #now(): number {
    return this.#around.clock.now();
  }

  #room(): number {
    return (this.spec.inFlightMax ?? IN_FLIGHT_MAX) - this.#mailbox.inFlight;
  }

  #canGive(): boolean {
    return this.#mailbox.hasNext() && this.#room() > 0;
  }

  #duplicate(message: StoredMessage, now: number): void {
    const afterMs = this.#around.faults().duplicate?.(this.spec, factsOf(message));
    if (afterMs !== undefined) this.#mailbox.join(copyOf(message, message.visibleAt + afterMs), now);
  }

  #hand(message: StoredMessage, now: number, seconds: number): SimulatedMessage {
    message.receiveCount += 1;
    message.firstReceivedAt ??= now;
    message.receivedAt = now;
    message.receipt = `${this.#receiptPrefix}${message.key}/${message.receiveCount}`;
    this.#mailbox.hand(message, now + seconds * 1000);
    return { ...factsOf(message), receipt: message.receipt };
  }

  /** The message of a receipt, if it is still here. */
  #received(receipt: string): StoredMessage | undefined {
    this.#mailbox.settle(this.#now);
    const slash = receipt.lastIndexOf('/');
    if (slash < 0 || !receipt.startsWith(this.#receiptPrefix)) throw invalidReceipt(receipt);
    return this.#mailbox.get(receipt.slice(this.#receiptPrefix.length, slash));
  }

  /**
   * A message keeps its id, its sending time and its receives when SQS moves it. In a standard queue also its
   * retention goes on; in a FIFO queue it begins anew, and the message id becomes the deduplication id.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
   */
  #takeDeadLetter(message: StoredMessage, sourceArn: string): void {
    const now = this.#now;
    message.deadLetterSourceArn = sourceArn;
    message.visibleAt = now;
    if (this.spec.fifo) {
      message.enqueuedAt = now;
      message.deduplicationId = message.messageId;
      message.sequenceNumber = this.#maker.nextSequenceNumber();
    }
    this.#mailbox.join(message, now);
  }

  #rankOf(message: StoredMessage, since: number): number {
    if (this.spec.fifo || this.#around.faults().reorder === false) return since;
    const label = `order/${message.key}/${message.receiveCount}`;
    return since + REORDER_MS * unitOf(this.#around.seed, label);
  }

  /** Tells the listener if there is something new to receive, and sees to the timer. */
  #announce(): void {
    this.#arm();
    if (!this.#mailbox.news) return;
    this.#mailbox.news = false;
    if (this.#onVisible !== undefined && this.#canGive()) this.#onVisible();
  }

  /** Sets the timer for the next message that becomes visible by itself, if somebody listens. */
  #arm(): void {
    if (this.#onVisible === undefined) return;
    const due = this.#mailbox.nextDue();
    if (due !== undefined) this.#alarm.noLaterThan(due);
  }
}
