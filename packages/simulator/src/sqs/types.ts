/** A queue as its template describes it. */
export interface QueueSpec {
  /** Ends in `.fifo` when it is one. */
  readonly name: string;
  readonly region: string;
  readonly fifo: boolean;
  /** 0 to 43,200. */
  readonly visibilityTimeoutSeconds: number;
  /** 60 to 1,209,600. */
  readonly retentionSeconds: number;
  /** 0 to 900; holds for every message that has no delay of its own. */
  readonly delaySeconds: number;
  /** FIFO: a message without a deduplication id gets the SHA-256 of its body. */
  readonly contentBasedDeduplication?: boolean;
  /** Body and attributes of one message; 1 MiB when left out. */
  readonly messageBytesMax?: number;
  /** Where a message goes that would be received more often than this. */
  readonly redrive?: { readonly deadLetterName: string; readonly maxReceiveCount: number };
  /** Messages in flight; SQS's own quota of 120,000 when left out. */
  readonly inFlightMax?: number;
}

/** A message attribute, as the SDK has it. */
export interface MessageAttribute {
  /** `String`, `Number` or `Binary`, with a label of one's own behind a dot or without. */
  readonly DataType: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/** What is sent. */
export interface SendEntry {
  readonly body: string;
  /** FIFO: must be given. Standard: SQS takes it for its fair queues; it orders nothing. */
  readonly groupId?: string | undefined;
  /** FIFO: must be given unless the queue derives it from the body. */
  readonly deduplicationId?: string | undefined;
  /** Standard: 0 to 900. FIFO: refused unless it is 0. */
  readonly delaySeconds?: number | undefined;
  readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined;
}

/** What a sender learns. */
export interface SentMessage {
  /** That of the earlier message when this one was a duplicate of it. */
  readonly messageId: string;
  /** FIFO only. */
  readonly sequenceNumber?: string;
  readonly md5OfBody: string;
  /** Empty when it has no attributes. */
  readonly md5OfAttributes: string;
}

/** A message in whatever state. Times are milliseconds since 1970. */
export interface MessageFacts {
  readonly messageId: string;
  readonly body: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** FIFO: 20 digits; grows. */
  readonly sequenceNumber?: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly md5OfBody: string;
  /** Empty when it has no attributes. */
  readonly md5OfAttributes: string;
  /** Set in a dead-letter queue, for a message that SQS moved there itself. */
  readonly deadLetterSourceArn?: string;
}

/** A message in the hands of a consumer. */
export interface SimulatedMessage extends MessageFacts {
  /** Good for deleting and hiding until the message is received again; in a FIFO queue until its timeout is over. */
  readonly receipt: string;
}

/** A message in a queue, for oracles and reports. */
export interface PeekedMessage extends MessageFacts {
  readonly state: 'visible' | 'inFlight' | 'delayed';
  /** When the delay or the visibility timeout is over; unset for visible ones. */
  readonly visibleAt?: number;
  /** From when its retention counts. */
  readonly enqueuedAt: number;
  /** A second delivery that a fault made; its message id is that of the first. */
  readonly copy: boolean;
}

export interface QueueCounts {
  /** As SQS counts: also messages of a FIFO group that is locked. */
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** An entry of a SendMessageBatch, as faults see it. */
export interface OfferedEntry extends SendEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How often this body was offered to this queue at this instant: 1 for the first time. */
  readonly offer: number;
}

/**
 * What goes wrong. Draw chance from what is handed over (`unitOf(seed, label)`), never from a sequence, so that
 * taking one fault away leaves the others where they were.
 */
export interface SqsFaults {
  /** Standard queues: a second copy is delivered so many milliseconds after the first becomes visible. */
  duplicate?(queue: QueueSpec, message: MessageFacts): number | undefined;
  /** Receives overlook a message for so many milliseconds after it has become visible. */
  hide?(queue: QueueSpec, message: MessageFacts): number | undefined;
  /**
   * Standard queues mix messages that become visible within a minute of each other, by chance. `false` hands
   * them out in the order in which they became visible.
   */
  reorder?: boolean;
  /** This entry of a SendMessageBatch is refused with InternalError, which is SQS's fault; the others are taken. */
  failEntry?(queue: QueueSpec, entry: OfferedEntry): boolean;
}
