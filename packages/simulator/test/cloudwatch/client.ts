import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { type CloudWatch, handleCloudWatchRequest } from '../../src/index.ts';

const servers: Server[] = [];
const clients: CloudWatchClient[] = [];

/** Closes what `aClient` opened. */
export function closeClients(): void {
  for (const client of clients.splice(0)) client.destroy();
  for (const server of servers.splice(0)) server.close();
}

/** The real client against the model over HTTP. */
export async function aClient(cloudwatch: CloudWatch): Promise<CloudWatchClient> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = handleCloudWatchRequest(cloudwatch, {
        headers: request.headers,
        body: Buffer.concat(chunks),
      });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new CloudWatchClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  clients.push(client);
  return client;
}
