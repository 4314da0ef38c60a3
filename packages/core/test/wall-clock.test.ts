import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { latestSlotAt, parseSchedule } from '../src/index.ts';
import { wallClock } from '../src/wall-clock.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A runtime in which the time zones cannot be loaded. */
function withoutTimeZones(): void {
  const refuse = (): never => {
    throw new Error('the time zones were loaded');
  };
  vi.stubGlobal('Intl', { DateTimeFormat: refuse });
}

it.each(['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT'])('finds the slot in %s without loading time zones', (zone) => {
  withoutTimeZones();

  expect(latestSlotAt(parseSchedule('cron(0 3 * * ? *)', zone), NOON)).toBe('2026-11-22T03:00:00Z');
});

it('loads time zones for another zone when it is first asked, once', () => {
  const { DateTimeFormat } = Intl;
  let loaded = 0;
  vi.stubGlobal('Intl', {
    DateTimeFormat: function counted(...args: ConstructorParameters<typeof DateTimeFormat>) {
      loaded += 1;
      return new DateTimeFormat(...args);
    },
  });

  const clock = wallClock('Europe/Berlin');
  expect(loaded).toBe(0);
  expect([clock.wallAt(NOON), clock.wallAt(NOON)]).toEqual([NOON + 3_600_000, NOON + 3_600_000]);
  expect(loaded).toBe(1);
});

it('shows in UTC what the runtime shows there', () => {
  // Another name of UTC, which is not known to us and so is asked of the runtime.
  const [ours, theirs] = [wallClock('UTC'), wallClock('Etc/Zulu')];
  const instant = fc.integer({ min: 0, max: Date.parse('2199-12-31T23:59:59Z') });

  fc.assert(
    fc.property(instant, (ms) => {
      expect(ours.wallAt(ms)).toBe(theirs.wallAt(ms));
      const whole = ours.wallAt(ms);
      expect(ours.instantOf(whole)).toBe(theirs.instantOf(whole));
    }),
  );
});
