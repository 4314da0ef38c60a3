import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BundleReport, bundle, FUNCTION_NAMES, type FunctionName, handlerFile } from '../lib/index.ts';
import { named, synthesize, temporaryDirectory } from './support/synthesized.ts';

const ONLY_SQS = fileURLToPath(new URL('../bench/sqs-only.ts', import.meta.url));
const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'session',
};

/** What the SDK's own chain brings along, by names that survive minification. */
const FOREIGN_CLIENTS = /SSOClient|SSOOIDC|STSClient|AssumeRoleWithWebIdentity|portal\.sso/g;

/** Runs a script in a process of its own that knows nothing but this environment. */
const run = (script: string, env: Readonly<Record<string, string>>): string =>
  execFileSync(process.execPath, ['-e', script], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

describe('the bundles of the functions', () => {
  const bundles = new Map<FunctionName, BundleReport>();
  beforeAll(async () => {
    const folder = temporaryDirectory();
    for (const name of FUNCTION_NAMES) {
      const file = join(folder, name, 'index.cjs');
      bundles.set(name, await bundle({ name, entry: handlerFile(name), file }));
    }
  });
  const fileOf = (name: FunctionName): string => bundles.get(name)?.file ?? '';

  test.each(FUNCTION_NAMES)(
    '%s: nothing but its own file and its template’s environment is needed to load it',
    (name) => {
      const alone = join(temporaryDirectory(), 'index.cjs');
      copyFileSync(fileOf(name), alone);
      const { environment } = named(synthesize().source.functions, `smart-vault-${name}`);

      const type = run(`process.stdout.write(typeof require(${JSON.stringify(alone)}).handler)`, environment);

      expect(type).toBe('function');
    },
  );

  test.each(FUNCTION_NAMES)('%s: several destinations and keys are understood as well', (name) => {
    const { source } = synthesize({
      destinationRegions: ['eu-west-1', 'eu-central-1'],
      kmsKeyIds: { 'eu-central-1': 'mrk-0123456789abcdef0123456789abcdef' },
    });
    const { environment } = named(source.functions, `smart-vault-${name}`);

    expect(run(`require(${JSON.stringify(fileOf(name))})`, environment)).toBe('');
  });

  test.each(FUNCTION_NAMES)('%s: without its environment it says all that is missing', (name) => {
    expect(() => run(`require(${JSON.stringify(fileOf(name))})`, {})).toThrow(
      /SOURCE_REGION[\s\S]*DEST_REGION/,
    );
  });

  test.each(FUNCTION_NAMES)(
    '%s: credentials come from the environment only, and no map is shipped',
    (name) => {
      const code = readFileSync(fileOf(name), 'utf8');

      expect(code.match(FOREIGN_CLIENTS)).toBeNull();
      expect(code.includes('sourceMappingURL')).toBe(false);
      // Config files are not looked for, and event streams not known.
      expect(code.includes('fs/promises')).toBe(false);
      expect(code.includes('this bundle holds no event streams')).toBe(true);
      expect(code.includes('no AWS credentials in the environment')).toBe(true);
    },
  );

  test.each(FUNCTION_NAMES)('%s: of EC2 it holds only the calls that it makes', (name) => {
    const report = bundles.get(name);
    const schemas = report?.modules.find(({ id }) => /client-ec2\/dist-es\/schemas\/schemas_0\.js$/.test(id));

    // All of EC2 would be 1,200 KB; DescribeInstances alone brings most of what is left.
    expect(schemas?.bytes ?? 0).toBeLessThan(80_000);
  });
});

describe('a slim SDK', () => {
  test('is what the check for foreign clients tells from a whole one', async () => {
    const file = join(temporaryDirectory(), 'whole.cjs');
    await bundle({ name: 'whole', entry: ONLY_SQS, file, sdk: 'whole' });

    expect(new Set(readFileSync(file, 'utf8').match(FOREIGN_CLIENTS)).size).toBeGreaterThan(2);
  });

  test('signs its requests with the credentials of the environment', async () => {
    const file = join(temporaryDirectory(), 'slim.cjs');
    await bundle({ name: 'slim', entry: ONLY_SQS, file });
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"Successful":[],"Failed":[]}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const child = await runAside(file, {
      ...CREDENTIALS,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: endpoint,
    });
    server.close();

    expect(child).toBe('');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/sqs\/aws4_request/,
    );
    expect(seen[0]?.['x-amz-security-token']).toBe('session');
  });

  test('says what is missing when the environment holds no credentials', async () => {
    const file = join(temporaryDirectory(), 'slim.cjs');
    await bundle({ name: 'slim', entry: ONLY_SQS, file });

    const child = await runAside(file, { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });

    expect(child).toContain('no AWS credentials in the environment');
  });
});

/** Calls the handler of a bundle in another process while this one goes on; what went wrong, or nothing. */
async function runAside(file: string, env: Readonly<Record<string, string>>): Promise<string> {
  const script = `require(${JSON.stringify(file)}).handler({ url: process.env.AWS_ENDPOINT_URL + '/000000000000/q' })
    .catch((error) => process.stdout.write(error.message))`;
  return await new Promise((done) => {
    execFile(process.execPath, ['-e', script], { env }, (_error, stdout, stderr) => done(stdout + stderr));
  });
}
