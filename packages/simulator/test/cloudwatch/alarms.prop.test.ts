import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AlarmRule, type AlarmState, judge } from '../../src/cloudwatch/alarm-rules.ts';
import { aCloudWatch, anAlarm, START } from './builders.ts';

const MINUTE_MS = 60_000;
const MINUTES = 180;

/** The states that one gets by looking every minute, with three periods for one that counts. */
function byLookingEveryMinute(rule: AlarmRule, periodMinutes: number, values: ReadonlyMap<number, number>) {
  const changes: [AlarmState, number][] = [];
  let state: AlarmState = 'INSUFFICIENT_DATA';
  for (let now = 1; now <= MINUTES; now += 1) {
    const range = Array.from({ length: rule.evaluationPeriods + 2 }, (_, back) => {
      const minutes = Array.from({ length: periodMinutes }, (_, at) => now - back * periodMinutes - 1 - at);
      const found = minutes.map((minute) => values.get(minute)).filter((value) => value !== undefined);
      return found.length === 0 ? undefined : found.reduce((sum, value) => sum + value, 0);
    });
    const next = judge(rule, range).state;
    if (next === 'keep' || next === state) continue;
    state = next;
    changes.push([state, now]);
  }
  return changes;
}

it('leaving out evaluations in which nothing can change gives the same changes at the same minutes', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 2 })), {
        selector: ([minute]) => minute,
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 4 }).chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 1, max: n }))),
      fc.constantFrom(1, 5, 7),
      fc.constantFrom('breaching', 'notBreaching', 'ignore', 'missing'),
      (points, [evaluationPeriods, datapointsToAlarm], periodMinutes, treatMissingData) => {
        const { clock, cloudwatch, put, states } = aCloudWatch();
        const alarm = anAlarm({
          evaluationPeriods,
          datapointsToAlarm,
          treatMissingData,
          threshold: 2,
          periodSeconds: periodMinutes * 60,
        });
        cloudwatch.addAlarm(alarm);
        for (const [minute, value] of points) {
          clock.at(START + minute * MINUTE_MS + 1_000, 'put', () => put(value));
        }
        clock.advanceTo(START + MINUTES * MINUTE_MS);

        expect(states()).toEqual(byLookingEveryMinute(alarm, periodMinutes, new Map(points)));
      },
    ),
  );
});
