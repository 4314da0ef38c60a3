import {
  type Fauxqs,
  type FauxqsMessage,
  type FauxqsQueue,
  type FauxqsStore,
  type FauxqsTopics,
  type InjectableApp,
  loadFauxqs,
} from './fauxqs-internals.ts';
import type { WireResponse } from './wire.ts';

/** A message as an event source mapping hands it to a function. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

/** Numbers of one queue. */
export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** When its oldest message was sent, milliseconds since 1970. */
  readonly oldestSentAt?: number;
}

export interface SendOptions {
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A message that lies in a queue, in whatever state. */
export interface LyingMessage {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The account of the local cloud; fauxqs knows no other. */
export const LOCAL_ACCOUNT = '000000000000';

/**
 * SQS and SNS: fauxqs in this process. It reads the time from `Date`, which follows the virtual clock, and is
 * passive about it: what has become due moves when `settle` or a request looks.
 */
export class Queues {
  readonly #fauxqs: Fauxqs;
  readonly #store: FauxqsStore;
  readonly #topics: FauxqsTopics;
  readonly #app: InjectableApp;
  readonly #urlOf: (name: string) => string;

  private constructor(fauxqs: Fauxqs, urlOf: (name: string) => string) {
    this.#fauxqs = fauxqs;
    this.#store = new fauxqs.SqsStore();
    this.#topics = new fauxqs.SnsStore();
    const stores = { sqsStore: this.#store, snsStore: this.#topics, s3Store: new fauxqs.S3Store() };
    this.#app = fauxqs.buildApp({ logger: false, stores });
    this.#urlOf = urlOf;
  }

  /** @param urlOf the URL under which clients reach a queue */
  static async open(urlOf: (name: string) => string): Promise<Queues> {
    const queues = new Queues(await loadFauxqs(), urlOf);
    await queues.#app.ready();
    return queues;
  }

  async close(): Promise<void> {
    await this.#app.close();
  }

  /** @throws when the name is taken: queue names are global in fauxqs, as the vault's are */
  createQueue(
    name: string,
    region: string,
    attributes: Readonly<Record<string, string>>,
    tags: Readonly<Record<string, string>> = {},
  ): { url: string; arn: string } {
    if (this.#store.getQueueByName(name)) throw new Error(`There are two queues named "${name}"`);
    const arn = `arn:aws:sqs:${region}:${LOCAL_ACCOUNT}:${name}`;
    const fifo = attributes['FifoQueue'] === 'true' ? { ContentBasedDeduplication: 'false' } : {};
    const queue = this.#store.createQueue(
      name,
      this.#urlOf(name),
      arn,
      { ...fifo, ...attributes },
      { ...tags },
    );
    return { url: queue.url, arn };
  }

  createTopic(name: string, region: string): string {
    return this.#topics.createTopic(name, {}, undefined, region).arn;
  }

  subscribe(topicArn: string, protocol: string, endpoint: string): void {
    this.#topics.subscribe(topicArn, protocol, endpoint);
  }

  /** What the reader of a mail does, in every topic that it was subscribed to. */
  confirmSubscriptions(endpoint: string): void {
    for (const each of this.#topics.subscriptions.values()) {
      if (each.endpoint === endpoint) each.confirmed = true;
    }
  }

  /** ARNs of the subscriptions whose readers have not confirmed yet. */
  pendingSubscriptions(): readonly string[] {
    return [...this.#topics.subscriptions].filter(([, { confirmed }]) => !confirmed).map(([arn]) => arn);
  }

  hasTopic(arn: string): boolean {
    return this.#topics.getTopic(arn) !== undefined;
  }

  /** A request to SQS or SNS in its own protocol, headers in lower case. */
  async handle(headers: Record<string, string>, payload: string): Promise<WireResponse> {
    const reply = await this.#app.inject({ method: 'POST', url: '/', headers, payload });
    const answer: Record<string, string> = {};
    for (const name of ['content-type', 'x-amzn-query-error', 'x-amz-request-id']) {
      const value = reply.headers[name];
      if (typeof value === 'string') answer[name] = value;
    }
    return { status: reply.statusCode, headers: answer, body: reply.body };
  }

  names(): readonly string[] {
    return [...this.#store.allQueues()].map((queue) => queue.name);
  }

  urlOf(name: string): string {
    return this.#queue(name).url;
  }

  arnOf(urlOrName: string): string | undefined {
    return (this.#store.getQueueByName(urlOrName) ?? this.#store.getQueue(urlOrName))?.arn;
  }

  attributesOf(name: string): Readonly<Record<string, string>> {
    return this.#queue(name).attributes;
  }

  counts(name: string): QueueCounts {
    const queue = this.#queue(name);
    queue.processTimers();
    const ready = readyOf(queue);
    const delayed = delayedOf(queue);
    let oldest = Number.POSITIVE_INFINITY;
    for (const message of ready) oldest = Math.min(oldest, message.sentTimestamp);
    for (const entry of queue.inflightMessages.values())
      oldest = Math.min(oldest, entry.message.sentTimestamp);
    return {
      visible: ready.length,
      inFlight: queue.inflightMessages.size,
      delayed: delayed.length,
      ...(oldest === Number.POSITIVE_INFINITY ? {} : { oldestSentAt: oldest }),
    };
  }

  /** Everything that lies in a queue: visible, in flight and delayed. */
  messages(name: string): readonly LyingMessage[] {
    const queue = this.#queue(name);
    const inFlight = [...queue.inflightMessages.values()].map((entry) => entry.message);
    return [...readyOf(queue), ...inFlight, ...delayedOf(queue)].map((message) => ({
      id: message.messageId,
      body: message.body,
      sentAt: message.sentTimestamp,
      receiveCount: message.approximateReceiveCount,
      attributes: Object.fromEntries(
        Object.entries(message.messageAttributes).map(([key, value]) => [key, value.StringValue ?? '']),
      ),
    }));
  }

  /** When something in this queue becomes visible by itself, milliseconds since 1970. */
  nextDue(name: string): number | undefined {
    const queue = this.#queue(name);
    let due = Number.POSITIVE_INFINITY;
    for (const entry of queue.inflightMessages.values()) due = Math.min(due, entry.visibilityDeadline);
    for (const message of delayedOf(queue)) due = Math.min(due, message.delayUntil ?? due);
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  }

  /** Whether a receive would give something now. */
  hasVisible(name: string): boolean {
    const queue = this.#queue(name);
    queue.processTimers();
    return queue.isFifo() ? queue.hasAvailableFifoMessages() : queue.messages.length > 0;
  }

  /**
   * Takes up to `countMax` messages, as an event source mapping does. From a FIFO queue it takes several of one
   * group in order, as SQS does (fauxqs gives one of each group per receive).
   */
  receive(name: string, countMax: number, region: string): readonly SqsRecord[] {
    const queue = this.#queue(name);
    const locked = new Map(queue.fifoLockedGroups);
    const records: SqsRecord[] = [];
    while (records.length < countMax) {
      const taken = queue.dequeue(Math.min(10, countMax - records.length), undefined, (arn) =>
        this.#store.getQueueByArn(arn),
      );
      if (taken.length === 0) break;
      records.push(...taken.map((one) => this.#record(queue, one.ReceiptHandle, region)));
      // Our own groups may give more to this same batch; the locks of others stay.
      for (const group of queue.fifoLockedGroups.keys())
        if (!locked.has(group)) queue.fifoLockedGroups.delete(group);
    }
    for (const record of records) {
      const group = record.attributes['MessageGroupId'];
      if (group !== undefined)
        queue.fifoLockedGroups.set(group, (queue.fifoLockedGroups.get(group) ?? 0) + 1);
    }
    return records;
  }

  delete(name: string, receiptHandle: string): void {
    this.#queue(name).deleteMessage(receiptHandle);
  }

  /** Sends as a service does (a rule's target, a schedule, a destination). @throws as SQS would refuse */
  send(name: string, body: string, options: SendOptions = {}): void {
    const queue = this.#queue(name);
    const { SqsStore } = this.#fauxqs;
    const attributes: FauxqsMessage['messageAttributes'] = {};
    for (const [key, value] of Object.entries(options.attributes ?? {})) {
      attributes[key] = { DataType: 'String', StringValue: value };
    }
    const delay = Number(queue.attributes['DelaySeconds'] ?? '0') || undefined;
    if (!queue.isFifo()) {
      queue.enqueue(SqsStore.createMessage(body, attributes, delay, options.groupId, undefined));
      return;
    }
    if (options.groupId === undefined)
      throw new Error(`${name}: The request must contain the parameter MessageGroupId.`);
    const contentBased = queue.attributes['ContentBasedDeduplication'] === 'true';
    const id =
      options.deduplicationId ?? (contentBased ? SqsStore.contentBasedDeduplicationId(body) : undefined);
    if (id === undefined)
      throw new Error(
        `${name}: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly`,
      );
    if (queue.checkDeduplication(id).isDuplicate) return;
    const message = SqsStore.createMessage(body, attributes, delay, options.groupId, id);
    message.sequenceNumber = queue.nextSequenceNumber();
    queue.recordDeduplication(id, message.messageId, message.sequenceNumber);
    queue.enqueue(message);
  }

  /**
   * SQS's own redrive: moves everything visible of a dead-letter queue to another queue as new messages.
   * @returns how many were moved
   */
  move(from: string, to: string): number {
    const source = this.#queue(from);
    source.processTimers();
    const target = this.#queue(to);
    const moved = [...readyOf(source)];
    source.messages = [];
    source.fifoMessages.clear();
    for (const old of moved) {
      const { SqsStore } = this.#fauxqs;
      const message = SqsStore.createMessage(
        old.body,
        old.messageAttributes,
        undefined,
        old.messageGroupId,
        old.messageDeduplicationId,
      );
      if (target.isFifo()) message.sequenceNumber = target.nextSequenceNumber();
      target.enqueue(message);
    }
    return moved.length;
  }

  /** Names of the queues whose redrive policy points at this one. */
  sourcesOf(name: string): readonly string[] {
    const { arn } = this.#queue(name);
    return [...this.#store.allQueues()]
      .filter((queue) => redriveTarget(queue.attributes['RedrivePolicy']) === arn)
      .map((queue) => queue.name);
  }

  /** Lets messages become visible whose time has come, and drops those whose retention is over. */
  settle(now: number): void {
    for (const queue of this.#store.allQueues()) {
      queue.processTimers();
      const oldest = now - Number(queue.attributes['MessageRetentionPeriod'] ?? '345600') * 1000;
      if (queue.messages.some((message) => message.sentTimestamp < oldest)) {
        queue.messages = queue.messages.filter((message) => message.sentTimestamp >= oldest);
      }
      for (const [group, messages] of queue.fifoMessages) {
        if (!messages.some((message) => message.sentTimestamp < oldest)) continue;
        const kept = messages.filter((message) => message.sentTimestamp >= oldest);
        if (kept.length > 0) queue.fifoMessages.set(group, kept);
        else queue.fifoMessages.delete(group);
      }
    }
  }

  #queue(name: string): FauxqsQueue {
    const queue = this.#store.getQueueByName(name);
    if (queue === undefined) throw new Error(`There is no queue named "${name}"`);
    return queue;
  }

  #record(queue: FauxqsQueue, receiptHandle: string, region: string): SqsRecord {
    const message = queue.inflightMessages.get(receiptHandle)?.message as FauxqsMessage;
    const attributes: Record<string, string> = {
      ApproximateReceiveCount: String(message.approximateReceiveCount),
      SentTimestamp: String(message.sentTimestamp),
      SenderId: LOCAL_ACCOUNT,
      ApproximateFirstReceiveTimestamp: String(
        message.approximateFirstReceiveTimestamp ?? message.sentTimestamp,
      ),
    };
    if (message.messageGroupId !== undefined) attributes['MessageGroupId'] = message.messageGroupId;
    if (message.messageDeduplicationId !== undefined)
      attributes['MessageDeduplicationId'] = message.messageDeduplicationId;
    if (message.sequenceNumber !== undefined) attributes['SequenceNumber'] = message.sequenceNumber;
    return {
      messageId: message.messageId,
      receiptHandle,
      body: message.body,
      attributes,
      messageAttributes: Object.fromEntries(
        Object.entries(message.messageAttributes).map(([key, value]) => [
          key,
          {
            stringValue: value.StringValue,
            dataType: value.DataType,
            stringListValues: [],
            binaryListValues: [],
          },
        ]),
      ),
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: queue.arn,
      awsRegion: region,
    };
  }
}

const readyOf = (queue: FauxqsQueue): FauxqsMessage[] =>
  queue.isFifo() ? [...queue.fifoMessages.values()].flat() : queue.messages;
const delayedOf = (queue: FauxqsQueue): FauxqsMessage[] =>
  queue.isFifo() ? [...queue.fifoDelayed.values()].flat() : queue.delayedMessages;

/** The ARN of the dead-letter queue in a redrive policy. */
function redriveTarget(policy: string | undefined): string | undefined {
  if (policy === undefined || policy === '') return undefined;
  return (JSON.parse(policy) as { deadLetterTargetArn?: string }).deadLetterTargetArn;
}
