import { describe, expect, it } from 'vitest';
import { type AlarmRule, judge, reasonOf } from '../../src/cloudwatch/alarm-rules.ts';

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

const rule = (overrides: Partial<AlarmRule> = {}): AlarmRule => ({
  threshold: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  treatMissingData: 'missing',
  ...overrides,
});

/** `0 - X`: good, missing, breaching; the newest on the right, as the documentation writes it. */
const range = (text: string): (number | undefined)[] =>
  text
    .split(' ')
    .map((mark) => (mark === '-' ? undefined : mark === 'X' ? 1 : 0))
    .reverse();

const [OK, ALARM, KEEP, UNKNOWN] = ['OK', 'ALARM', 'keep', 'INSUFFICIENT_DATA'];

describe('the documented examples of missing data', () => {
  it.each([
    // 3 of 3
    [3, '0 - X - X', [OK, OK, OK, OK]],
    [3, '0 - - - -', [OK, OK, OK, OK]],
    [3, '- - - - -', [UNKNOWN, KEEP, ALARM, OK]],
    [3, '0 X X - X', [ALARM, ALARM, ALARM, ALARM]],
    [3, '- - X - -', [ALARM, KEEP, ALARM, OK]],
    // 2 of 3
    [2, '0 - X - X', [ALARM, ALARM, ALARM, ALARM]],
    [2, '0 0 X 0 X', [ALARM, ALARM, ALARM, ALARM]],
    [2, '0 - X - -', [OK, OK, ALARM, OK]],
    [2, '- - - - 0', [OK, OK, ALARM, OK]],
    [2, '- - - X -', [ALARM, KEEP, ALARM, OK]],
  ])('%i of 3 at %s', (datapointsToAlarm, text, states) => {
    const found = TREATMENTS.map(
      (treatMissingData) => judge(rule({ datapointsToAlarm, treatMissingData }), range(text)).state,
    );

    expect(found).toEqual(states);
  });

  it.each(['- - - - X', '- - - X -'])('no premature alarm at %s', (text) => {
    expect(judge(rule(), range(text)).state).toBe('OK');
  });
});

describe('a comparison', () => {
  it.each([
    ['GreaterThanOrEqualToThreshold', [OK, ALARM, ALARM]],
    ['GreaterThanThreshold', [OK, OK, ALARM]],
    ['LessThanOrEqualToThreshold', [ALARM, ALARM, OK]],
    ['LessThanThreshold', [ALARM, OK, OK]],
  ] as const)('%s', (comparison, states) => {
    const one = rule({ comparison, evaluationPeriods: 1, datapointsToAlarm: 1 });

    expect([0, 1, 2].map((value) => judge(one, [value]).state)).toEqual(states);
  });
});

describe('the reason', () => {
  it.each([
    [
      {},
      'X X X',
      'Threshold Crossed: 3 out of the last 3 datapoints [1, 1, 1] were greater than or equal to the threshold (1).',
    ],
    [
      {},
      '0 X X',
      'Threshold Crossed: 1 out of the last 3 datapoints [1, 1, 0] was not greater than or equal to the threshold (1).',
    ],
    [
      { treatMissingData: 'breaching', evaluationPeriods: 1, datapointsToAlarm: 1 },
      '-',
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].',
    ],
    [{}, '- - -', 'Insufficient Data: 3 datapoints were unknown.'],
  ] as const)('%j at %s', (overrides, text, reason) => {
    const one = rule(overrides);

    expect(reasonOf(one, judge(one, range(text)))).toBe(reason);
  });
});
