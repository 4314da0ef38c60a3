import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  type EbsEvent,
  type Ec2Knobs,
  Ec2World,
  ec2Knobs,
  handleEc2Request,
  parseFleet,
  Rng,
  VirtualClock,
} from '../../src/index.ts';

export const HOME = 'us-east-1';
export const AWAY = 'eu-west-1';
export const START = Date.parse('2026-11-22T03:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const id = (kind: 'i' | 'vol' | 'snap' | 'ami', number: number): string =>
  `${kind}-0${number.toString(16).padStart(16, '0')}`;

export interface MachineOptions {
  readonly volumes?: readonly number[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly state?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** An instance as the AWS CLI prints it; its first volume is the root. */
export function machine(
  number: number,
  { volumes = [number], tags = {}, state = 'running', more = {} }: MachineOptions = {},
) {
  return {
    InstanceId: id('i', number),
    InstanceType: 't3.large',
    State: { Code: 16, Name: state },
    RootDeviceName: '/dev/xvda',
    BlockDeviceMappings: volumes.map((volume, at) => ({
      DeviceName: `/dev/xvd${String.fromCharCode(97 + at)}`,
      Ebs: { VolumeId: id('vol', volume), DeleteOnTermination: at === 0, Status: 'attached' },
    })),
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ...more,
  };
}

/** A volume as the AWS CLI prints it. */
export const disk = (number: number, more: Readonly<Record<string, unknown>> = {}) => ({
  VolumeId: id('vol', number),
  Size: 10,
  VolumeType: 'gp3',
  ...more,
});

export interface WorldOptions {
  readonly knobs?: Partial<Ec2Knobs>;
  readonly seed?: number;
  readonly instances?: readonly object[];
  readonly volumes?: readonly object[];
}

export interface TestWorld {
  readonly world: Ec2World;
  readonly clock: VirtualClock;
  readonly events: EbsEvent[];
  /** Lets this many milliseconds pass. */
  pass(ms: number): void;
}

/** A world with one instance with one volume, unless told otherwise. */
export function testWorld({
  knobs = {},
  seed = 1,
  instances = [machine(1)],
  volumes = [disk(1)],
}: WorldOptions = {}): TestWorld {
  const clock = new VirtualClock(START);
  const events: EbsEvent[] = [];
  const world = new Ec2World({
    clock,
    rng: new Rng(seed),
    accountId: '000000000000',
    knobs: ec2Knobs(knobs),
    onEvent: (event) => events.push(event),
  });
  const fleet = { instances: JSON.stringify(instances), volumes: JSON.stringify(volumes), region: HOME };
  world.operator.loadFleet(parseFleet(fleet));
  return { world, clock, events, pass: (ms) => clock.advanceTo(clock.now() + ms) };
}

/** The code of what a call throws, or what it returned. */
export function codeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

export interface Endpoint {
  client(region?: string): EC2Client;
  close(): Promise<void>;
}

/** The world over HTTP, with real SDK clients for it. The region comes from the signature, as in AWS. */
export async function serve(world: Ec2World): Promise<Endpoint> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const region =
        /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? HOME;
      const answer = handleEc2Request(world, { region, form: new URLSearchParams(body) });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const clients: EC2Client[] = [];
  return {
    client: (region = HOME) => {
      const client = new EC2Client({
        region,
        endpoint: `http://127.0.0.1:${port}`,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
      });
      clients.push(client);
      return client;
    },
    close: () => close(server, clients),
  };
}

function close(server: Server, clients: readonly EC2Client[]): Promise<void> {
  for (const client of clients) client.destroy();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
