import { AppError, type Region } from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { Doubts, runPump } from '../src/index.ts';
import { createFakeLog, FakeClock, FakeQueue } from './fakes.ts';

const MINUTE = 60_000;

/** A pump whose looks see nothing yet of what was started, and whose first start of `a` gets no answer. */
async function pump(clock: FakeClock, queue: FakeQueue, doubts: Doubts, starts: string[]) {
  const start = (key: string) => async () => {
    starts.push(key);
    if (key === 'a') throw new AppError('TRANSIENT', 'the answer was lost');
  };
  return runPump<string>(
    {
      name: 'work',
      region: 'us-east-1' as Region,
      queue,
      deadLetters: new FakeQueue({ clock, fifo: false }),
      wakeUps: new FakeQueue({ clock, fifo: true }),
      maxReceiveCount: 5,
      permitsMax: 100,
      countInProgress: async () => 0,
      parse: ({ body }) => body,
      subjectOf: (key) => [key],
      doubts,
      prepare: async (items) =>
        items.map(({ work }) => ({ kind: 'start', permits: 1, reason: 'missing', start: start(work) })),
    },
    { clock, log: createFakeLog(), remainingMs: () => 300_000 },
  );
}

describe('a start whose answer was lost', () => {
  it('is not repeated for another message before EC2 must show what it made', async () => {
    const clock = new FakeClock();
    const queue = new FakeQueue({ clock, fifo: false });
    const doubts = new Doubts(clock);
    const starts: string[] = [];
    const others = Array.from({ length: 9 }, (_, n) => `b${n}`);
    await queue.send(['a', ...others, 'a'].map((body) => ({ body })));

    await pump(clock, queue, doubts, starts);
    expect(starts.filter((key) => key === 'a')).toHaveLength(1);

    clock.advance(5 * MINUTE);
    await pump(clock, queue, doubts, starts);
    expect(starts.filter((key) => key === 'a')).toHaveLength(1);
  });

  it('is in doubt for as long as reads may lag, and no longer', () => {
    const clock = new FakeClock();
    const doubts = new Doubts(clock);
    doubts.add(['vol-a', 'vol-b']);

    clock.advance(5 * MINUTE);
    expect(doubts.includesAny(['vol-x', 'vol-b'])).toBe(true);
    expect(doubts.includesAny(['vol-x'])).toBe(false);
    clock.advance(2 * MINUTE);
    expect(doubts.includesAny(['vol-b'])).toBe(false);
  });
});
