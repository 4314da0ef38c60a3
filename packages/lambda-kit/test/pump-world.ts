import { AppError, type Region } from '@smart-vault/core';
import { type JobContext, type PumpJob, type PumpReport, type PumpStep, runPump } from '../src/index.ts';
import { createFakeLog, FakeClock, type FakeLog, FakeQueue } from './fakes.ts';

export const REGION = 'us-east-1' as Region;
const MAX_RECEIVES = 5;

/** What the world answers when a thing is to be started. */
export type Answer =
  | 'ok'
  | 'throttled'
  | 'limit'
  | 'volume-busy'
  | 'denied'
  | 'lost' // it was started, but the answer was lost
  | 'refused-late' // it was not started, and nobody knows
  | 'bug';

export interface Thing {
  readonly key: string;
  readonly permits: number;
  /** One answer per attempt; the last one goes on for ever. */
  readonly answers: readonly Answer[];
}

export interface WorldOptions {
  readonly things: readonly Thing[];
  readonly permitsMax?: number;
  readonly fifo?: boolean;
  /** How long a started thing is in progress. */
  readonly durationMs?: number;
  /** Taken by others. */
  readonly foreign?: number;
}

/** A queue of work about things that take a while, in a region with room for few of them. */
export class PumpWorld {
  readonly clock = new FakeClock();
  readonly log: FakeLog = createFakeLog();
  readonly queue: FakeQueue;
  readonly deadLetters: FakeQueue;
  readonly wakeUps: FakeQueue;
  readonly starts: string[] = [];
  /** Most permits that were ever taken at once, those of others included. */
  highWater = 0;
  /** Makes the whole look fail. */
  lookFault: (keys: readonly string[]) => void = () => {};
  readonly #options: Required<WorldOptions>;
  readonly #attempts = new Map<string, number>();
  readonly #running: { permits: number; endsAt: number }[] = [];

  constructor(options: WorldOptions) {
    this.#options = { permitsMax: 3, fifo: false, durationMs: 60_000, foreign: 0, ...options };
    const { clock } = this;
    const { fifo } = this.#options;
    this.deadLetters = new FakeQueue({ clock, fifo });
    this.queue = new FakeQueue({
      clock,
      fifo,
      redrive: { to: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
    this.wakeUps = new FakeQueue({ clock, fifo: true });
  }

  /** One message per key; keys may repeat, and need not be of things that exist. */
  async enqueue(...keys: string[]): Promise<void> {
    const { fifo } = this.#options;
    for (const [index, body] of keys.entries())
      await this.queue.send([
        { body, ...(fifo ? { groupId: body, deduplicationId: `${body}-${index}` } : {}) },
      ]);
  }

  pump(remainingMs = 300_000, overrides: Partial<PumpJob<Thing>> = {}): Promise<PumpReport> {
    const startedAt = this.clock.now();
    const context: JobContext = {
      clock: this.clock,
      log: this.log,
      remainingMs: () => remainingMs - (this.clock.now() - startedAt),
    };
    return runPump({ ...this.#job(), ...overrides }, context);
  }

  /** Pumps every five minutes. */
  async pumpFor(ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick += 1) {
      await this.pump();
      this.clock.advance(300_000);
    }
  }

  /** Starts that were tried. */
  get calls(): number {
    return [...this.#attempts.values()].reduce((sum, attempts) => sum + attempts, 0);
  }

  get inProgress(): number {
    const now = this.clock.now();
    const running = this.#running.filter(({ endsAt }) => endsAt > now);
    return running.reduce((sum, { permits }) => sum + permits, this.#options.foreign);
  }

  #job(): PumpJob<Thing> {
    const { queue, deadLetters, wakeUps } = this;
    return {
      name: 'things',
      region: REGION,
      queue,
      deadLetters,
      wakeUps,
      maxReceiveCount: MAX_RECEIVES,
      permitsMax: this.#options.permitsMax,
      countInProgress: async () => this.inProgress,
      parse: ({ body }) => this.#thing(body),
      subjectOf: ({ key }) => [key],
      prepare: async (items) => {
        this.lookFault(items.map(({ work }) => work.key));
        return items.map(({ work }) => this.#stepFor(work));
      },
    };
  }

  #thing(key: string): Thing {
    const thing = this.#options.things.find((one) => one.key === key);
    if (!thing) throw new AppError('CONTRACT', `no thing is called ${key}`);
    return thing;
  }

  #stepFor(thing: Thing): PumpStep {
    if (this.starts.includes(thing.key)) return { kind: 'done', reason: 'it was started before' };
    const { permits } = thing;
    return { kind: 'start', permits, reason: 'it is missing', start: async () => this.#start(thing) };
  }

  #start(thing: Thing): void {
    this.clock.advance(200);
    const attempt = this.#attempts.get(thing.key) ?? 0;
    this.#attempts.set(thing.key, attempt + 1);
    const answer = thing.answers[Math.min(attempt, thing.answers.length - 1)] ?? 'ok';
    if (answer === 'ok' || answer === 'lost') this.#run(thing);
    if (answer !== 'ok') throw errorFor(answer);
  }

  #run({ key, permits }: Thing): void {
    this.starts.push(key);
    this.#running.push({ permits, endsAt: this.clock.now() + this.#options.durationMs });
    this.highWater = Math.max(this.highWater, this.inProgress);
  }
}

function errorFor(answer: Exclude<Answer, 'ok'>): Error {
  switch (answer) {
    case 'throttled':
      return new AppError('THROTTLED', 'RequestLimitExceeded');
    case 'limit':
      return new AppError('LIMIT_EXCEEDED', 'ResourceLimitExceeded');
    case 'volume-busy':
      return new AppError('VOLUME_BUSY', 'SnapshotCreationPerVolumeRateExceeded');
    case 'denied':
      return new AppError('DENIED', 'UnauthorizedOperation: no kms:CreateGrant');
    case 'lost':
    case 'refused-late':
      return new AppError('TRANSIENT', 'socket hang up');
    case 'bug':
      return new TypeError('undefined is not a function');
  }
}

/** A thing that starts at once. */
export const aThing = (key: string, ...answers: Answer[]): Thing => ({
  key,
  permits: 1,
  answers: answers.length > 0 ? answers : ['ok'],
});
