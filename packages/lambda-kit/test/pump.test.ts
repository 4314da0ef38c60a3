import {
  AppError,
  DEAD_LETTER_ATTRIBUTE,
  HAS_LETTER_ATTRIBUTE,
  type ReceivedMessage,
} from '@smart-vault/core';
import { describe, expect, it } from 'vitest';
import { firstSentAt, type PumpItem, type PumpStep } from '../src/index.ts';
import { NOON } from './fakes.ts';
import { aThing, PumpWorld, REGION, type Thing } from './pump-world.ts';

const DAY_OF_TICKS = 288;

describe('permits', () => {
  it('starts what there is room for and leaves the rest in its queue, unreceived', async () => {
    const world = new PumpWorld({
      things: ['a', 'b', 'c', 'd', 'e'].map((key) => aThing(key)),
      permitsMax: 3,
    });
    await world.enqueue('a', 'b', 'c', 'd', 'e');

    const report = await world.pump();

    expect(world.starts).toEqual(['a', 'b', 'c']);
    expect(await world.queue.depth()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
    expect(report).toEqual({
      pump: 'things',
      region: REGION,
      stopped: 'no-permits',
      received: 3,
      started: 3,
      done: 0,
      handedBack: 0,
      replaced: 0,
      deadLettered: 0,
      failed: 0,
      inProgress: 0,
      permitsLeft: 0,
      wokeItself: false,
      tookMs: 600,
    });
  });

  it('counts what others have in progress', async () => {
    const world = new PumpWorld({ things: [aThing('a'), aThing('b')], permitsMax: 3, foreign: 2 });
    await world.enqueue('a', 'b');

    await world.pump();

    expect(world.starts).toEqual(['a']);
  });

  it('receives nothing when there is no room at all', async () => {
    const world = new PumpWorld({ things: [aThing('a')], permitsMax: 3, foreign: 7 });
    await world.enqueue('a');

    const report = await world.pump();

    expect(report).toMatchObject({ stopped: 'no-permits', received: 0, inProgress: 7, permitsLeft: 0 });
    expect((await world.queue.receive(1))[0]?.receiveCount).toBe(1);
  });

  it('hands back a unit that needs more than is left, and ends', async () => {
    const things = [{ ...aThing('two'), permits: 2 }, { ...aThing('three'), permits: 3 }, aThing('one')];
    const world = new PumpWorld({ things, permitsMax: 4 });
    await world.enqueue('two', 'three', 'one');

    const report = await world.pump();

    expect(world.starts).toEqual(['two']);
    expect(report).toMatchObject({ stopped: 'no-permits', handedBack: 2 });
    expect((await world.queue.depth()).visible).toBe(2);
  });

  it('starts a large unit once the others have ended, however small the queue behind it', async () => {
    const small = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => aThing(key));
    const world = new PumpWorld({ things: [...small, { ...aThing('large'), permits: 4 }], permitsMax: 4 });
    await world.enqueue('a', 'b', 'large', 'c', 'd', 'e', 'f', 'g', 'h');

    await world.pumpFor(20);

    expect(world.starts).toContain('large');
    expect(world.starts).toHaveLength(9);
    expect(world.highWater).toBeLessThanOrEqual(4);
  });

  it('dead-letters a unit that can never fit, and says which limit is too low', async () => {
    const world = new PumpWorld({ things: [{ ...aThing('huge'), permits: 5 }, aThing('a')], permitsMax: 4 });
    await world.enqueue('huge', 'a');

    await world.pump();

    expect(world.starts).toEqual(['a']);
    expect(world.deadLetters.messages[0]?.attributes).toMatchObject({
      [DEAD_LETTER_ATTRIBUTE.code]: 'CONFIG',
      [DEAD_LETTER_ATTRIBUTE.cause]: '5 permits are needed at once, and things has 4 in all: raise its limit',
      [DEAD_LETTER_ATTRIBUTE.failureClass]: 'configuration',
    });
  });

  it('takes the permit of a start whose answer was lost for used', async () => {
    const world = new PumpWorld({ things: [aThing('a', 'lost'), aThing('b')], permitsMax: 1 });
    await world.enqueue('a', 'b');

    await world.pump();

    expect(world.starts).toEqual(['a']);
    expect(world.highWater).toBe(1);
  });
});

describe('busy answers', () => {
  it.each(['throttled', 'limit'] as const)(
    '%s: starts no more, hands the rest back and ends',
    async (answer) => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const world = new PumpWorld({ things: names.map((name) => aThing(name, answer)), permitsMax: 10 });
      await world.enqueue(...names);

      const report = await world.pump();

      expect(report).toMatchObject({ stopped: 'busy', started: 0, handedBack: 8, failed: 0 });
      expect((await world.queue.depth()).visible).toBe(8);
      expect(world.calls).toBe(5); // those that were under way side by side
    },
  );

  it('gives the permits of what was refused to others', async () => {
    const world = new PumpWorld({ things: [aThing('a', 'volume-busy'), aThing('b')], permitsMax: 1 });
    await world.enqueue('a', 'b');

    await world.pump();

    expect(world.starts).toEqual(['b']);
    expect(world.highWater).toBe(1);
  });

  it('hands a busy volume back for two minutes and goes on with the others', async () => {
    const world = new PumpWorld({ things: [aThing('a', 'volume-busy', 'ok'), aThing('b')] });
    await world.enqueue('a', 'b');

    const report = await world.pump();
    world.clock.advance(119_000);
    const early = await world.pump();
    world.clock.advance(1_000);
    await world.pump();

    expect(report).toMatchObject({ stopped: 'empty', started: 1, handedBack: 1 });
    expect(early.received).toBe(0);
    expect(world.starts).toEqual(['b', 'a']);
  });

  it.each([false, true])('never dead-letters what was only busy for a day (fifo: %s)', async (fifo) => {
    const busy = Array.from({ length: DAY_OF_TICKS - 8 }, (_, index) =>
      index % 3 === 0 ? 'limit' : 'throttled',
    );
    const world = new PumpWorld({ things: [aThing('a', ...(busy as ['limit']), 'ok')], fifo });
    await world.enqueue('a');

    await world.pumpFor(DAY_OF_TICKS);

    expect(world.starts).toEqual(['a']);
    expect(world.deadLetters.messages).toEqual([]);
    expect(world.queue.messages).toEqual([]);
  });

  it('keeps the age of work that was handed back many times', async () => {
    const world = new PumpWorld({ things: [aThing('a', 'limit')] });
    await world.enqueue('a');

    await world.pumpFor(11);
    const [message] = await world.queue.receive(1);

    expect(firstSentAt(message as ReceivedMessage)).toBe(NOON);
    expect(message?.sentAt).toBeGreaterThan(NOON);
  });

  it('a throttled look hands the batch back, and a throttled count receives nothing', async () => {
    const world = new PumpWorld({ things: [aThing('a'), aThing('b')] });
    await world.enqueue('a', 'b');
    const throttled = async (): Promise<never> => {
      throw new AppError('THROTTLED', 'RequestLimitExceeded');
    };

    const look = await world.pump(300_000, { prepare: throttled });
    const count = await world.pump(300_000, { countInProgress: throttled });

    expect(look).toMatchObject({ stopped: 'busy', handedBack: 2, failed: 0 });
    expect(count).toMatchObject({ stopped: 'busy', received: 0, failed: 0 });
    expect((await world.queue.depth()).visible).toBe(2);
  });
});

describe('failures', () => {
  it('leaves a denied message to its visibility timeout, and starts the others', async () => {
    const world = new PumpWorld({ things: [aThing('a', 'denied'), aThing('b')] });
    await world.enqueue('a', 'b');

    const report = await world.pump();

    expect(report).toMatchObject({ stopped: 'empty', started: 1, failed: 1, deadLettered: 0 });
    expect(await world.queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  });

  it.each([false, true])('dead-letters after the last receive, with its cause (fifo: %s)', async (fifo) => {
    const world = new PumpWorld({ things: [aThing('a', 'denied')], fifo });
    await world.enqueue('a');

    await world.pumpFor(12);

    expect(world.queue.messages).toEqual([]);
    expect(world.deadLetters.messages).toHaveLength(1);
    const [letter] = world.deadLetters.messages;
    expect(letter?.body).toBe('a');
    expect(letter?.attributes).toEqual({
      [DEAD_LETTER_ATTRIBUTE.code]: 'DENIED',
      [DEAD_LETTER_ATTRIBUTE.cause]: 'UnauthorizedOperation: no kms:CreateGrant',
      [DEAD_LETTER_ATTRIBUTE.failureClass]: 'configuration',
      [DEAD_LETTER_ATTRIBUTE.attempts]: '5',
      [DEAD_LETTER_ATTRIBUTE.failedAt]: '2026-11-22T12:40:01.000Z',
      [DEAD_LETTER_ATTRIBUTE.subject]: 'a',
    });
  });

  it('dead-letters a body that nobody understands, as it came', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('{"v":9}', 'a');

    await world.pumpFor(12);

    expect(world.starts).toEqual(['a']);
    expect(world.deadLetters.messages[0]).toMatchObject({
      body: '{"v":9}',
      attributes: {
        [DEAD_LETTER_ATTRIBUTE.code]: 'CONTRACT',
        [DEAD_LETTER_ATTRIBUTE.failureClass]: 'permanent',
      },
    });
    expect(world.deadLetters.messages[0]?.attributes).not.toHaveProperty([DEAD_LETTER_ATTRIBUTE.subject]);
  });

  it('one message that breaks the look fails alone', async () => {
    const world = new PumpWorld({ things: [aThing('a'), aThing('poison'), aThing('c')] });
    world.lookFault = (keys) => {
      if (keys.includes('poison')) throw new TypeError('cannot read tags of undefined');
    };
    await world.enqueue('a', 'poison', 'c');

    const report = await world.pump();

    expect(world.starts).toEqual(['a', 'c']);
    expect(report).toMatchObject({ started: 2, failed: 1 });
  });

  it('leaves no second letter for what says that it has one, also after it was handed back', async () => {
    const answers = ['limit', 'limit', 'limit', 'limit', 'denied'] as const;
    const world = new PumpWorld({
      things: [
        { ...aThing('a'), answers },
        { ...aThing('b'), answers },
      ],
    });
    await world.queue.send([{ body: 'a', attributes: { [HAS_LETTER_ATTRIBUTE]: 'true' } }, { body: 'b' }]);

    await world.pumpFor(DAY_OF_TICKS);

    expect(world.queue.messages).toEqual([]);
    expect(world.deadLetters.messages.map(({ body }) => body)).toEqual(['b']);
    const died = world.log.lines.filter(({ event }) => event === 'message.dead-lettered');
    expect(died.map(({ fields }) => fields['subject'])).toEqual([['a'], ['b']]);
  });

  it('stops when no look succeeds, instead of spending the receives of the whole queue', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `thing-${index}`);
    const world = new PumpWorld({ things: keys.map((key) => aThing(key)), permitsMax: 10 });
    world.lookFault = () => {
      throw new AppError('DENIED', 'ec2:DescribeSnapshots');
    };
    await world.enqueue(...keys);

    const report = await world.pump();

    expect(report).toMatchObject({ stopped: 'failed', received: 10, failed: 10 });
    expect((await world.queue.depth()).visible).toBe(20);
  });

  it('starts nothing when it cannot count, and says so', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');

    const report = await world.pump(300_000, {
      countInProgress: async () => {
        throw new AppError('DENIED', 'ec2:DescribeSnapshots');
      },
    });

    expect(report).toMatchObject({ stopped: 'failed', received: 0, failed: 1 });
    expect(world.log.lines.map(({ event }) => event)).toEqual(['pump.failed', 'pump.summary']);
  });

  it('does not start twice when a message could not be deleted', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');
    world.queue.before = (call) => {
      if (call === 'delete') throw new AppError('TRANSIENT', 'socket hang up');
    };

    await world.pump();
    world.queue.before = () => {};
    world.clock.advance(360_000);
    const second = await world.pump();

    expect(second).toMatchObject({ started: 0, done: 1 });
    expect(world.starts).toEqual(['a']);
    expect(world.queue.messages).toEqual([]);
  });

  it('two messages about the same thing in one batch start it once', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a', 'a');

    const report = await world.pump();

    expect(world.starts).toEqual(['a']);
    expect(report).toMatchObject({ stopped: 'empty', started: 1, handedBack: 1, done: 1 });
    expect(world.queue.messages).toEqual([]);
  });
});

describe('other steps', () => {
  const withStep = (step: PumpStep) => ({
    prepare: async (items: readonly PumpItem<Thing>[]) => items.map(() => step),
  });

  it('puts the replacements into the queue and takes the message out', async () => {
    const world = new PumpWorld({ things: [aThing('a'), aThing('b')] });
    await world.enqueue('a');

    let first = true;
    await world.pump(300_000, {
      prepare: async (items) =>
        items.map((): PumpStep => {
          if (!first) return { kind: 'wait', delaySeconds: 60, reason: 'later' };
          first = false;
          return { kind: 'replace', messages: [{ body: 'b' }, { body: 'b' }], reason: 'it was two' };
        }),
    });

    expect(world.queue.messages.map(({ body }) => body)).toEqual(['b', 'b']);
  });

  it('keeps a message whose replacements could not be sent', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');
    world.queue.before = (call) => {
      if (call === 'send') throw new AppError('DENIED', 'sqs:SendMessage');
    };

    const step: PumpStep = { kind: 'replace', messages: [{ body: 'b' }], reason: 'it was another' };
    const report = await world.pump(300_000, withStep(step));

    expect(report).toMatchObject({ replaced: 0, failed: 1 });
    expect(world.queue.messages.map(({ body }) => body)).toEqual(['a']);
  });

  it('dead-letters at once what says so, with the new body', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');

    await world.pump(
      300_000,
      withStep({
        kind: 'dead-letter',
        code: 'INVALID',
        cause: 'failed\nthree times',
        body: 'a2',
        reason: 'enough',
      }),
    );

    expect(world.queue.messages).toEqual([]);
    expect(world.deadLetters.messages[0]).toMatchObject({
      body: 'a2',
      attributes: {
        [DEAD_LETTER_ATTRIBUTE.cause]: 'failed three times',
        [DEAD_LETTER_ATTRIBUTE.attempts]: '1',
      },
    });
  });

  it('a message that waits for long is not dead-lettered, whatever its receives', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');

    const waiting = withStep({ kind: 'wait', delaySeconds: 60, reason: 'the source is pending' });
    for (let tick = 0; tick < 50; tick += 1) {
      await world.pump(300_000, waiting);
      world.clock.advance(300_000);
    }
    await world.pump();

    expect(world.starts).toEqual(['a']);
    expect(world.deadLetters.messages).toEqual([]);
  });

  it('does what needs no permit even when the region is busy', async () => {
    const world = new PumpWorld({ things: [aThing('busy', 'limit'), aThing('a')] });
    world.starts.push('a');
    await world.enqueue('busy', 'a');

    const report = await world.pump();

    expect(report).toMatchObject({ stopped: 'busy', done: 1, handedBack: 1 });
  });
});

describe('time', () => {
  it('wakes itself when time runs out while there are permits, with an id of its own each time', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `thing-${index}`);
    const world = new PumpWorld({ things: keys.map((key) => aThing(key)), permitsMax: 100 });
    await world.enqueue(...keys);

    const first = await world.pump(22_000);
    const second = await world.pump(22_000);

    expect(first).toMatchObject({ stopped: 'out-of-time', wokeItself: true });
    expect(first.started).toBeGreaterThan(0);
    expect(first.started).toBeLessThan(40);
    expect(second.wokeItself).toBe(true);
    expect(world.wakeUps.messages).toHaveLength(2);
    expect(world.wakeUps.messages[0]?.groupId).toBe(REGION);
    expect(JSON.parse(world.wakeUps.messages[0]?.body ?? '')).toMatchObject({
      v: 1,
      kind: 'wake-up',
      region: REGION,
      cause: 'self',
    });
  });

  it('loses nothing that it had in hand when time ran out', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `thing-${index}`);
    const world = new PumpWorld({ things: keys.map((key) => aThing(key)), permitsMax: 100 });
    await world.enqueue(...keys);

    for (let run = 0; run < 12; run += 1) await world.pump(22_000);

    expect([...world.starts].sort()).toEqual([...keys].sort());
    expect(world.queue.messages).toEqual([]);
    expect(world.deadLetters.messages).toEqual([]);
  });

  it('ends well when it cannot even wake itself', async () => {
    const world = new PumpWorld({ things: [aThing('a')] });
    await world.enqueue('a');
    world.wakeUps.before = () => {
      throw new AppError('DENIED', 'sqs:SendMessage');
    };

    const report = await world.pump(1_000);

    expect(report).toMatchObject({ stopped: 'out-of-time', wokeItself: false, failed: 1 });
  });
});

it('logs one summary line with the whole report', async () => {
  const world = new PumpWorld({ things: [aThing('a')] });
  await world.enqueue('a');

  const report = await world.pump();

  expect(world.log.lines.filter(({ event }) => event === 'pump.summary')).toEqual([
    { level: 'info', event: 'pump.summary', fields: report },
  ]);
});
