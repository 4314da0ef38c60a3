import { Heap } from './heap.ts';
import type { StoredMessage } from './stored-message.ts';

/** In which order ready messages leave a queue. The queue tells a lane what becomes of its messages. */
export interface Lane {
  /** It is in the queue now, in whatever state. */
  join(message: StoredMessage): void;
  /** It may be received from now on. @param rank where it stands, for queues that keep no order */
  ready(message: StoredMessage, rank: number): void;
  /** It is no longer in flight. @returns whether that made others receivable */
  freed(message: StoredMessage): boolean;
  /** It has left the queue. @returns whether that made others receivable */
  leave(message: StoredMessage): boolean;
  /** Whether `take` would find something. */
  hasNext(): boolean;
  /**
   * Offers ready messages until it has `countMax`.
   * @param accept makes a message in flight and says true; says false when it has left the queue instead
   */
  take(countMax: number, accept: (message: StoredMessage) => boolean): void;
  clear(): void;
}

/** A standard queue: by rank. Messages that left meanwhile are passed over. */
export class StandardLane implements Lane {
  readonly #ready = new Heap<StoredMessage>();

  join(): void {}

  freed(): boolean {
    return false;
  }

  leave(): boolean {
    return false;
  }

  ready(message: StoredMessage, rank: number): void {
    this.#ready.push(rank, message);
  }

  hasNext(): boolean {
    while (this.#ready.size > 0 && this.#ready.peek()?.item.state !== 'ready') this.#ready.pop();
    return this.#ready.size > 0;
  }

  take(countMax: number, accept: (message: StoredMessage) => boolean): void {
    let taken = 0;
    while (taken < countMax && this.hasNext()) {
      if (accept(this.#ready.pop() as StoredMessage)) taken += 1;
    }
  }

  clear(): void {
    this.#ready.clear();
  }
}

interface Group {
  readonly id: string;
  /** All of the group that are in the queue, in the order in which they were sent. */
  readonly messages: StoredMessage[];
  inFlight: number;
  /** Whether it stands among the groups that may give something. */
  listed: boolean;
}

/**
 * A FIFO queue: groups by their oldest message, and within a group strictly in order. A group of which something is
 * in flight gives nothing more, and so does one whose first message is not ready; one receive takes as many of a
 * group as it can. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export class FifoLane implements Lane {
  readonly #groups = new Map<string, Group>();
  readonly #listed = new Heap<Group>();

  join(message: StoredMessage): void {
    const id = message.groupId as string;
    const group = this.#groups.get(id) ?? { id, messages: [], inFlight: 0, listed: false };
    group.messages.push(message);
    this.#groups.set(id, group);
  }

  ready(message: StoredMessage): void {
    this.#list(this.#groupOf(message));
  }

  freed(message: StoredMessage): boolean {
    const group = this.#groupOf(message);
    group.inFlight -= 1;
    return this.#list(group);
  }

  leave(message: StoredMessage): boolean {
    const group = this.#groupOf(message);
    group.messages.splice(group.messages.indexOf(message), 1);
    if (group.messages.length === 0) this.#groups.delete(group.id);
    return this.#list(group);
  }

  hasNext(): boolean {
    for (let top = this.#listed.peek(); top !== undefined; top = this.#listed.peek()) {
      if (gives(top.item)) return true;
      top.item.listed = false;
      this.#listed.pop();
    }
    return false;
  }

  take(countMax: number, accept: (message: StoredMessage) => boolean): void {
    let taken = 0;
    while (taken < countMax && this.hasNext()) {
      const group = this.#listed.pop() as Group;
      group.listed = false;
      let at = 0;
      while (taken < countMax && group.messages[at]?.state === 'ready') {
        if (!accept(group.messages[at] as StoredMessage)) continue;
        group.inFlight += 1;
        at += 1;
        taken += 1;
      }
    }
  }

  clear(): void {
    this.#groups.clear();
    this.#listed.clear();
  }

  #groupOf(message: StoredMessage): Group {
    return this.#groups.get(message.groupId as string) as Group;
  }

  #list(group: Group): boolean {
    if (group.listed || !gives(group)) return false;
    group.listed = true;
    this.#listed.push((group.messages[0] as StoredMessage).order, group);
    return true;
  }
}

const gives = (group: Group): boolean => group.inFlight === 0 && group.messages[0]?.state === 'ready';
