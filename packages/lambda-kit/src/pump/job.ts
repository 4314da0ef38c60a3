import type { ErrorCode, OutgoingMessage, ReceivedMessage, Region, WorkQueue } from '@smart-vault/core';
import type { Doubts } from './doubts.ts';

/** A message in hand and the work that it asks for. */
export interface PumpItem<Work> {
  readonly message: ReceivedMessage;
  readonly work: Work;
}

/** What is to be done about one message, after a look at the world. */
export type PumpStep =
  /** Nothing is left to do: the message is deleted. */
  | { readonly kind: 'done'; readonly reason: string }
  /** Something is to be started: it takes this many permits; after it the message is deleted. */
  | {
      readonly kind: 'start';
      readonly permits: number;
      readonly reason: string;
      /** What it makes: two of these never start side by side, whatever they are about. */
      readonly makes?: string;
      /** Paces its own calls. Throws an `AppError` when something could not be started. */
      readonly start: () => Promise<void>;
    }
  /** Too early: the message is handed back for so long. */
  | { readonly kind: 'wait'; readonly delaySeconds: number; readonly reason: string }
  /** These messages take its place in the same queue. */
  | { readonly kind: 'replace'; readonly messages: readonly OutgoingMessage[]; readonly reason: string }
  /** It will never succeed as it is: it goes to the dead-letter queue, with this body. */
  | {
      readonly kind: 'dead-letter';
      readonly code: ErrorCode;
      readonly cause: string;
      readonly body: string;
      readonly reason: string;
    };

/** One queue whose work may start only while there are permits for it. */
export interface PumpJob<Work> {
  /** For the log, such as `copies-eu-west-1`. */
  readonly name: string;
  /** The group of the wake-ups that this pump answers to. */
  readonly region: Region;
  readonly queue: WorkQueue;
  readonly deadLetters: WorkQueue;
  readonly wakeUps: WorkQueue;
  /** The queue's own: SQS dead-letters a message that has been received more often. At least 3. */
  readonly maxReceiveCount: number;
  /** What may be in progress at once. */
  readonly permitsMax: number;
  /** What is in progress now, whoever started it. */
  readonly countInProgress: () => Promise<number>;
  /** @throws AppError `CONTRACT` for a body that we do not understand. */
  readonly parse: (message: ReceivedMessage) => Work;
  /** Ids of what the work is about: two messages about the same thing never start side by side. */
  readonly subjectOf: (work: Work) => readonly string[];
  /** What was started without an answer, in this execution environment. */
  readonly doubts?: Doubts;
  /** One look for the whole batch: one step for each item, in the same order. */
  readonly prepare: (items: readonly PumpItem<Work>[]) => Promise<readonly PumpStep[]>;
}

/** Why a pump stopped. */
export type StopReason = 'empty' | 'no-permits' | 'busy' | 'out-of-time' | 'failed';

/** What one run of a pump did. Numbers are messages, but for the permits. */
export interface PumpReport {
  readonly pump: string;
  readonly region: Region;
  readonly stopped: StopReason;
  readonly received: number;
  /** Something was started for the message. */
  readonly started: number;
  /** There was nothing left to do. */
  readonly done: number;
  /** Handed back, because it is too early or everything is busy. */
  readonly handedBack: number;
  readonly replaced: number;
  readonly deadLettered: number;
  /** Went wrong: left to the visibility timeout, or dead-lettered after the last receive. */
  readonly failed: number;
  /** When the pump began. */
  readonly inProgress: number;
  readonly permitsLeft: number;
  readonly wokeItself: boolean;
  readonly tookMs: number;
}

/** The report's counters while the pump runs. */
export interface Tally {
  received: number;
  started: number;
  done: number;
  handedBack: number;
  replaced: number;
  deadLettered: number;
  failed: number;
}
export const emptyTally = (): Tally => ({
  received: 0,
  started: 0,
  done: 0,
  handedBack: 0,
  replaced: 0,
  deadLettered: 0,
  failed: 0,
});
