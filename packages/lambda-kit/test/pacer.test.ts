import { AppError } from '@smart-vault/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Pacer } from '../src/index.ts';
import { FakeClock, NOON } from './fakes.ts';

/** When each of so many calls went out, in ms from the start. */
async function callTimes(pacer: Pacer, clock: FakeClock, calls: number): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) await pacer.run(async () => times.push(clock.now() - NOON));
  return times;
}

it('lets the burst go at once and then keeps the pace', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer({ capacity: 3, refillPerSecond: 5, clock });

  expect(await callTimes(pacer, clock, 6)).toEqual([0, 0, 0, 200, 400, 600]);
});

it('fills up again while nobody calls, but never above its capacity', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer({ capacity: 2, refillPerSecond: 5, clock });
  await callTimes(pacer, clock, 2);

  clock.advance(3_600_000);

  expect(await callTimes(pacer, clock, 3)).toEqual([3_600_000, 3_600_000, 3_600_200]);
});

it('is empty after a throttled answer, and passes the error on', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer({ capacity: 50, refillPerSecond: 5, clock });

  const throttled = pacer.run(async () => {
    throw new AppError('THROTTLED', 'RequestLimitExceeded');
  });

  await expect(throttled).rejects.toThrow('RequestLimitExceeded');
  expect(await callTimes(pacer, clock, 2)).toEqual([200, 400]);
});

it('keeps its tokens after any other error', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer({ capacity: 2, refillPerSecond: 5, clock });

  await expect(pacer.run(() => Promise.reject(new AppError('DENIED', 'no')))).rejects.toThrow('no');

  expect(await callTimes(pacer, clock, 1)).toEqual([0]);
});

it('a clock that jumps back neither gives nor takes tokens', async () => {
  const clock = new FakeClock();
  const pacer = new Pacer({ capacity: 1, refillPerSecond: 5, clock });
  await callTimes(pacer, clock, 1);

  clock.advance(-60_000);

  expect(await callTimes(pacer, clock, 1)).toEqual([-60_000 + 200]);
});

it('a token bucket of the same size on the other side never overflows', async () => {
  const bucket = fc.record({
    capacity: fc.integer({ min: 1, max: 20 }),
    refillPerSecond: fc.integer({ min: 1, max: 20 }),
  });
  const pauses = fc.array(fc.nat({ max: 3_000 }), { maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(bucket, pauses, async ({ capacity, refillPerSecond }, pauses) => {
      const clock = new FakeClock();
      const pacer = new Pacer({ capacity, refillPerSecond, clock });
      let [tokens, at] = [capacity, clock.now()];
      for (const pause of pauses) {
        clock.advance(pause);
        await pacer.run(async () => {
          tokens = Math.min(capacity, tokens + ((clock.now() - at) / 1000) * refillPerSecond) - 1;
          at = clock.now();
        });
        expect(tokens).toBeGreaterThan(-1e-6); // no more than what floating point costs
      }
    }),
    {
      examples: [
        [{ capacity: 1, refillPerSecond: 1 }, [0, 813, 9]],
        [{ capacity: 1, refillPerSecond: 3 }, [0, 0, 0]],
      ],
    },
  );
});
