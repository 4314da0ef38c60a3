import { AppError } from '@smart-vault/core';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  type ConfigProblem,
  commonEnv,
  type Environment,
  envChoice,
  envInteger,
  envNumber,
  envUrl,
  envUrlList,
  loadConfig,
} from '../src/index.ts';

const good = {
  SOURCE_REGION: 'us-east-1',
  DEST_REGION: 'eu-west-1, eu-central-1',
  RETENTION_DAYS: '14',
  SNS_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:smart-vault-notifications',
};

const schema = v.pipe(
  v.object({
    ...commonEnv,
    copiesQueueUrls: envUrlList(),
    copiesInFlightMax: v.optional(envInteger({ min: 1, max: 1000 }), '20'),
  }),
  v.forward(
    v.partialCheck(
      [['destinations'], ['copiesQueueUrls']],
      ({ destinations, copiesQueueUrls }) => destinations.length === copiesQueueUrls.length,
      'as many as DEST_REGION has regions',
    ),
    ['copiesQueueUrls'],
  ),
);
const queues = 'https://sqs.us-east-1.amazonaws.com/1/a,https://sqs.us-east-1.amazonaws.com/1/b';

/** The problems that loading throws, or none. */
function problemsOf(load: () => unknown): readonly ConfigProblem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFIG')
      return error.details['problems'] as ConfigProblem[];
    throw error;
  }
  return [];
}
const problems = (env: Environment) => problemsOf(() => loadConfig(schema, env));

describe('a good environment', () => {
  it('is read by variable names, with types and defaults, and frozen', () => {
    const config = loadConfig(schema, { ...good, COPIES_QUEUE_URLS: queues, PATH: '/bin' });

    expect(config).toEqual({
      sourceRegion: 'us-east-1',
      destinations: ['eu-west-1', 'eu-central-1'],
      retentionDays: 14,
      topicArn: good.SNS_TOPIC_ARN,
      vault: 'smart-vault',
      policy: 'default',
      copiesQueueUrls: queues.split(','),
      copiesInFlightMax: 20,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty variable for one that is not set', () => {
    const config = loadConfig(schema, {
      ...good,
      COPIES_QUEUE_URLS: queues,
      COPIES_IN_FLIGHT_MAX: ' ',
      VAULT_NAME: '',
    });

    expect(config).toMatchObject({ copiesInFlightMax: 20, vault: 'smart-vault' });
  });
});

describe('a bad environment', () => {
  it('is told completely: name, value, what is allowed and what to do', () => {
    const found = problems({
      DEST_REGION: 'eu-west-1,mars',
      RETENTION_DAYS: '0',
      SNS_TOPIC_ARN: 'smart-vault',
      COPIES_QUEUE_URLS: 'ftp://queue',
      COPIES_IN_FLIGHT_MAX: 'many',
    });

    expect(found.map(({ name, value, allowed }) => ({ name, value, allowed }))).toEqual([
      { name: 'SOURCE_REGION', value: 'not set', allowed: 'the name of an AWS region, such as eu-central-1' },
      {
        name: 'DEST_REGION',
        value: '"eu-west-1,mars"',
        allowed: 'names of AWS regions separated by commas, each one once, such as eu-west-1,eu-central-1',
      },
      { name: 'RETENTION_DAYS', value: '"0"', allowed: 'a whole number from 1 to 3650' },
      { name: 'SNS_TOPIC_ARN', value: '"smart-vault"', allowed: 'the ARN of an SNS topic' },
      {
        name: 'COPIES_QUEUE_URLS',
        value: '"ftp://queue"',
        allowed: 'URLs of queues separated by commas, one per region in DEST_REGION',
      },
      { name: 'COPIES_IN_FLIGHT_MAX', value: '"many"', allowed: 'a whole number from 1 to 1000' },
    ]);
    expect(found.every(({ fix }) => fix.includes('environment'))).toBe(true);
  });

  it('names every variable once in the message', () => {
    const load = () =>
      loadConfig(schema, { ...good, RETENTION_DAYS: '-1', DEST_REGION: 'x', COPIES_QUEUE_URLS: queues });

    expect(load).toThrow(
      /^the environment has 2 problem\(s\):\nDEST_REGION is "x"; .+\nRETENTION_DAYS is "-1"; .+$/,
    );
  });

  it('finds rules between variables that are broken, also when others are wrong', () => {
    const found = problems({
      ...good,
      RETENTION_DAYS: 'x',
      COPIES_QUEUE_URLS: 'https://sqs.us-east-1.amazonaws.com/1/a',
    });

    expect(found.map(({ name, allowed }) => [name, allowed])).toEqual([
      ['RETENTION_DAYS', 'a whole number from 1 to 3650'],
      ['COPIES_QUEUE_URLS', 'as many as DEST_REGION has regions'],
    ]);
  });

  it('refuses a region that is named twice', () => {
    const found = problems({ ...good, DEST_REGION: 'eu-west-1,eu-west-1', COPIES_QUEUE_URLS: queues });

    expect(found.map(({ name }) => name)).toEqual(['DEST_REGION']);
  });

  it('never prints a secret, and cuts long values', () => {
    const secretive = v.object({ apiToken: v.pipe(v.string(), v.minLength(99)), url: envUrl() });
    const load = () => loadConfig(secretive, { API_TOKEN: 'hunter2', URL: 'x'.repeat(5_000) });

    const [token, url] = problemsOf(load);

    expect(token).toMatchObject({ name: 'API_TOKEN', value: 'hidden' });
    expect(load).not.toThrow(/hunter2/);
    expect(url?.value.length).toBeLessThan(200);
  });
});

describe('kinds of variables', () => {
  const read = (entry: v.ObjectEntries[string], text: string) => v.safeParse(entry, text).success;

  it.each([
    ['whole numbers', envInteger({ min: 3, max: 5 }), ['3', '5'], ['2', '6', '3.5', '1e1', '', ' 4', '0x4']],
    ['numbers', envNumber({ min: 0, max: 1 }), ['0', '0.2', '1'], ['1.1', '-0', '.5', 'NaN', '1e-3']],
    ['choices', envChoice(['live', 'dry-run']), ['live', 'dry-run'], ['Live', 'dry', '']],
    [
      'URLs',
      envUrl(),
      ['https://a.b/c', 'http://127.0.0.1:1/q.fifo'],
      ['sqs', 'file:///etc/passwd', 'javascript:1'],
    ],
    ['regions', commonEnv.sourceRegion, ['us-east-1', 'us-gov-west-1'], ['us-east', 'US-EAST-1', '*']],
    ['vault names', commonEnv.vault, ['v', 'smart-vault_2'], ['', '-v', 'a b', 'a'.repeat(41), 'a*']],
  ])('%s', (_name, entry, allowed, refused) => {
    expect(allowed.filter((text) => !read(entry, text))).toEqual([]);
    expect(refused.filter((text) => read(entry, text))).toEqual([]);
  });
});
