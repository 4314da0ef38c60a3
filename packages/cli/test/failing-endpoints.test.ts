import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pruneInputs } from '../../core/test/builders.ts';
import type { Registration } from '../src/command-line/add-command.ts';
import { createProgram } from '../src/program.ts';
import { planDocument, writePlan } from '../src/prune/plan-document.ts';
import { runCommand, useLocalCredentials } from './a-command.ts';
import { commandPaths, pathOf } from './examples/documented-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'smart-vault-failing-'));
const PLAN = join(folder, 'plan.json');
writeFileSync(PLAN, writePlan(planDocument(pruneInputs([]))));

/** Every command that asks AWS. */
const COMMANDS = [
  'status',
  'run',
  'points',
  'forecast',
  'points --region us-east-1',
  'dlq list',
  'dlq show snap-0123456789abcdef0',
  'dlq redrive',
  'dlq discard --class permanent --yes',
  'hold snap-0123456789abcdef0 --until forever',
  'release snap-0123456789abcdef0',
  'prune plan',
  `prune apply --plan ${PLAN} --yes`,
  'restore plan --volume vol-0123456789abcdef0',
  'restore plan --instance i-0123456789abcdef0',
  'restore apply --volume vol-0123456789abcdef0 --yes',
  'restore apply --instance i-0123456789abcdef0 --dry-run',
  'doctor',
];

const FAILURES = {
  throttles: { code: 'ThrottlingException', ec2: 'RequestLimitExceeded', status: 400, says: 'Wait a minute' },
  denies: {
    code: 'AccessDeniedException',
    ec2: 'UnauthorizedOperation',
    status: 403,
    says: 'lack this permission',
  },
  'is broken': { code: 'InternalError', ec2: 'InternalError', status: 500, says: 'did not answer' },
  'has other credentials': {
    code: 'InvalidClientTokenId',
    ec2: 'AuthFailure',
    status: 403,
    says: 'does not accept these credentials',
  },
} as const;

/** Answers every call of every service with the same refusal; a null never answers. */
async function serve(failure: (typeof FAILURES)[keyof typeof FAILURES] | null): Promise<Server> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    if (failure === null) return;
    const isJson = String(request.headers['content-type']).includes('json');
    response.writeHead(failure.status, {
      'content-type': isJson ? 'application/x-amz-json-1.0' : 'text/xml',
    });
    response.end(
      isJson
        ? JSON.stringify({ __type: failure.code, message: 'no' })
        : `<Response><Errors><Error><Code>${failure.ec2}</Code><Message>no</Message></Error></Errors></Response>`,
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const servers = new Map<string, Server>();
beforeAll(async () => {
  useLocalCredentials();
  for (const [name, failure] of Object.entries(FAILURES)) servers.set(name, await serve(failure));
  servers.set('never answers', await serve(null));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const server of servers.values()) {
    server.closeAllConnections();
    server.close();
  }
});

const run = (command: string, endpoint: string) =>
  runCommand([...command.split(' '), '--endpoint-url', endpoint], {
    env: { AWS_REGION: 'us-east-1' },
    requestTimeoutMs: 200,
  });

const CASES = [
  ...Object.entries(FAILURES).map(([name, { says }]) => [name, says] as const),
  ['never answers', 'did not come in time'] as const,
];

// The SDK repeats what is throttled, with growing pauses.
describe.each(CASES)('an endpoint that %s', { timeout: 30_000 }, (name, says) => {
  test.concurrent.each(COMMANDS)('%s: says what to do, exits with 2, shows no stack', async (command) => {
    const { status, out, err } = await run(command, urlOf(servers.get(name) as Server));

    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^smart-vault: /m);
    expect(err).toContain(says);
    expect(err).not.toMatch(/^\s+at /m);
    expect(err.split('\n').length).toBeLessThanOrEqual(3);
  });
});

test.each(COMMANDS)('%s: an address where nobody listens is named as such', async (command) => {
  const { status, err } = await run(command, 'http://127.0.0.1:1');

  expect(status).toBe(2);
  expect(err).toContain('ECONNREFUSED');
  expect(err).toContain('did not answer');
});

test('a source region that is down is told with the way round it', async () => {
  const { err } = await run('points', 'http://127.0.0.1:1');

  expect(err).toContain('points --region <destination>');
});

test('wrong usage is told with what is allowed', async () => {
  expect(await run('points --region nowhere', 'http://127.0.0.1:1')).toMatchObject({ status: 2 });
  expect((await run('points --at yesterday', 'http://127.0.0.1:1')).err).toContain(
    'Expected a time in UTC such as',
  );
  expect((await run('dlq discard --class lost', 'http://127.0.0.1:1')).err).toContain(
    'retryable, configuration',
  );
  expect((await run('hold snap-zz --until forever', 'http://127.0.0.1:1')).err).toContain(
    'is no snapshot id',
  );
  expect(await runCommand(['status', '--endpoint-url', 'localhost:4566'])).toMatchObject({ status: 2 });
  const { status, err } = await runCommand(['stauts']);
  expect(status).toBe(2);
  expect(err).toContain('Did you mean status?');
});

test('without a region it says how to give one', async () => {
  const { status, err } = await runCommand(['status'], { env: {} });

  expect(status).toBe(2);
  expect(err).toContain('give --region, or set AWS_REGION');
});

test('every command is among them', () => {
  const surroundings = { env: {}, terminal: { columns: 100 } } as Registration['surroundings'];
  const paths = commandPaths(createProgram({ surroundings, onExit: () => {} }));

  expect(paths.filter((path) => !COMMANDS.some((line) => pathOf(line, [path])))).toEqual(['completion']);
});

test('help and errors never show the credentials', async () => {
  process.env['AWS_SECRET_ACCESS_KEY'] = 'a-very-secret-key';
  const { out, err } = await run('points', urlOf(servers.get('has other credentials') as Server));
  useLocalCredentials();

  expect(out + err).not.toContain('a-very-secret-key');
});
