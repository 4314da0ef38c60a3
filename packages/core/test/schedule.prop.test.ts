import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latestSlotAt, nextRunAfter, parseSchedule, slotMs } from '../src/index.ts';

const DAY = 86_400_000;
const ZONES = [
  'Europe/Rome',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'UTC',
];

/** The oracle: what a wall clock in the zone shows, asked of another part of Intl than the code asks. */
function localClock(timeZone: string): (instant: number) => { date: string; time: string } {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return (instant) => {
    const text = format.format(instant);
    return { date: text.slice(0, 10), time: text.slice(11, 16) };
  };
}

/** Times at which clocks change in one of the zones, and the sample's own 03:00. */
const DAILY: [string, string][] = [
  ['Europe/Rome', '02:30'],
  ['Europe/Rome', '03:00'],
  ['America/New_York', '02:15'],
  ['America/New_York', '01:30'],
  ['Australia/Lord_Howe', '02:15'],
  ['Australia/Lord_Howe', '01:45'],
  ['Asia/Kolkata', '03:00'],
  ['UTC', '00:00'],
];
const NEVER_SKIPPED = new Set([
  'Europe/Rome 03:00',
  'America/New_York 01:30',
  'Australia/Lord_Howe 01:45',
  'Asia/Kolkata 03:00',
  'UTC 00:00',
]);

it.each(DAILY)(
  'in %s, %s has one slot for each local day over 30 years, but days that leave it out',
  (zone, wanted) => {
    const [hour, minute] = wanted.split(':').map(Number);
    const schedule = parseSchedule(`cron(${minute} ${hour} * * ? *)`, zone);
    const local = localClock(zone);
    const days: string[] = [];
    let gaps = 0;
    let now = Date.UTC(2025, 11, 31, 12);

    while (now < Date.UTC(2056, 0, 1)) {
      const next = nextRunAfter(schedule, now) ?? Number.NaN;
      const { date, time } = local(next);
      if (time !== wanted) throw new Error(`${date} ran at ${time}`);
      if (next - now > 1.5 * DAY) gaps += 1;
      days.push(date);
      now = next;
    }

    expect(new Set(days).size).toBe(days.length);
    const span = Math.round((Date.parse(days.at(-1) ?? '') - Date.parse(days[0] ?? '')) / DAY) + 1;
    expect(span - days.length).toBe(gaps);
    // The clock goes forward once a year, and only a time inside the jump is left out.
    expect(gaps).toBe(NEVER_SKIPPED.has(`${zone} ${wanted}`) ? 0 : 30);
  },
  60_000,
);

it('latest and next enclose every moment, with nothing in between', () => {
  const expression = fc.constantFrom(
    'cron(30 2 * * ? *)',
    'cron(0/20 * * * ? *)',
    'cron(0 */5 * * ? *)',
    'cron(0 1,2,3 ? * SUN *)',
    'cron(0 3 L * ? *)',
    'cron(45 1 29 2 ? *)',
    'rate(7 hours)',
    'rate(45 minutes)',
  );
  const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2050, 0, 1) });
  fc.assert(
    fc.property(expression, fc.constantFrom(...ZONES), moment, (text, zone, now) => {
      const schedule = parseSchedule(text, zone);
      const latest = slotMs(latestSlotAt(schedule, now) as NonNullable<ReturnType<typeof latestSlotAt>>);
      const next = nextRunAfter(schedule, now) as number;

      expect(latest).toBeLessThanOrEqual(now);
      expect(next).toBeGreaterThan(now);
      expect(nextRunAfter(schedule, latest)).toBe(next);
      expect(schedule.latestAt(next)).toBe(next);
      expect(schedule.latestAt(next - 1)).toBe(latest);
    }),
    { numRuns: 200 },
  );
}, 60_000);

it.each([
  ['Europe/Rome', Date.UTC(2026, 2, 29, 1)],
  ['Europe/Rome', Date.UTC(2026, 9, 25, 1)],
  ['America/New_York', Date.UTC(2026, 2, 8, 7)],
  ['America/New_York', Date.UTC(2026, 10, 1, 6)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 15, 30)],
])('in %s finds the same slots around a change of the clock, asked forwards or backwards', (zone, change) => {
  const schedule = parseSchedule('cron(0/15 * * * ? *)', zone);
  const from = change - 4 * 3_600_000;
  const to = change + 4 * 3_600_000;
  const forwards: number[] = [];
  for (let now = nextRunAfter(schedule, from) ?? to; now < to; now = nextRunAfter(schedule, now) ?? to)
    forwards.push(now);
  const backwards: number[] = [];
  for (let now = schedule.latestAt(to - 1) ?? from; now > from; now = schedule.latestAt(now - 1) ?? from)
    backwards.push(now);

  expect(backwards.reverse()).toEqual(forwards);
  // Eight hours of quarters; in autumn the second coming of an hour (or half an hour) is left out.
  const local = forwards.map(localClock(zone)).map(({ date, time }) => `${date} ${time}`);
  expect(new Set(local).size).toBe(local.length);
  expect(forwards.length).toBeGreaterThanOrEqual(27);
});
