/**
 * The part of fauxqs 2.4.1 that the local cloud stands on. Its public `startFauxqs` opens a port of its own, builds
 * queue URLs with that port and cannot be told that time has passed; the stores behind it can. They are not
 * exported, so they are loaded by file and described here; `queues.test.ts` holds them to this description.
 */

/** A message in a queue of fauxqs; times are milliseconds since 1970. */
export interface FauxqsMessage {
  readonly messageId: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly messageAttributes: Record<
    string,
    { DataType: string; StringValue?: string; BinaryValue?: string }
  >;
  readonly sentTimestamp: number;
  readonly approximateReceiveCount: number;
  readonly approximateFirstReceiveTimestamp?: number;
  readonly delayUntil?: number;
  readonly messageGroupId?: string;
  readonly messageDeduplicationId?: string;
  sequenceNumber?: string;
}

export interface FauxqsQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly attributes: Record<string, string>;
  messages: FauxqsMessage[];
  delayedMessages: FauxqsMessage[];
  readonly inflightMessages: Map<
    string,
    { readonly message: FauxqsMessage; readonly receiptHandle: string; readonly visibilityDeadline: number }
  >;
  readonly fifoMessages: Map<string, FauxqsMessage[]>;
  readonly fifoDelayed: Map<string, FauxqsMessage[]>;
  /** Messages in flight by group; a group that is in here gives out nothing more. */
  readonly fifoLockedGroups: Map<string, number>;
  isFifo(): boolean;
  processTimers(): void;
  hasAvailableFifoMessages(): boolean;
  dequeue(
    countMax: number,
    visibilitySeconds: number | undefined,
    deadLetterQueueOf: (arn: string) => FauxqsQueue | undefined,
  ): { readonly ReceiptHandle: string }[];
  enqueue(message: FauxqsMessage): void;
  deleteMessage(receiptHandle: string): boolean;
  checkDeduplication(id: string): { readonly isDuplicate: boolean };
  recordDeduplication(id: string, messageId: string, sequenceNumber: string): void;
  nextSequenceNumber(): string;
}

export interface FauxqsStore {
  allQueues(): Iterable<FauxqsQueue>;
  createQueue(
    name: string,
    url: string,
    arn: string,
    attributes: Record<string, string>,
    tags: Record<string, string>,
  ): FauxqsQueue;
  getQueue(url: string): FauxqsQueue | undefined;
  getQueueByName(name: string): FauxqsQueue | undefined;
  getQueueByArn(arn: string): FauxqsQueue | undefined;
}

interface FauxqsStoreClass {
  new (): FauxqsStore;
  createMessage(
    body: string,
    attributes: FauxqsMessage['messageAttributes'],
    delaySeconds: number | undefined,
    groupId: string | undefined,
    deduplicationId: string | undefined,
  ): FauxqsMessage;
  contentBasedDeduplicationId(body: string): string;
}

export interface FauxqsTopics {
  createTopic(
    name: string,
    attributes: Record<string, string>,
    tags: undefined,
    region: string,
  ): { arn: string };
  subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    attributes?: Record<string, string>,
  ): unknown;
  getTopic(arn: string): { readonly arn: string; readonly name: string } | undefined;
  /** By ARN. fauxqs tells no client whether one is confirmed. */
  readonly subscriptions: ReadonlyMap<string, { readonly endpoint: string; confirmed: boolean }>;
}

/** As much of a Fastify application as is used: requests that come in without a socket. */
export interface InjectableApp {
  ready(): Promise<unknown>;
  close(): Promise<unknown>;
  inject(request: {
    method: 'POST';
    url: string;
    headers: Record<string, string>;
    payload: string;
  }): Promise<{ statusCode: number; headers: Record<string, unknown>; body: string }>;
}

export interface Fauxqs {
  readonly SqsStore: FauxqsStoreClass;
  readonly SnsStore: new () => FauxqsTopics;
  readonly S3Store: new () => object;
  buildApp(options: {
    logger: false;
    stores: { sqsStore: FauxqsStore; snsStore: FauxqsTopics; s3Store: object };
  }): InjectableApp;
}

/** Loads fauxqs and the stores behind it. */
export async function loadFauxqs(): Promise<Fauxqs> {
  const main = import.meta.resolve('fauxqs');
  return await withoutSqliteWarning(() => load(main));
}

/** fauxqs loads node:sqlite for a persistence that is not used here; Node warns of it on the terminal. */
async function withoutSqliteWarning<T>(work: () => Promise<T>): Promise<T> {
  const { emitWarning } = process;
  process.emitWarning = ((warning: string | Error, ...rest: []) => {
    if (!String(warning).includes('SQLite')) emitWarning.call(process, warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return await work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function load(main: string): Promise<Fauxqs> {
  const [app, sqs, sns, s3] = await Promise.all([
    import(main),
    import(new URL('./sqs/sqsStore.js', main).href),
    import(new URL('./sns/snsStore.js', main).href),
    import(new URL('./s3/s3Store.js', main).href),
  ]);
  return {
    SqsStore: sqs.SqsStore,
    SnsStore: sns.SnsStore,
    S3Store: s3.S3Store,
    buildApp: app.buildApp,
  } as Fauxqs;
}
