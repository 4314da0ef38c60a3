import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSettings, encodeSettings, type Region, type VaultSettings } from '../src/index.ts';

const SETTINGS: VaultSettings = {
  sourceRegion: 'us-east-1' as Region,
  destinations: ['eu-west-1', 'eu-central-1'] as Region[],
  policy: 'default',
  schedule: 'cron(0 3 * * ? *)',
  timezone: 'Europe/Berlin',
  consistency: 'instance',
  retentionDays: 7,
  keepMin: 3,
  graceHours: 24,
  deletesPerRunMax: 500,
  deleteShareMax: 0.5,
  prunerMode: 'live',
  rpoHours: 26,
  runDeadlineHours: 6,
  pendingSnapshotsMax: 100,
  copiesInFlightMax: 20,
  kmsKeyIds: { 'eu-west-1': 'arn:aws:kms:eu-west-1:111122223333:key/mrk-0123' },
};

test('settings come back from their tags, and every value is one that SQS takes', () => {
  const tags = encodeSettings(SETTINGS);

  expect(decodeSettings(tags)).toEqual(SETTINGS);
  for (const value of Object.values(tags)) expect(value).toMatch(/^[\w .:/=+@-]{1,256}$/);
});

test('a queue without settings tells nothing, and a value that cannot be read is left out', () => {
  expect(decodeSettings({ team: 'ops' })).toEqual({});
  const tags = {
    ...encodeSettings(SETTINGS),
    'smart-vault:retention-days': 'seven',
    'smart-vault:consistency': 'maybe',
    'smart-vault:source-region': 'somewhere',
  };
  const { retentionDays: _a, consistency: _b, sourceRegion: _c, ...rest } = SETTINGS;

  expect(decodeSettings(tags)).toEqual(rest);
});

test('no tag makes it throw', () => {
  const keys = fc.constantFrom(...Object.keys(encodeSettings(SETTINGS)), '__proto__', 'constructor');
  fc.assert(
    fc.property(fc.dictionary(keys, fc.string()), (tags) => {
      expect(() => decodeSettings(tags)).not.toThrow();
    }),
    { seed: 20_261_125 },
  );
});
