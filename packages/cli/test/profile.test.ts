import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './a-command.ts';
import { startSmallVault } from './small-vault.ts';

// Everything comes from the shared files of the AWS CLI: the environment has neither region nor credentials.
const folder = mkdtempSync(join(tmpdir(), 'smart-vault-profile-'));
let vault: Awaited<ReturnType<typeof startSmallVault>>;
beforeAll(async () => {
  vault = await startSmallVault(Date.UTC(2026, 10, 22));
  const config = [
    '[profile night]',
    'region = us-east-1',
    `endpoint_url = ${vault.endpoint}`,
    '[profile placeless]',
    '[profile elsewhere]',
    'region = us-east-1',
    'endpoint_url = http://127.0.0.1:1',
    '[sso-session work]',
  ];
  const keys = ['aws_access_key_id = local', 'aws_secret_access_key = local'];
  const credentials = ['night', 'placeless', 'elsewhere'].flatMap((name) => [`[${name}]`, ...keys]);
  writeFileSync(join(folder, 'config'), config.join('\n'));
  writeFileSync(join(folder, 'credentials'), credentials.join('\n'));
  process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials');
  for (const name of Object.keys(process.env))
    if (/^AWS_(ACCESS|SECRET|REGION|DEFAULT_REGION|PROFILE|ENDPOINT)/.test(name)) delete process.env[name];
});
afterAll(async () => {
  await vault.close();
  rmSync(folder, { recursive: true });
});

const run = (line: string, env: Readonly<Record<string, string>> = {}) => {
  Object.assign(process.env, env);
  return runCommand(line.split(' '), { env }).finally(() => {
    for (const name of Object.keys(env)) delete process.env[name];
  });
};

test('region, endpoint and credentials are those of the profile', async () => {
  expect(await run('points --profile night')).toMatchObject({
    status: 0,
    out: 'No recovery points.',
    err: '',
  });
  expect(await run('points', { AWS_PROFILE: 'night' })).toMatchObject({ status: 0, err: '' });
});

test('what is given goes before what the profile says', async () => {
  expect(await run(`points --profile elsewhere --endpoint-url ${vault.endpoint}`)).toMatchObject({
    status: 0,
  });
  expect(await run('points --profile elsewhere', { AWS_ENDPOINT_URL: vault.endpoint })).toMatchObject({
    status: 0,
  });
  expect((await run('points --profile night --region eu-west-1')).err).toContain('eu-west-1');
  const { status, err } = await run('points --profile elsewhere');
  expect(status).toBe(2);
  expect(err).toContain('ECONNREFUSED');
});

test('a profile without a region says how to give one', async () => {
  const { status, err } = await run('status --profile placeless');

  expect(status).toBe(2);
  expect(err).toContain('give --region, or set AWS_REGION');
});

test.each([
  ['status --profile none-such', {}],
  ['status --region us-east-1', { AWS_PROFILE: 'none-such' }],
])('a profile that is not there is named, with those that are: %s', async (line, env) => {
  const { status, err, out } = await run(line, env);

  expect(status).toBe(2);
  expect(out).toBe('');
  expect(err).toMatch(
    /^smart-vault: no profile "none-such" in .*; those there are: elsewhere, night, placeless$/,
  );
});
