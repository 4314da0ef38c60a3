import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Region, SnapshotId } from '@smart-vault/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createMetricSink } from '../src/metric-sink.ts';
import { createNotifier } from '../src/notifier.ts';
import { createSnapshotStore } from '../src/snapshot-store.ts';
import { createWorkQueue } from '../src/work-queue.ts';

const region = 'eu-central-1' as Region;
const SNAPSHOT = 'snap-0a285e09f710b5417' as SnapshotId;

let asked: { host: string | undefined; authorization: string | undefined; body: string }[] = [];
let servers: Server[] = [];

/** A server on a free port that gives one answer to everything, or none at all. */
async function serve(answer: string | undefined): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { host, authorization } = request.headers;
      asked.push({ host, authorization, body: Buffer.concat(chunks).toString() });
      if (answer !== undefined) response.end(answer);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(() => {
  asked = [];
  servers = [];
  // What a function has in Lambda, and nothing of this machine's configuration.
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
});

afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

test('AWS_ENDPOINT_URL is where every service is, and requests are signed for the region', async () => {
  const url = await serve('<DeleteSnapshotResponse><return>true</return></DeleteSnapshotResponse>');
  vi.stubEnv('AWS_ENDPOINT_URL', url);

  await createSnapshotStore({ region }).deleteSnapshot(SNAPSHOT);
  await createNotifier({ region, topicArn: 'arn:aws:sns:eu-central-1:000000000000:t' }).publish({
    subject: 's',
    body: 'b',
  });

  expect(asked.map(({ host }) => `http://${host}`)).toEqual([url, url]);
  expect(asked[0]?.body).toContain('Action=DeleteSnapshot');
  expect(asked[0]?.authorization).toContain('/eu-central-1/ec2/aws4_request');
});

test('AWS_ENDPOINT_URL holds for queues and metrics too, whatever the URL of the queue', async () => {
  const url = await serve('{}');
  vi.stubEnv('AWS_ENDPOINT_URL', url);

  await createWorkQueue({ region, url: 'http://sqs.localhost.example:4566/000000000000/q' }).receive(1);
  await createMetricSink({ region }).put([{ name: 'M', value: 1, unit: 'Count' }], 0);

  expect(asked.map(({ host }) => `http://${host}`)).toEqual([url, url]);
});

test('AWS_ENDPOINT_URL_EC2 goes before AWS_ENDPOINT_URL', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', await serve('<wrong/>'));
  const ec2Url = await serve('<DeleteSnapshotResponse><return>true</return></DeleteSnapshotResponse>');
  vi.stubEnv('AWS_ENDPOINT_URL_EC2', ec2Url);

  await createSnapshotStore({ region }).deleteSnapshot(SNAPSHOT);

  expect(asked.map(({ host }) => `http://${host}`)).toEqual([ec2Url]);
});

test('an endpoint that is given goes before the environment', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', await serve('<wrong/>'));
  const endpoint = await serve('<DeleteSnapshotResponse><return>true</return></DeleteSnapshotResponse>');

  await createSnapshotStore({ region, endpoint }).deleteSnapshot(SNAPSHOT);

  expect(asked.map(({ host }) => `http://${host}`)).toEqual([endpoint]);
});

test('a copy works through AWS_ENDPOINT_URL', async () => {
  const url = await serve(
    `<CopySnapshotResponse><snapshotId>${SNAPSHOT}</snapshotId></CopySnapshotResponse>`,
  );
  vi.stubEnv('AWS_ENDPOINT_URL', url);

  const copy = await createSnapshotStore({ region }).copySnapshot({
    sourceRegion: 'us-east-1' as Region,
    sourceSnapshotId: SNAPSHOT,
    description: '',
    tags: {},
    encrypted: false,
  });

  expect(copy).toBe(SNAPSHOT);
  expect(new URLSearchParams(asked[0]?.body).get('SourceRegion')).toBe('us-east-1');
});

test('an endpoint that never answers is TRANSIENT, and a deletion is not sent again', async () => {
  const endpoint = await serve(undefined);

  const deletion = createSnapshotStore({ region, endpoint, requestTimeoutMs: 20 }).deleteSnapshot(SNAPSHOT);

  await expect(deletion).rejects.toMatchObject({
    code: 'TRANSIENT',
    details: { awsCode: 'TimeoutError', attempts: 1 },
  });
  expect(asked).toHaveLength(1);
});

test('an endpoint that is not there is TRANSIENT', async () => {
  const endpoint = await serve(undefined);
  await new Promise((resolve) => servers[0]?.close(resolve));

  const deletion = createSnapshotStore({ region, endpoint }).deleteSnapshot(SNAPSHOT);

  await expect(deletion).rejects.toMatchObject({ code: 'TRANSIENT' });
});
