import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseExpression } from '../../src/index.ts';

const DAY_MS = 86_400_000;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Kolkata',
];
/** Days on or just before which some of these zones change their clocks, in 2026. */
const CHANGES = [
  '2026-03-07',
  '2026-03-28',
  '2026-04-04',
  '2026-09-05',
  '2026-10-03',
  '2026-10-24',
  '2026-10-31',
];

/** Wall clocks, as texts that end in hh:mm. */
const WALLS = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }),
  ]),
);

/** The first minute after an instant whose wall clock shows this time, and has not shown it before. */
function nextByLooking(zone: string, time: string, afterMs: number): number {
  const wall = WALLS.get(zone);
  const seen = new Set<string>();
  for (let ms = afterMs - DAY_MS; ms < afterMs + 3 * DAY_MS; ms += 60_000) {
    const shown = wall?.format(ms) ?? '';
    if (!shown.endsWith(time)) continue;
    if (ms > afterMs && !seen.has(shown)) return ms;
    seen.add(shown);
  }
  throw new Error(`no ${time} within three days`);
}

it('a daily time is met on every day that has it, the first time that day', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 23 })),
      fc.integer({ min: 0, max: 59 }),
      fc.constantFrom(...CHANGES),
      fc.integer({ min: 0, max: 47 }),
      (zone, hour, minute, day, hours) => {
        const from = Date.parse(day) + hours * 3_600_000;
        const time = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;

        const next = parseExpression(`cron(${minute} ${hour} * * ? *)`, zone, { createdMs: from }).after(
          from,
        );

        expect(next).toBe(nextByLooking(zone, time, from));
      },
    ),
    { numRuns: 60 },
  );
});
