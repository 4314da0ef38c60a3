import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { encodeSettings, type Region } from '@smart-vault/core';
import { Ec2World, ec2Knobs, handleEc2Request, Rng, VirtualClock } from '@smart-vault/simulator';
import { startFauxqs } from 'fauxqs';
import { type CommandSetup, runCommand, useLocalCredentials } from './a-command.ts';
import { DESTINATION, SOURCE } from './seeded-vault.ts';

const SETTINGS = {
  sourceRegion: SOURCE as Region,
  destinations: [DESTINATION as Region],
  policy: 'default',
  schedule: 'cron(0 3 * * ? *)',
  timezone: 'UTC',
  consistency: 'instance',
  retentionDays: 7,
  keepMin: 3,
  graceHours: 24,
  deletesPerRunMax: 200,
  deleteShareMax: 0.2,
  prunerMode: 'live',
  rpoHours: 26,
  runDeadlineHours: 6,
  pendingSnapshotsMax: 100,
  copiesInFlightMax: 20,
  kmsKeyIds: {},
} as const;

/** The queues that a vault is found by, and EC2, behind one endpoint: all that a command needs that asks no function. */
export async function startSmallVault(startMs: number) {
  useLocalCredentials();
  const clock = new VirtualClock(startMs);
  const world = new Ec2World({
    clock,
    rng: new Rng(1),
    accountId: '000000000000',
    knobs: ec2Knobs(),
    onEvent: () => {},
  });
  const sqs = await startFauxqs({ port: 0, logger: false, defaultRegion: SOURCE });
  const client = new SQSClient({ region: SOURCE, endpoint: `http://127.0.0.1:${sqs.port}` });
  const tags = encodeSettings(SETTINGS);
  const Attributes = { FifoQueue: 'true' };
  await client.send(new CreateQueueCommand({ QueueName: 'smart-vault-volumes.fifo', Attributes, tags }));
  await client.send(new CreateQueueCommand({ QueueName: `smart-vault-copies-${DESTINATION}` }));

  const server = createServer((request, response) => {
    const date = new Date(clock.now()).toUTCString();
    const [, region = '', service] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    if (service === 'sqs') onward(request, response, sqs.port, date);
    else void ec2(request, response, world, region, date);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    cloud: { clock, world },
    endpoint,
    vault: (line: string, setup: CommandSetup = {}) =>
      runCommand([...line.split(' '), '--endpoint-url', endpoint], {
        env: { AWS_REGION: SOURCE },
        now: () => clock.now(),
        ...setup,
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await sqs.stop();
    },
  };
}

function onward(request: IncomingMessage, response: ServerResponse, port: number, date: string): void {
  const { method, headers, url } = request;
  const next = forward(`http://127.0.0.1:${port}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, { ...answer.headers, date });
    answer.pipe(response);
  });
  request.pipe(next);
}

async function ec2(
  request: IncomingMessage,
  response: ServerResponse,
  world: Ec2World,
  region: string,
  date: string,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
  const { status, headers, body } = handleEc2Request(world, { region, form });
  response.writeHead(status, { ...headers, date }).end(body);
}
