import { expect, it } from 'vitest';
import { parseCommandLine } from '../../src/local-cloud/options.ts';

it('has defaults for everything', () => {
  expect(parseCommandLine([])).toEqual({
    kind: 'start',
    options: {
      days: 4,
      retentionDays: 2,
      faults: [],
      serve: false,
      port: 0,
      seed: 20_261_102,
      verbose: false,
    },
  });
});

it('takes several faults, each once', () => {
  const parsed = parseCommandLine(['--fault', 'throttle', '--fault', 'crash', '--fault', 'throttle']);

  expect(parsed).toMatchObject({ kind: 'start', options: { faults: ['throttle', 'crash'] } });
});

it.each([
  [['--fault', 'fire'], 'Allowed: copy-denied, throttle, lost-events, crash.'],
  [['--days', '0'], 'Allowed: a whole number from 1 to 366.'],
  [['--days', '1.5'], 'Allowed: a whole number from 1 to 366.'],
  [['--speed', '-1'], 'Allowed: a number above 0'],
  [['--port', '70000'], 'Allowed: a whole number from 0 to 65535.'],
  [['--colour'], "unknown option '--colour'"],
  [['something'], 'too many arguments'],
  [['--volumes', 'v.json'], '--volumes needs --fleet'],
])('refuses %j and says what is allowed', (args, complaint) => {
  const parsed = parseCommandLine(args);

  expect(parsed).toMatchObject({ kind: 'stop', exitStatus: 2 });
  expect(parsed.kind === 'stop' && parsed.text).toContain(complaint);
});

it('explains every fault and every exit status in its help', () => {
  const parsed = parseCommandLine(['--help']);

  expect(parsed).toMatchObject({ kind: 'stop', exitStatus: 0 });
  for (const word of ['copy-denied', 'throttle', 'lost-events', 'crash', 'Exit status', '--serve']) {
    expect(parsed.kind === 'stop' && parsed.text).toContain(word);
  }
});
