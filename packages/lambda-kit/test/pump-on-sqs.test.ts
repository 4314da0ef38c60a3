import type { SQSClient } from '@aws-sdk/client-sqs';
import { createWorkQueue } from '@smart-vault/aws';
import { AppError, type Region, type WorkQueue } from '@smart-vault/core';
import { runSqsCommand, SqsService, VirtualClock } from '@smart-vault/simulator';
import { describe, expect, it } from 'vitest';
import { type JobContext, type PumpReport, runPump } from '../src/index.ts';
import { createFakeLog } from './fakes.ts';

const REGION = 'us-east-1' as Region;
const MAX_RECEIVES = 5;
const CALL_MS = 100;

/** A pump over FIFO queues that behave as SQS's do: several messages of a group come in one receive. */
class FifoStage {
  readonly #clock = new VirtualClock(0);
  readonly #sqs = new SqsService({
    clock: this.#clock,
    seed: 1,
    accountId: '000000000000',
    queueUrl: (name) => `https://sqs.test/${name}`,
  });
  readonly deadLetters = this.#open('dead');
  readonly wakeUps = this.#open('wake-ups');
  readonly queue = this.#open('work', { deadLetterName: 'dead.fifo', maxReceiveCount: MAX_RECEIVES });

  enqueue(key: string, number: number): Promise<void> {
    return this.queue.send([{ body: key, groupId: key, deduplicationId: `${key}-${number}` }]);
  }

  advance(ms: number): void {
    this.#clock.advanceTo(this.#clock.now() + ms);
  }

  /** Every start takes its time, and answers that the volume is busy. */
  pump(): Promise<PumpReport> {
    const startedAt = this.#clock.now();
    const context: JobContext = {
      clock: { now: () => this.#clock.now(), sleep: async (ms) => this.advance(ms) },
      log: createFakeLog(),
      remainingMs: () => 300_000 - (this.#clock.now() - startedAt),
    };
    const start = async () => {
      this.advance(CALL_MS);
      throw new AppError('VOLUME_BUSY', 'it has a snapshot in progress');
    };
    return runPump<string>(
      {
        name: 'work',
        region: REGION,
        queue: this.queue,
        deadLetters: this.deadLetters,
        wakeUps: this.wakeUps,
        maxReceiveCount: MAX_RECEIVES,
        permitsMax: 10,
        countInProgress: async () => 0,
        parse: ({ body }) => body,
        subjectOf: (key) => [key],
        prepare: async (items) => items.map(() => ({ kind: 'start', permits: 1, reason: 'missing', start })),
      },
      context,
    );
  }

  #open(name: string, redrive?: { deadLetterName: string; maxReceiveCount: number }): WorkQueue {
    this.#create(`${name}.fifo`, redrive);
    const client = { send: async (command: never) => runSqsCommand(this.#sqs, command) };
    return createWorkQueue({
      url: `https://sqs.test/${name}.fifo`,
      region: REGION,
      client: client as unknown as SQSClient,
    });
  }

  #create(name: string, redrive?: { deadLetterName: string; maxReceiveCount: number }): void {
    this.#sqs.createQueue({
      name,
      region: REGION,
      fifo: true,
      visibilityTimeoutSeconds: 420,
      retentionSeconds: 345_600,
      delaySeconds: 0,
      ...(redrive === undefined ? {} : { redrive }),
    });
  }
}

describe('a busy volume with several messages', () => {
  it('is not asked again and again for as long as it is busy', async () => {
    const stage = new FifoStage();

    let received = 0;
    for (let tick = 0; tick < 24; tick += 1) {
      if (tick < 6) await stage.enqueue('vol-a', tick);
      received += (await stage.pump()).received;
      stage.advance(300_000);
    }

    expect(received).toBeLessThan(24 * 20);
    expect(await stage.queue.depth()).toMatchObject({ visible: 6 });
  });
});
