import { isAppError } from '@smart-vault/core';
import { describe, expect, test } from 'vitest';
import { configFromContext, contextOfCdkJson, parseConfig } from '../lib/index.ts';

const valid = { sourceRegion: 'us-east-1', destinationRegions: ['eu-west-1'] };

/** The message of the error that this configuration must cause. */
function complaintOf(settings: Readonly<Record<string, unknown>>): string {
  try {
    parseConfig(settings);
  } catch (error) {
    if (isAppError(error, 'CONFIG')) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('defaults', () => {
  test('two regions are enough; the rest has defaults', () => {
    expect(parseConfig(valid)).toEqual({
      vault: 'smart-vault',
      sourceRegion: 'us-east-1',
      destinationRegions: ['eu-west-1'],
      retentionDays: 7,
      schedule: 'cron(0 3 * * ? *)',
      pruneSchedule: 'cron(0 0/6 * * ? *)',
      timezone: 'UTC',
      consistency: 'instance',
      alertEmails: [],
      prunerMode: 'live',
      graceHours: 24,
      keepMin: 3,
      deletesPerRunMax: 200,
      deleteShareMax: 0.2,
      pendingSnapshotsMax: 100,
      copiesInFlightMax: 20,
      rpoHours: 26,
      runDeadlineHours: 6,
      kmsKeyIds: {},
      logRetentionDays: 90,
    });
  });

  test('keepMin is never more than the days that are kept', () => {
    expect(parseConfig({ ...valid, retentionDays: 1 }).keepMin).toBe(1);
    expect(parseConfig({ ...valid, retentionDays: 30 }).keepMin).toBe(3);
    expect(parseConfig({ ...valid, retentionDays: 1, keepMin: 5 }).keepMin).toBe(5);
  });

  test('cdk.json is valid as it stands', () => {
    expect(configFromContext(contextOfCdkJson()).vault).toBe('smart-vault');
  });
});

describe('problems', () => {
  test('all of them are reported at once, each with value, allowed and fix', () => {
    const message = complaintOf({
      vault: 'Smart Vault',
      destinationRegions: [],
      retentionDays: 0,
      timezone: 'Mars/Olympus',
      retentionDay: 7,
    });

    const lines = message.split('\n');
    expect(lines[0]).toBe('the configuration of the vault has 6 problems:');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^- retentionDay is not a setting; allowed: vault, sourceRegion, .*; fix: /);
    expect(lines[2]).toMatch(
      /^- vault is "Smart Vault"; allowed: up to 32 lower-case letters.*; fix: set it in cdk.json/,
    );
    expect(lines[3]).toMatch(
      /^- sourceRegion is missing; allowed: an AWS region; fix: .*"sourceRegion": "us-east-1"$/,
    );
    expect(lines[4]).toMatch(
      /^- destinationRegions is \[\]; allowed: a list of 1 to 8 different AWS regions; fix: /,
    );
    expect(lines[5]).toMatch(/^- retentionDays is 0; allowed: a whole number of days from 1 to 3650; fix: /);
    expect(lines[6]).toMatch(/^- timezone is "Mars\/Olympus"; allowed: an IANA time zone; fix: /);
  });

  test.each([
    ['a vault of 33 characters', { vault: 'v'.repeat(33) }, 'allowed: up to 32 lower-case letters'],
    ['a vault that ends with a hyphen', { vault: 'vault-' }, 'not ending with a hyphen'],
    ['a vault named as the schedule group that every account has', { vault: 'default' }, 'not default'],
    [
      'a vault too long for a longer region',
      { vault: 'v'.repeat(32), sourceRegion: 'us-isof-south-1', destinationRegions: ['us-isof-east-1'] },
      `which makes the name ${'v'.repeat(32)}-tick-snapshotter-us-isof-south-1 of 65 characters; allowed: EventBridge schedule names of up to 64 characters; fix: shorten it to 31 characters`,
    ],
    [
      'a region too long for any vault',
      { destinationRegions: [`eu-${'w'.repeat(60)}-1`] },
      'fix: check the names of the regions',
    ],
    [
      'the source among the destinations',
      { destinationRegions: ['us-east-1'] },
      'destinationRegions holds the source region',
    ],
    ['a destination in another partition', { destinationRegions: ['cn-north-1'] }, 'is in another partition'],
    ['a destination twice', { destinationRegions: ['eu-west-1', 'eu-west-1'] }, 'different AWS regions'],
    [
      'a key for a region that is no destination',
      { kmsKeyIds: { 'eu-west-2': 'mrk-0123456789abcdef0123456789abcdef' } },
      'which is no destination',
    ],
    [
      'a key of another region',
      {
        kmsKeyIds: {
          'eu-west-1': 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        },
      },
      'the key arn:aws:kms:us-east-1',
    ],
    ['an alias in place of a key', { kmsKeyIds: { 'eu-west-1': 'alias/backup' } }, 'no aliases'],
    ['a share above one', { deleteShareMax: 20 }, 'a number from 0.001 to 1'],
    ['days that CloudWatch Logs does not offer', { logRetentionDays: 10 }, 'one of 1, 3, 5'],
    ['a text where a number is due', { retentionDays: '7' }, 'retentionDays is "7"'],
    ['an address that is none', { alertEmails: ['ops'] }, 'e-mail addresses'],
    ['a cron of five fields', { schedule: 'cron(0 3 * * *)' }, 'expected 6'],
    ['a rate that drifts over the day', { schedule: 'rate(5 hours)', rpoHours: 26 }, 'does not divide a day'],
    [
      'an RPO that the schedule cannot hold',
      { schedule: 'cron(0 3 ? * SUN *)' },
      'leaves up to 168 hours between runs',
    ],
  ])('%s', (_what, change, complaint) => {
    expect(complaintOf({ ...valid, ...change })).toContain(complaint);
  });
});

describe('overrides on the command line', () => {
  const smartVault = valid;

  test('win over cdk.json, each in the form of its field', () => {
    const config = configFromContext({
      smartVault,
      'smartVault.retentionDays': '30',
      'smartVault.destinationRegions': 'eu-west-1,eu-central-1',
      'smartVault.vault': 'second',
      'smartVault.kmsKeyIds': 'eu-central-1=mrk-0123456789abcdef0123456789abcdef',
      'aws:cdk:other': true,
    });

    expect(config.retentionDays).toBe(30);
    expect(config.destinationRegions).toEqual(['eu-west-1', 'eu-central-1']);
    expect(config.vault).toBe('second');
    expect(config.kmsKeyIds).toEqual({ 'eu-central-1': 'mrk-0123456789abcdef0123456789abcdef' });
  });

  test('an unknown one is an error, and so is a number that is none', () => {
    const context = { smartVault, 'smartVault.retention': '30', 'smartVault.keepMin': 'three' };

    expect(() => configFromContext(context)).toThrow(/retention is not a setting[\s\S]*keepMin is "three"/);
  });

  test('settings that are no object are refused', () => {
    expect(() => configFromContext({ smartVault: 'eu-west-1' })).toThrow('smartVault is "eu-west-1"');
  });
});
