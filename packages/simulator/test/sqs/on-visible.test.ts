import { describe, expect, it } from 'vitest';
import type { SimulatedQueue } from '../../src/index.ts';
import { anAccount, bodies, fifo, SECOND, START_MS } from './queues.ts';

/** Seconds after the start at which the queue said that something is receivable. */
function listen(account: ReturnType<typeof anAccount>, queue: SimulatedQueue): number[] {
  const heard: number[] = [];
  queue.onVisible = () => heard.push((account.clock.now() - START_MS) / SECOND);
  return heard;
}

describe('onVisible', () => {
  it('is called at once for what is sent, and when delays and visibility timeouts end', () => {
    const account = anAccount();
    const queue = account.queue();
    const heard = listen(account, queue);

    queue.send({ body: 'a' });
    queue.send({ body: 'b', delaySeconds: 50 });
    queue.receive(1);
    account.pass(100);

    expect(heard).toEqual([0, 30, 50]);
  });

  it('is called once for all that becomes visible at one moment', () => {
    const account = anAccount();
    const queue = account.queue();
    for (const body of ['a', 'b', 'c']) queue.send({ body });
    queue.receive(10);
    const heard = listen(account, queue);

    account.pass(60);

    expect(heard).toEqual([30]);
  });

  it('follows a visibility timeout that is made longer, shorter, or ended', () => {
    const account = anAccount();
    const queue = account.queue();
    for (const body of ['a', 'b', 'c']) queue.send({ body });
    const [a, b, c] = queue.receive(10).map(({ receipt }) => receipt);
    const heard = listen(account, queue);

    queue.changeVisibility(a ?? '', 100);
    queue.changeVisibility(b ?? '', 10);
    account.pass(5);
    queue.changeVisibility(c ?? '', 0);
    account.pass(200);

    expect(heard).toEqual([5, 10, 100]);
  });

  it('is not called for what was deleted or has expired', () => {
    const account = anAccount();
    const queue = account.queue({ retentionSeconds: 60, visibilityTimeoutSeconds: 90 });
    queue.send({ body: 'deleted' });
    queue.send({ body: 'expires' });
    const [one] = queue.receive(10);
    const heard = listen(account, queue);
    queue.delete(one?.receipt ?? '');

    account.pass(200);

    expect(heard).toEqual([]);
  });

  it('is called when a FIFO group is freed and has more, and not while it is locked', () => {
    const account = anAccount();
    const queue = account.queue({ fifo: true });
    queue.send(fifo('a1'));
    const [first] = queue.receive(1);
    const heard = listen(account, queue);
    queue.send(fifo('a2'));
    account.pass(5);

    queue.delete(first?.receipt ?? '');
    const [second] = queue.receive(10);
    queue.delete(second?.receipt ?? '');

    expect([heard, second?.body]).toEqual([[5], 'a2']);
  });

  it('is called for a dead letter, and for one that comes back', () => {
    const account = anAccount();
    const dead = account.queue({ name: 'dead' });
    const queue = account.queue({ redrive: { deadLetterName: 'dead', maxReceiveCount: 1 } });
    queue.send({ body: 'a' });
    queue.receive(1);
    account.pass(40);
    const heard = { dead: listen(account, dead), queue: listen(account, queue) };

    queue.receive(1);
    account.pass(2);
    dead.redrive();

    expect(heard).toEqual({ dead: [40], queue: [42] });
  });

  it('may receive and delete within the call', () => {
    const account = anAccount();
    const queue = account.queue();
    const done: string[] = [];
    queue.onVisible = () => {
      for (const { body, receipt } of queue.receive(10)) {
        done.push(body);
        if (body !== 'keep') queue.delete(receipt);
      }
    };

    for (const body of ['a', 'keep', 'b']) queue.send({ body });
    account.pass(65);

    expect(done).toEqual(['a', 'keep', 'b', 'keep', 'keep']);
  });

  it('is told of what becomes visible at the very moment at which somebody else looks', () => {
    const account = anAccount();
    const queue = account.queue();
    for (const body of ['a', 'b']) queue.send({ body });
    queue.receive(10);
    account.clock.at(START_MS + 30 * SECOND, 'an operator', () => queue.receive(1));
    const heard = listen(account, queue);

    account.pass(31);

    expect(heard).toEqual([30]);
    expect(queue.counts()).toEqual({ visible: 1, inFlight: 1, delayed: 0 });
  });

  it('costs no timer while nobody listens, and one when somebody does', () => {
    const account = anAccount();
    const queue = account.queue();
    for (const body of ['a', 'b', 'c']) queue.send({ body, delaySeconds: 60 });
    const unheard = account.clock.size;
    queue.onVisible = () => {};
    const listening = account.clock.size;
    queue.onVisible = undefined;

    expect([unheard, listening, account.clock.size]).toEqual([0, 1, 0]);
    account.pass(60);
    expect(bodies(queue.receive(10)).sort()).toEqual(['a', 'b', 'c']);
  });
});
