import type { VirtualClock } from '../clock.ts';
import { createMessage, type StoredMessage } from './stored-message.ts';
import type { OfferedEntry, QueueSpec, SendEntry } from './types.ts';

/**
 * Makes the messages of one queue. Ids come from content and time, not from a sequence, so that one message more or
 * less leaves the ids of the others, and the chance drawn by them, as they were.
 */
export class MessageMaker {
  readonly #spec: QueueSpec;
  readonly #clock: VirtualClock;
  readonly #seed: number;
  /** How often each body was offered at this instant: tells messages apart that are the same but for that. */
  readonly #offers = new Map<string, number>();
  #offersAt = Number.NaN;
  #sequence = 0;

  constructor(spec: QueueSpec, clock: VirtualClock, seed: number) {
    this.#spec = spec;
    this.#clock = clock;
    this.#seed = seed;
  }

  /** What a sender offers now, with its number among the offers of the same body at this instant. */
  offer(entry: SendEntry): OfferedEntry {
    const at = this.#clock.now();
    if (this.#offersAt !== at) this.#offers.clear();
    this.#offersAt = at;
    return { ...entry, at, offer: (this.#offers.get(entry.body) ?? 0) + 1 };
  }

  /** Counts an offer, whether it was taken or refused. */
  count({ body, offer }: OfferedEntry): void {
    this.#offers.set(body, offer);
  }

  /** The message of an offer; counts it. */
  create(entry: SendEntry, deduplicationId: string | undefined): StoredMessage {
    const offered = this.offer(entry);
    this.count(offered);
    const { name, fifo } = this.#spec;
    const delaySeconds = (fifo ? undefined : entry.delaySeconds) ?? this.#spec.delaySeconds;
    return createMessage(entry, {
      label: `${name}/${offered.at}/${offered.offer}`,
      seed: this.#seed,
      deduplicationId,
      sentAt: offered.at,
      visibleAt: offered.at + 1000 * delaySeconds,
    });
  }

  /** A dead letter as a new message. */
  renew(letter: StoredMessage): StoredMessage {
    const now = this.#clock.now();
    const message = createMessage(letter, {
      label: `${this.#spec.name}/redriven/${letter.key}/${now}`,
      seed: this.#seed,
      deduplicationId: letter.deduplicationId,
      sentAt: now,
      visibleAt: now,
    });
    if (this.#spec.fifo) message.sequenceNumber = this.nextSequenceNumber();
    return message;
  }

  /** FIFO only. */
  nextSequenceNumber(): string {
    this.#sequence += 1;
    return String(this.#sequence).padStart(20, '0');
  }
}
