import { md5Of, md5OfAttributes, uuidOf } from './digests.ts';
import type { MessageAttribute, MessageFacts, PeekedMessage } from './types.ts';

/** `hidden` is visible to SQS's counters, but receives overlook it (a fault). `gone` has left its queue. */
export type MessageState = 'delayed' | 'ready' | 'inFlight' | 'hidden' | 'gone';

/** A message as the queue keeps it: changes in place, and never leaves the model. */
export interface StoredMessage {
  /** Unique within the account; the message id, and a mark for a copy. */
  readonly key: string;
  readonly messageId: string;
  readonly body: string;
  readonly groupId: string | undefined;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly md5OfBody: string;
  readonly md5OfAttributes: string;
  readonly copy: boolean;
  readonly sentAt: number;
  deduplicationId: string | undefined;
  sequenceNumber: string | undefined;
  deadLetterSourceArn: string | undefined;
  /** Position among the messages of its queue. */
  order: number;
  /** From when its retention counts, milliseconds since 1970. */
  enqueuedAt: number;
  /** When it becomes ready by itself, milliseconds since 1970. */
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  receivedAt: number;
  /** The receipt of the newest receive. */
  receipt: string;
  state: MessageState;
}

const NO_ATTRIBUTES: Readonly<Record<string, MessageAttribute>> = Object.freeze({});

/** What makes a message of an entry. Times are milliseconds since 1970. */
export interface Making {
  /** What its id depends on besides its content. */
  readonly label: string;
  readonly seed: number;
  readonly deduplicationId: string | undefined;
  readonly sentAt: number;
  readonly visibleAt: number;
}

/** A message that is not in a queue yet. */
export function createMessage(
  entry: {
    readonly body: string;
    readonly groupId?: string | undefined;
    readonly attributes?: Readonly<Record<string, MessageAttribute>> | undefined;
  },
  { label, seed, deduplicationId, sentAt, visibleAt }: Making,
): StoredMessage {
  const { body, groupId } = entry;
  const attributes = entry.attributes === undefined ? NO_ATTRIBUTES : copyAttributes(entry.attributes);
  const md5OfBody = md5Of(body);
  const messageId = uuidOf(`${label}/${groupId ?? ''}/${md5OfBody}`, seed);
  return {
    key: messageId,
    messageId,
    body,
    groupId,
    attributes,
    md5OfBody,
    md5OfAttributes: md5OfAttributes(attributes),
    copy: false,
    sentAt,
    deduplicationId,
    sequenceNumber: undefined,
    deadLetterSourceArn: undefined,
    order: 0,
    enqueuedAt: sentAt,
    visibleAt,
    receiveCount: 0,
    firstReceivedAt: undefined,
    receivedAt: 0,
    receipt: '',
    state: 'gone',
  };
}

/** What a caller does to its own object must not reach a message. */
const copyAttributes = (
  attributes: Readonly<Record<string, MessageAttribute>>,
): Record<string, MessageAttribute> =>
  Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, { ...attribute }]));

/** A second delivery of a message. */
export const copyOf = (message: StoredMessage, visibleAt: number): StoredMessage => ({
  ...message,
  key: `${message.key}+`,
  copy: true,
  visibleAt,
  receiveCount: 0,
  firstReceivedAt: undefined,
  receipt: '',
  state: 'gone',
});

/** A description that later changes of the message do not touch. */
export function factsOf(message: StoredMessage): MessageFacts {
  const { groupId, deduplicationId, sequenceNumber, firstReceivedAt, deadLetterSourceArn } = message;
  return {
    messageId: message.messageId,
    body: message.body,
    sentAt: message.sentAt,
    receiveCount: message.receiveCount,
    attributes: message.attributes,
    md5OfBody: message.md5OfBody,
    md5OfAttributes: message.md5OfAttributes,
    ...(groupId === undefined ? undefined : { groupId }),
    ...(deduplicationId === undefined ? undefined : { deduplicationId }),
    ...(sequenceNumber === undefined ? undefined : { sequenceNumber }),
    ...(firstReceivedAt === undefined ? undefined : { firstReceivedAt }),
    ...(deadLetterSourceArn === undefined ? undefined : { deadLetterSourceArn }),
  };
}

export function peekedOf(message: StoredMessage): PeekedMessage {
  const { state, visibleAt, enqueuedAt, copy } = message;
  const shown = state === 'inFlight' || state === 'delayed' ? state : 'visible';
  return {
    ...factsOf(message),
    state: shown,
    enqueuedAt,
    copy,
    ...(shown === 'visible' ? undefined : { visibleAt }),
  };
}
