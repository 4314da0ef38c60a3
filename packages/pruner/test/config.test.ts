import { loadConfig } from '@smart-vault/lambda-kit';
import { describe, expect, it } from 'vitest';
import { prunerEnv, toPruneConfig } from '../src/config.ts';

const ENV = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1',
  RETENTION_DAYS: '7',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:smart-vault-notifications',
};
const configOf = (env: Record<string, string>) => toPruneConfig(loadConfig(prunerEnv, { ...ENV, ...env }));

describe('defaults', () => {
  it('are careful', () => {
    const config = configOf({});

    expect(config.policy).toMatchObject({ retentionDays: 7, keepMin: 3, graceHours: 24 });
    expect([config.limits, config.mode]).toEqual([{ deletesPerRunMax: 200, deleteShareMax: 0.2 }, 'live']);
  });

  it('keep no more points than there are days of retention', () => {
    expect(configOf({ RETENTION_DAYS: '1' }).policy.keepMin).toBe(1);
  });
});

it('reads what is set', () => {
  const config = configOf({
    GRACE_HOURS: '0',
    KEEP_MIN: '5',
    DELETE_SHARE_MAX: '0.5',
    PRUNER_MODE: 'dry-run',
  });

  expect(config.policy).toMatchObject({ keepMin: 5, graceHours: 0 });
  expect([config.limits.deleteShareMax, config.mode]).toEqual([0.5, 'dry-run']);
});

it.each([
  ['PRUNER_MODE', 'delete'],
  ['KEEP_MIN', '0'],
  ['GRACE_HOURS', '-1'],
  ['DELETE_SHARE_MAX', '2'],
  ['RETENTION_DAYS', '0'],
])('refuses %s=%s', (name, value) => {
  expect(() => configOf({ [name]: value })).toThrow(`${name} is "${value}"`);
});
