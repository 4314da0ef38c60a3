import { describe, expect, it } from 'vitest';
import { anAccount, bodies, fifo, SECOND, START_MS } from './queues.ts';

describe('retention', () => {
  it('ends for visible, delayed and in-flight messages alike', () => {
    const { queue: create, pass } = anAccount();
    const queue = create({ visibilityTimeoutSeconds: 7_200 });
    queue.send({ body: 'in flight' });
    queue.receive(1);
    queue.send({ body: 'visible' });
    queue.send({ body: 'delayed', delaySeconds: 900 });
    pass(3_599);
    expect(queue.peek().length).toBe(3);

    pass(1);

    expect([queue.peek(), queue.counts()]).toEqual([[], { visible: 0, inFlight: 0, delayed: 0 }]);
  });

  it('goes on in a standard dead-letter queue from when the message was first sent', () => {
    const { queue: create, pass } = anAccount();
    const dead = create({ name: 'dead' });
    const queue = create({ redrive: { deadLetterName: 'dead', maxReceiveCount: 1 } });
    queue.send({ body: 'a' });
    queue.receive(1);
    pass(3_000);
    queue.receive(1);
    expect(bodies(dead.peek())).toEqual(['a']);

    pass(600);

    expect(dead.peek()).toEqual([]);
  });

  it('begins anew in a FIFO dead-letter queue', () => {
    const { queue: create, pass } = anAccount();
    const dead = create({ name: 'dead.fifo', fifo: true });
    const queue = create({ fifo: true, redrive: { deadLetterName: 'dead.fifo', maxReceiveCount: 1 } });
    queue.send(fifo('a'));
    queue.receive(1);
    pass(3_000);
    queue.receive(1);

    pass(3_599);
    expect(bodies(dead.peek())).toEqual(['a']);
    pass(1);
    expect(dead.peek()).toEqual([]);
  });

  it('frees the group of a FIFO message that expires in flight', () => {
    const { queue: create, pass } = anAccount();
    const queue = create({ fifo: true, visibilityTimeoutSeconds: 7_200 });
    queue.send(fifo('a1'));
    pass(600);
    queue.send(fifo('a2'));
    queue.receive(1);
    pass(3_000);

    expect(bodies(queue.receive(10))).toEqual(['a2']);
  });
});

describe('redrive', () => {
  it('makes new messages of dead letters, oldest first, as many as it is told', () => {
    const { queue: create, pass, clock } = anAccount();
    const dead = create({ name: 'dead' });
    const queue = create({ redrive: { deadLetterName: 'dead', maxReceiveCount: 1 } });
    const sent = ['a', 'b', 'c'].map((body) => queue.send({ body }).messageId);
    queue.receive(10);
    pass(30);
    queue.receive(10);
    const order = bodies(dead.peek());

    const moved = dead.redrive(2);

    expect([moved, bodies(queue.peek()), bodies(dead.peek())]).toEqual([
      2,
      order.slice(0, 2),
      order.slice(2),
    ]);
    for (const message of queue.peek()) {
      expect(sent).not.toContain(message.messageId);
      expect([message.sentAt, message.enqueuedAt, message.receiveCount]).toEqual([
        clock.now(),
        clock.now(),
        0,
      ]);
    }
    expect(queue.receive(10).map(({ receiveCount }) => receiveCount)).toEqual([1, 1]);
  });

  it('sends each letter to the queue that it came from', () => {
    const { queue: create, pass } = anAccount();
    const dead = create({ name: 'dead' });
    const redrive = { deadLetterName: 'dead', maxReceiveCount: 1 };
    const queues = ['one', 'other'].map((name) => create({ name, redrive }));
    for (const queue of queues) {
      queue.send({ body: `of ${queue.spec.name}` });
      queue.receive(1);
    }
    pass(30);
    for (const queue of queues) queue.receive(1);
    dead.send({ body: 'of nobody' });

    expect(dead.redrive()).toBe(2);
    expect(queues.map((queue) => bodies(queue.peek()))).toEqual([['of one'], ['of other']]);
    expect(bodies(dead.peek())).toEqual(['of nobody']);
  });

  it('leaves letters that somebody holds', () => {
    const { queue: create } = anAccount();
    const dead = create({ name: 'dead' });
    const queue = create({ redrive: { deadLetterName: 'dead', maxReceiveCount: 1 } });
    dead.send({ body: 'held' });
    dead.receive(1);
    dead.send({ body: 'lies' });

    expect([dead.redrive(), bodies(queue.peek()), bodies(dead.peek())]).toEqual([1, ['lies'], ['held']]);
  });
});

describe('messages in flight', () => {
  it('are limited, and make room when they are deleted', () => {
    const { queue: create } = anAccount();
    const queue = create({ inFlightMax: 2 });
    for (const body of ['a', 'b', 'c']) queue.send({ body });
    let calls = 0;
    const [first] = queue.receive(10);
    queue.onVisible = () => {
      calls += 1;
    };

    expect([queue.receive(10), queue.overLimit, queue.receivable]).toEqual([[], true, false]);
    queue.delete(first?.receipt ?? '');

    expect([calls, queue.overLimit, queue.receive(10).length]).toEqual([1, false, 1]);
  });
});

describe('the same seed', () => {
  const run = (seed: number, extra: boolean) => {
    const { queue: create, pass } = anAccount({}, seed);
    const queue = create();
    for (let at = 0; at < 20; at += 1) {
      if (extra && at === 3) queue.send({ body: 'one more' });
      queue.send({ body: `m${at}` });
      pass(1);
    }
    return queue.receive(100).filter(({ body }) => body !== 'one more');
  };

  it('gives the same ids, receipts and order', () => {
    expect(run(5, false)).toEqual(run(5, false));
    expect(bodies(run(5, false))).not.toEqual(bodies(run(6, false)));
  });

  it('gives the other messages the same ids and order when there is one more', () => {
    expect(run(5, true)).toEqual(run(5, false));
  });

  it('tells messages apart that are equal in all but when they were sent', () => {
    const { queue: create, pass } = anAccount();
    const queue = create();
    const ids = [0, 0, 1].map((wait) => {
      pass(wait);
      return queue.send({ body: 'tick' }).messageId;
    });

    expect(new Set(ids).size).toBe(3);
  });
});

describe('a message', () => {
  it('does not change with the object that it was sent with', () => {
    const { queue: create } = anAccount();
    const queue = create();
    const cause = { DataType: 'String', StringValue: 'denied' };
    queue.send({ body: 'a', attributes: { cause } });

    cause.StringValue = 'changed';

    expect(queue.peek()[0]?.attributes).toEqual({ cause: { DataType: 'String', StringValue: 'denied' } });
  });
});

describe('peek', () => {
  it('shows every message with its state, and changes nothing', () => {
    const { queue: create } = anAccount();
    const queue = create();
    queue.send({ body: 'in flight' });
    queue.receive(1);
    queue.send({ body: 'visible' });
    queue.send({ body: 'delayed', delaySeconds: 60 });

    const seen = () => queue.peek().map(({ body, state, visibleAt }) => [body, state, visibleAt]);

    expect(seen()).toEqual([
      ['in flight', 'inFlight', START_MS + 30 * SECOND],
      ['visible', 'visible', undefined],
      ['delayed', 'delayed', START_MS + 60 * SECOND],
    ]);
    expect(seen()).toEqual(seen());
  });
});

describe('the service', () => {
  it('refuses a second queue of a name, and a name that does not fit the kind', () => {
    const { queue } = anAccount();
    queue();

    expect(() => queue()).toThrow('there is a queue "work" already');
    expect(() => queue({ name: 'other', fifo: true })).toThrow('must end in .fifo');
  });
});
