import { DEAD_LETTER_ATTRIBUTE } from '@smart-vault/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Answer, PumpWorld, type Thing } from './pump-world.ts';

const BUSY: readonly Answer[] = ['throttled', 'limit', 'volume-busy'];
const ANY: readonly Answer[] = [...BUSY, 'denied', 'lost', 'refused-late', 'bug', 'ok'];

/** Things with a script of answers each; a thing that is asked about for longer ends as the script's last answer. */
const things = (answers: readonly Answer[], last: readonly Answer[]) =>
  fc
    .array(
      fc.record({
        permits: fc.integer({ min: 1, max: 3 }),
        script: fc.array(fc.constantFrom(...answers), { maxLength: 6 }),
        last: fc.constantFrom(...last),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((list) =>
      list.map(
        ({ permits, script, last }, index): Thing => ({
          key: `t${index}`,
          permits,
          answers: [...script, last],
        }),
      ),
    );

interface Plan {
  readonly things: readonly Thing[];
  readonly copies: readonly number[];
  readonly permitsMax: number;
  readonly fifo: boolean;
  readonly durationMs: number;
  /** Time that each invocation has. */
  readonly remainingMs: readonly number[];
  /** After so many queue calls the function is gone for the rest of that invocation. */
  readonly crashes: readonly (number | undefined)[];
}

const plan = (
  ofThings: fc.Arbitrary<readonly Thing[]>,
  crash: fc.Arbitrary<number | undefined>,
): fc.Arbitrary<Plan> =>
  fc.record({
    things: ofThings,
    copies: fc.array(fc.nat({ max: 11 }), { maxLength: 6 }),
    permitsMax: fc.integer({ min: 3, max: 6 }),
    fifo: fc.boolean(),
    durationMs: fc.constantFrom(1_000, 60_000, 900_000),
    remainingMs: fc.array(fc.constantFrom(300_000, 22_000, 1_000), { minLength: 1, maxLength: 5 }),
    crashes: fc.array(crash, { minLength: 1, maxLength: 8 }),
  });

/** Two days of ticks. The faults come round again and again for the first of them. */
async function live(plan: Plan): Promise<PumpWorld> {
  const world = new PumpWorld(plan);
  await world.enqueue(...plan.things.map(({ key }) => key));
  // The same work a second time, as a redelivered event or a second scheduler would bring it.
  for (const index of plan.copies) {
    world.clock.advance(60_000);
    const again = plan.things[index % plan.things.length];
    if (again) await world.enqueue(again.key);
  }
  for (let tick = 0; tick < 576; tick += 1) {
    const faulty = tick < 288;
    const dead = faulty ? crashAfter(world, plan.crashes[tick % plan.crashes.length]) : () => {};
    await world.pump(faulty ? plan.remainingMs[tick % plan.remainingMs.length] : 300_000);
    dead();
    world.clock.advance(300_000);
    if (world.queue.messages.length === 0 && !faulty) break;
  }
  return world;
}

/** A function that dies does nothing any more: every call after its death fails. Answers how to revive it. */
function crashAfter(world: PumpWorld, calls: number | undefined): () => void {
  if (calls === undefined) return () => {};
  let left = calls;
  const dies = () => {
    left -= 1;
    if (left < 0) throw new Error('the function is gone');
  };
  const queues = [world.queue, world.deadLetters, world.wakeUps];
  for (const queue of queues) queue.before = dies;
  return () => {
    for (const queue of queues) queue.before = () => {};
  };
}

const deadKeys = (world: PumpWorld): ReadonlySet<string> =>
  new Set(world.deadLetters.messages.map(({ body }) => body));

const never = fc.constant(undefined);
const sometimes = fc.option(fc.nat({ max: 12 }), { nil: undefined, freq: 2 });

it('never has more in progress than there are permits, and starts nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(plan(things(ANY, ANY), sometimes), async (plan) => {
      const world = await live(plan);

      expect(world.highWater).toBeLessThanOrEqual(plan.permitsMax);
      expect(world.starts).toHaveLength(new Set(world.starts).size);
    }),
    { numRuns: 150 },
  );
});

it('every message ends started or dead-lettered, and none is lost, whatever crashes', async () => {
  await fc.assert(
    fc.asyncProperty(plan(things(ANY, ['ok', 'lost', 'denied', 'bug']), sometimes), async (plan) => {
      const world = await live(plan);

      const ended = new Set([...world.starts, ...deadKeys(world)]);
      expect(world.queue.messages).toEqual([]);
      expect([...ended].sort()).toEqual(plan.things.map(({ key }) => key).sort());
    }),
    { numRuns: 150 },
  );
});

it('a dead letter tells its cause, and stands for a real failure', async () => {
  await fc.assert(
    fc.asyncProperty(plan(things(ANY, ['ok', 'denied', 'bug']), never), async (plan) => {
      const world = await live(plan);

      for (const { body, attributes = {} } of world.deadLetters.messages) {
        expect(attributes[DEAD_LETTER_ATTRIBUTE.code]).toMatch(/^(DENIED|TRANSIENT|UNKNOWN)$/);
        expect(attributes[DEAD_LETTER_ATTRIBUTE.cause]).not.toBe('');
        expect(attributes[DEAD_LETTER_ATTRIBUTE.subject]).toBe(body);
      }
    }),
    { numRuns: 150 },
  );
});

it('a world that is only busy never dead-letters anything, and starts everything in the end', async () => {
  await fc.assert(
    fc.asyncProperty(plan(things(BUSY, ['ok']), never), async (plan) => {
      const world = await live(plan);

      expect(world.deadLetters.messages).toEqual([]);
      expect([...world.starts].sort()).toEqual(plan.things.map(({ key }) => key).sort());
    }),
    { numRuns: 150 },
  );
});
