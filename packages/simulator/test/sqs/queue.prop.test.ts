import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SimulatedMessage, SimulatedQueue } from '../../src/index.ts';
import { anAccount, bodies, SECOND } from './queues.ts';

const RECEIVES_MAX = 2;
const DELAY_SECONDS = 40;

/** What somebody does. `pick` chooses among the messages that are in somebody's hands. */
type Step =
  | { readonly do: 'send'; readonly group: string; readonly late: boolean }
  | { readonly do: 'receive'; readonly count: number; readonly seconds: number }
  | { readonly do: 'delete'; readonly pick: number }
  | { readonly do: 'hide'; readonly pick: number; readonly seconds: number }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'redrive' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    group: fc.constantFrom('a', 'b', 'c'),
    late: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('receive' as const),
    count: fc.integer({ min: 1, max: 4 }),
    seconds: fc.constantFrom(0, 10, 50),
  }),
  fc.record({ do: fc.constant('delete' as const), pick: fc.nat() }),
  fc.record({ do: fc.constant('hide' as const), pick: fc.nat(), seconds: fc.constantFrom(0, 5, 100) }),
  fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ do: fc.constant('redrive' as const) }),
);

/** What the notebook knows of one message: only what was sent, handed over and done, and when. */
interface Note {
  readonly body: string;
  readonly group: string;
  readonly visibleFrom: number;
  receives: number;
  /** Until when somebody holds it. */
  heldUntil: number;
  receipt: string;
  dead: boolean;
}

/** Plays the steps on a queue with a dead-letter queue, and checks every receive against a notebook. */
class Game {
  readonly #fifo: boolean;
  readonly #account = anAccount();
  readonly #dead: SimulatedQueue;
  readonly #queue: SimulatedQueue;
  /** In the order in which they came into their queue. */
  #notes: Note[] = [];
  #sent = 0;
  #told = false;

  constructor(fifo: boolean) {
    this.#fifo = fifo;
    const suffix = fifo ? '.fifo' : '';
    const retentionSeconds = 1_209_600;
    this.#dead = this.#account.queue({ name: `dead${suffix}`, fifo, retentionSeconds });
    const redrive = { deadLetterName: `dead${suffix}`, maxReceiveCount: RECEIVES_MAX };
    this.#queue = this.#account.queue({ fifo, retentionSeconds, redrive });
    this.#queue.onVisible = () => {
      this.#told = true;
    };
  }

  play(next: Step): void {
    this.#do(next);
    this.#checkNothingIsLost();
    this.#checkNewsWasTold();
  }

  #do(next: Step): void {
    if (next.do === 'send') this.#send(next.group, next.late);
    if (next.do === 'receive') this.#receive(next.count, next.seconds);
    if (next.do === 'delete') this.#delete(next.pick);
    if (next.do === 'hide') this.#hide(next.pick, next.seconds);
    if (next.do === 'pass') this.#account.pass(next.seconds);
    if (next.do === 'redrive') this.#redrive();
  }

  get #now(): number {
    return this.#account.clock.now();
  }

  #live = (): Note[] => this.#notes.filter(({ dead }) => !dead);
  #held = (): Note[] => this.#live().filter(({ heldUntil }) => heldUntil > this.#now);

  #send(group: string, late: boolean): void {
    const body = `${group}${this.#sent++}`;
    const delaySeconds = late && !this.#fifo ? DELAY_SECONDS : undefined;
    this.#queue.send(this.#fifo ? { body, groupId: group, deduplicationId: body } : { body, delaySeconds });
    const visibleFrom = this.#now + (delaySeconds ?? 0) * SECOND;
    this.#notes.push({ body, group, visibleFrom, receives: 0, heldUntil: 0, receipt: '', dead: false });
  }

  #receive(count: number, seconds: number): void {
    const [now, held] = [this.#now, this.#held()];
    const free = this.#live().filter(
      (note) =>
        note.visibleFrom <= now &&
        note.heldUntil <= now &&
        !(this.#fifo && held.some(({ group }) => group === note.group)),
    );
    const before = new Set(bodies(this.#dead.peek()));
    const received = this.#queue.receive(count, { visibilityTimeoutSeconds: seconds });
    for (const { body } of this.#dead.peek()) if (!before.has(body)) this.#died(body);

    const givable = free.filter(({ dead }) => !dead);
    expect(received.length).toBe(Math.min(count, givable.length));
    for (const message of received) this.#handedOver(message, givable, seconds);
    if (this.#fifo) this.#checkOrder(received, givable);
  }

  #died(body: string): void {
    const note = this.#notes.find((one) => one.body === body) as Note;
    expect(note.receives).toBe(RECEIVES_MAX);
    note.dead = true;
  }

  #handedOver(message: SimulatedMessage, givable: readonly Note[], seconds: number): void {
    const note = givable.find(({ body }) => body === message.body);
    if (note === undefined) throw new Error(`${message.body} was handed over, though it is not free`);
    note.receives += 1;
    expect(message.receiveCount).toBe(note.receives);
    expect(note.receives).toBeLessThanOrEqual(RECEIVES_MAX);
    note.heldUntil = this.#now + seconds * SECOND;
    note.receipt = message.receipt;
  }

  /** What a receive gives of a group is what came first of it. */
  #checkOrder(received: readonly SimulatedMessage[], givable: readonly Note[]): void {
    for (const group of ['a', 'b', 'c']) {
      const got = bodies(received.filter(({ groupId }) => groupId === group));
      const first = bodies(givable.filter((note) => note.group === group)).slice(0, got.length);
      expect(got).toEqual(first);
    }
  }

  #delete(pick: number): void {
    const held = this.#held();
    const note = held[pick % held.length];
    if (note === undefined) return;
    this.#queue.delete(note.receipt);
    this.#notes = this.#notes.filter((one) => one !== note);
  }

  #hide(pick: number, seconds: number): void {
    const held = this.#held();
    const note = held[pick % held.length];
    if (note === undefined) return;
    this.#queue.changeVisibility(note.receipt, seconds);
    note.heldUntil = this.#now + seconds * SECOND;
  }

  #redrive(): void {
    const order = bodies(this.#dead.peek());
    expect(this.#dead.redrive()).toBe(order.length);
    const letters = order.map((body) => this.#notes.find((note) => note.body === body) as Note);
    for (const letter of letters) Object.assign(letter, { dead: false, receives: 0, heldUntil: 0 });
    this.#notes = [...this.#notes.filter((note) => !letters.includes(note)), ...letters];
  }

  #checkNothingIsLost(): void {
    const inQueue = this.#queue.peek();
    expect(bodies(inQueue).sort()).toEqual(bodies(this.#live()).sort());
    expect(bodies(this.#dead.peek()).sort()).toEqual(bodies(this.#notes.filter(({ dead }) => dead)).sort());
    const { visible, inFlight, delayed } = this.#queue.counts();
    const inState = (state: string) => inQueue.filter((message) => message.state === state).length;
    expect([visible, inFlight, delayed]).toEqual(['visible', 'inFlight', 'delayed'].map(inState));
    expect(inFlight).toBe(this.#held().length);
  }

  /** Nothing may lie there receivable of which nobody was told since nothing was. */
  #checkNewsWasTold(): void {
    if (this.#queue.receivable) expect(this.#told).toBe(true);
    else this.#told = false;
  }
}

describe.each([
  ['standard', false],
  ['FIFO', true],
])('a %s queue, whatever is done to it', (_, fifo) => {
  it('loses and doubles nothing, gives nobody what somebody holds, and counts receives', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const game = new Game(fifo);
        for (const next of steps) game.play(next);
      }),
      { seed: 4711, numRuns: 200 },
    );
  });
});

describe('deduplication', () => {
  it('takes an id once within five minutes of when it was taken last', () => {
    const sends = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 200 }), id: fc.constantFrom('x', 'y') }),
      { maxLength: 40, size: 'max' },
    );
    fc.assert(
      fc.property(sends, (list) => {
        const { queue: create, pass, clock } = anAccount();
        const queue = create({ fifo: true });
        const takenAt = new Map<string, number>();
        let taken = 0;
        for (const { wait, id } of list) {
          pass(wait);
          const before = takenAt.get(id);
          if (before === undefined || clock.now() - before >= 300 * SECOND) {
            takenAt.set(id, clock.now());
            taken += 1;
          }
          queue.send({ body: 'tick', groupId: 'g', deduplicationId: id });
          for (const { receipt } of queue.receive(10)) {
            queue.delete(receipt);
            taken -= 1;
          }
          expect(taken).toBe(0);
        }
      }),
      { seed: 4711, numRuns: 100 },
    );
  });
});
