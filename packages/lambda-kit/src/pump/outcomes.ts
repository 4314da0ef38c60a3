import { type ErrorCode, errorText, type ReceivedMessage } from '@smart-vault/core';
import type { JobContext } from '../context.ts';
import { deadLetter } from './dead-letter.ts';
import { handBack } from './hand-back.ts';
import type { PumpItem, PumpJob, PumpStep, Tally } from './job.ts';
import { codeOf } from './look.ts';

/**
 * Carries out what has been decided about messages, one log line each. Nothing here throws: a message that cannot
 * be deleted, handed back or dead-lettered comes back after its visibility timeout, and the next look decides.
 */
export class Outcomes<Work> {
  readonly #job: PumpJob<Work>;
  readonly #context: JobContext;
  readonly #tally: Tally;
  readonly #turnedAway = new Set<string>();
  #turnedAwayAnew = 0;

  constructor(job: PumpJob<Work>, context: JobContext, tally: Tally) {
    this.#job = job;
    this.#context = context;
    this.#tally = tally;
  }

  /** How often something was handed back that this run had not handed back before. Only ever grows. */
  get turnedAwayAnew(): number {
    return this.#turnedAwayAnew;
  }

  /** Something was started for it. */
  async started({ message, work }: PumpItem<Work>, reason: string): Promise<void> {
    this.#tally.started += 1;
    this.#say('message.started', message, { reason, subject: this.#job.subjectOf(work) });
    await this.#quietly(message, () => this.#job.queue.delete(message));
  }

  /** Nothing was left to do. */
  async done({ message, work }: PumpItem<Work>, reason: string): Promise<void> {
    this.#tally.done += 1;
    this.#say('message.done', message, { reason, subject: this.#job.subjectOf(work) });
    await this.#quietly(message, () => this.#job.queue.delete(message));
  }

  /** Not now: it can be received again after so many seconds. */
  async handBack({ message, work }: PumpItem<Work>, delaySeconds: number, reason: string): Promise<void> {
    const { queue, maxReceiveCount } = this.#job;
    const subject = this.#job.subjectOf(work);
    this.#tally.handedBack += 1;
    if (!subject.every((id) => this.#turnedAway.has(id))) this.#turnedAwayAnew += 1;
    for (const id of subject) this.#turnedAway.add(id);
    this.#say('message.handed-back', message, { reason, delaySeconds, subject });
    await this.#quietly(message, () => handBack(queue, message, delaySeconds, maxReceiveCount));
  }

  /** Others take its place. Sent first: a crash in between doubles them, and the next look tells. */
  async replace(item: PumpItem<Work>, step: Extract<PumpStep, { kind: 'replace' }>): Promise<void> {
    try {
      await this.#job.queue.send(step.messages);
    } catch (error) {
      await this.failed(item.message, error, this.#job.subjectOf(item.work));
      return;
    }
    this.#tally.replaced += 1;
    this.#say('message.replaced', item.message, { reason: step.reason, by: step.messages.length });
    await this.#quietly(item.message, () => this.#job.queue.delete(item.message));
  }

  /** It will not succeed as it is, and so need not be tried until its last receive. */
  async dies(item: PumpItem<Work>, death: { code: ErrorCode; cause: string; body?: string }): Promise<void> {
    await this.#deadLetter(item.message, { ...death, subject: this.#job.subjectOf(item.work) });
  }

  /** It went wrong. It comes back after its visibility timeout, but after the last receive it dies with its cause. */
  async failed(message: ReceivedMessage, error: unknown, subject: readonly string[]): Promise<void> {
    const code = codeOf(error);
    const last = message.receiveCount >= this.#job.maxReceiveCount;
    this.#tally.failed += 1;
    this.#context.log.error('message.failed', {
      ...this.#facts(message),
      subject,
      errorCode: code,
      last,
      error,
    });
    if (last) await this.#deadLetter(message, { code, cause: errorText(error), subject });
  }

  async #deadLetter(
    message: ReceivedMessage,
    death: { code: ErrorCode; cause: string; body?: string; subject: readonly string[] },
  ): Promise<void> {
    const { code, cause, subject } = death;
    this.#tally.deadLettered += 1;
    this.#context.log.error('message.dead-lettered', {
      ...this.#facts(message),
      subject,
      errorCode: code,
      cause,
    });
    const whole = { ...death, body: death.body ?? message.body };
    await this.#quietly(message, () => deadLetter(this.#job, message, whole, this.#context.clock.now()));
  }

  #say(event: string, message: ReceivedMessage, fields: Readonly<Record<string, unknown>>): void {
    this.#context.log.info(event, { ...this.#facts(message), ...fields });
  }

  #facts({ id, receiveCount }: ReceivedMessage): Readonly<Record<string, unknown>> {
    return { pump: this.#job.name, messageId: id, receiveCount };
  }

  async #quietly(message: ReceivedMessage, call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#context.log.warn('message.stuck', { ...this.#facts(message), errorCode: codeOf(error), error });
    }
  }
}
