import type { VirtualClock } from '../clock.ts';
import { SdkError } from '../sdk-error.ts';
import { uuidOf } from '../sqs/digests.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MESSAGE_BYTES_MAX = 262_144;
const SUBJECT_CHARACTERS_MAX = 99;

export interface SnsOptions {
  readonly clock: VirtualClock;
  /** All ids come from it. */
  readonly seed: number;
  readonly accountId: string;
}

export interface SimulatedTopic {
  readonly name: string;
  readonly arn: string;
}

/** Who gets what is published on a topic. Mail goes out only when its reader has confirmed. */
export interface SimulatedSubscription {
  readonly topicArn: string;
  /** `email`, `sqs`, `https` and so on. */
  readonly protocol: string;
  readonly endpoint: string;
  readonly state: 'pending' | 'confirmed';
}

/** What is published. */
export interface Publication {
  readonly topicArn: string;
  readonly message: string;
  readonly subject?: string | undefined;
}

/** What was published. */
export interface PublishedMessage extends Publication {
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The confirmed subscriptions of that moment. */
  readonly receivers: readonly SimulatedSubscription[];
}

/** Refuses a publication: the error that the caller gets. Draw chance from what is handed over, not from a sequence. */
export type SnsFault = (publication: Publication, at: number) => SdkError | undefined;

/** SNS of one account on the virtual clock. It keeps what was published; carrying it further is up to others. */
export class SnsService {
  /** Strikes before a publication is looked at; none when unset. */
  fault: SnsFault | undefined;
  readonly #options: SnsOptions;
  readonly #topics = new Map<string, SimulatedTopic>();
  readonly #subscriptions: SimulatedSubscription[] = [];
  readonly #published: PublishedMessage[] = [];

  constructor(options: SnsOptions) {
    this.#options = options;
  }

  /** The topic of this name; makes it when there is none. */
  createTopic(name: string, region: string): SimulatedTopic {
    const arn = `arn:aws:sns:${region}:${this.#options.accountId}:${name}`;
    const topic = this.#topics.get(arn) ?? { name, arn };
    this.#topics.set(arn, topic);
    return topic;
  }

  /**
   * Mail and HTTP wait for confirmation, services of AWS do not.
   * @throws SdkError `NotFoundException` when there is no such topic
   */
  subscribe(topicArn: string, protocol: string, endpoint: string): SimulatedSubscription {
    this.#existing(topicArn);
    const known = this.#subscriptions.find(
      (one) => one.topicArn === topicArn && one.protocol === protocol && one.endpoint === endpoint,
    );
    if (known !== undefined) return known;
    const state = /^(email|https?)/.test(protocol) ? 'pending' : 'confirmed';
    const subscription: SimulatedSubscription = { topicArn, protocol, endpoint, state };
    this.#subscriptions.push(subscription);
    return subscription;
  }

  /** What the reader of a mail does. Does nothing when nobody subscribed with this endpoint. */
  confirm(endpoint: string): void {
    this.#subscriptions.forEach((one, index) => {
      if (one.endpoint === endpoint) this.#subscriptions[index] = { ...one, state: 'confirmed' };
    });
  }

  topics(): readonly SimulatedTopic[] {
    return [...this.#topics.values()];
  }

  /** @param state both when left out */
  subscriptions(state?: SimulatedSubscription['state']): readonly SimulatedSubscription[] {
    return this.#subscriptions.filter((one) => state === undefined || one.state === state);
  }

  /** Everything that was published, the oldest first. */
  published(): readonly PublishedMessage[] {
    return this.#published;
  }

  /** @throws SdkError `NotFoundException`, or `InvalidParameterException` for a subject or a message that SNS does not take */
  publish(publication: Publication): PublishedMessage {
    const at = this.#options.clock.now();
    const struck = this.fault?.(publication, at);
    if (struck !== undefined) throw struck;
    this.#existing(publication.topicArn);
    checkMessage(publication.message);
    if (publication.subject !== undefined) checkSubject(publication.subject);
    const { topicArn, message, subject } = publication;
    const published: PublishedMessage = {
      topicArn,
      message,
      ...(subject === undefined ? {} : { subject }),
      messageId: uuidOf(`${topicArn}/${at}/${this.#publishedAt(at)}/${message}`, this.#options.seed),
      at,
      receivers: this.subscriptions('confirmed').filter((one) => one.topicArn === topicArn),
    };
    this.#published.push(published);
    return published;
  }

  /** How many were published at this instant. */
  #publishedAt(at: number): number {
    const before = this.#published.findLastIndex((one) => one.at !== at);
    return this.#published.length - 1 - before;
  }

  #existing(arn: string): SimulatedTopic {
    const topic = this.#topics.get(arn);
    if (topic === undefined) throw new SdkError('NotFoundException', 'Topic does not exist', 404);
    return topic;
  }
}

function checkMessage(message: string): void {
  if (message === '') throw invalid('Empty message');
  if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) throw invalid('Message too long');
}

/** UTF-8 text of less than 100 characters, without line breaks and control characters. */
function checkSubject(subject: string): void {
  const characters = [...subject].length;
  if (characters === 0 || characters > SUBJECT_CHARACTERS_MAX || /\p{Cc}|[\u2028\u2029]/u.test(subject))
    throw invalid('Subject');
}

/** SNS tells which parameter it is, and little more. */
const invalid = (what: string): SdkError =>
  new SdkError('InvalidParameterException', `Invalid parameter: ${what}`);
