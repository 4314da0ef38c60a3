import { expect, test } from 'vitest';
import { VirtualClock } from '../src/index.ts';

test('callbacks run in the order of their time, those of one time in the order of their registration', () => {
  const clock = new VirtualClock(1000);
  const ran: string[] = [];
  for (const [due, label] of [
    [3000, 'late'],
    [2000, 'first of two'],
    [2000, 'second of two'],
    [1500, 'early'],
  ] as const) {
    clock.at(due, label, () => ran.push(`${label} ${clock.now()}`));
  }
  clock.advanceTo(2999);
  expect(ran).toEqual(['early 1500', 'first of two 2000', 'second of two 2000']);
  expect(clock.now()).toBe(2999);
  clock.advanceTo(3000);
  expect(ran.at(-1)).toBe('late 3000');
});

test('what a callback adds within the time that passes runs too, at its own time', () => {
  const clock = new VirtualClock(0);
  const times: number[] = [];
  clock.after(10, 'outer', () => {
    clock.after(5, 'inner', () => times.push(clock.now()));
  });
  clock.advanceTo(100);
  expect(times).toEqual([15]);
  expect(clock.now()).toBe(100);
});

test('a cancelled callback does not run, is not due, and can be cancelled twice', () => {
  const clock = new VirtualClock(0);
  const ran: string[] = [];
  const cancel = clock.at(10, 'gone', () => ran.push('gone'));
  clock.at(20, 'stays', () => ran.push('stays'));
  cancel();
  cancel();
  expect(clock.nextDue()).toBe(20);
  expect(clock.size).toBe(1);
  clock.advanceTo(30);
  cancel();
  expect(ran).toEqual(['stays']);
  expect(clock.nextDue()).toBeUndefined();
  expect(clock.size).toBe(0);
});

test('many callbacks in a mixed order run sorted', () => {
  const clock = new VirtualClock(0);
  const ran: number[] = [];
  const dues = Array.from({ length: 500 }, (_, at) => (at * 7919) % 503);
  const cancels = dues.map((due) => clock.at(due, 'x', () => ran.push(due)));
  for (let at = 0; at < 500; at += 3) cancels[at]?.();
  clock.advanceTo(1000);
  expect(ran).toEqual(dues.filter((_, at) => at % 3 !== 0).sort((a, b) => a - b));
});

test('time does not go back, and what is overdue runs now', () => {
  const clock = new VirtualClock(100);
  const times: number[] = [];
  clock.at(50, 'overdue', () => times.push(clock.now()));
  clock.advanceTo(20);
  expect(times).toEqual([100]);
  expect(clock.now()).toBe(100);
});

test('sleep resolves when its time has passed', async () => {
  const clock = new VirtualClock(0);
  let awake = false;
  const sleeping = clock.sleep(1000).then(() => {
    awake = true;
  });
  clock.advanceTo(999);
  await Promise.resolve();
  expect(awake).toBe(false);
  clock.advanceTo(1000);
  await sleeping;
  expect(awake).toBe(true);
});

test('advancing from within a callback is refused, and the clock goes on', () => {
  const clock = new VirtualClock(0);
  clock.at(5, 'bad', () => clock.advanceTo(10));
  expect(() => clock.advanceTo(20)).toThrow('from within a callback');
  clock.advanceTo(20);
  expect(clock.now()).toBe(20);
});
