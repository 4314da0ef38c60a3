import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  type BackOff,
  createInstanceCatalog,
  createMetricSink,
  createNotifier,
  createSnapshotStore,
  createWorkQueue,
  throttleOnlyRetry,
} from '@smart-vault/aws';
import type { Cloud } from '@smart-vault/core';
import type { Call, Environment } from './environment.ts';

/** A command object of an SDK client. */
export interface Command {
  readonly input: unknown;
  readonly constructor: { readonly name: string };
}

/** The services that commands are run on, each synchronously and at the virtual moment of its effect. */
export interface Services {
  ec2(environment: Environment, region: string, command: Command): unknown;
  sqs(environment: Environment, command: Command): unknown;
  sns(environment: Environment, command: Command): unknown;
  cloudWatch(environment: Environment, region: string, command: Command): unknown;
  /** Ids that an EC2 command acts on. */
  subjectOf(command: Command): string;
}

/** The SDK's standard retries: calls for one request, the first included (`packages/aws/src/clients.ts`). */
const ATTEMPTS_MAX = 4;
const THROTTLES = new Set(['RequestLimitExceeded', 'Throttling', 'ThrottlingException', 'RequestThrottled']);

/**
 * The ports of one execution environment: our own adapters over clients that answer from the simulator. A client is
 * nothing but `send`, as the adapters use nothing else; retries are those that the real clients are set up with.
 */
export function simulatedCloud(environment: Environment, services: Services, random: () => number): Cloud {
  const backOff: BackOff = { sleep: (ms) => environment.sleep(ms), random };
  const sqs = sqsClient(environment, services, backOff);
  return {
    snapshotStore: (region) =>
      createSnapshotStore({ region, clients: ec2Clients(environment, services, region, backOff) }),
    instanceCatalog: (region) =>
      createInstanceCatalog({ region, clients: ec2Clients(environment, services, region, backOff) }),
    workQueue: (url, region) => createWorkQueue({ url, region, client: sqs, backOff }),
    metricSink: (region) =>
      createMetricSink({ region, client: cloudWatchClient(environment, services, region, backOff) }),
    notifier: (topicArn, region) =>
      createNotifier({ topicArn, region, client: snsClient(environment, services, region, backOff) }),
  };
}

/** The names of operations by the classes of their commands: cut off once, and from then on the same text. */
const OPERATIONS = new Map<Command['constructor'], string>();

/** What a command does: its class's name without `Command`. */
export function operationOf({ constructor: kind }: Command): string {
  let operation = OPERATIONS.get(kind);
  if (operation === undefined) {
    operation = kind.name.slice(0, -'Command'.length);
    OPERATIONS.set(kind, operation);
  }
  return operation;
}

function ec2Clients(environment: Environment, services: Services, region: string, backOff: BackOff) {
  const once = (command: Command): Promise<unknown> => {
    const call: Call = {
      service: 'ec2',
      region,
      operation: operationOf(command),
      subject: services.subjectOf(command),
    };
    return environment.call(call, () => services.ec2(environment, region, command));
  };
  const strategy = throttleOnlyRetry(backOff);
  return {
    reads: { send: (command: Command) => repeated(() => once(command), backOff) } as unknown as EC2Client,
    writes: { send: (command: Command) => byStrategy(() => once(command), strategy) } as unknown as EC2Client,
  };
}

function sqsClient(environment: Environment, services: Services, backOff: BackOff): SQSClient {
  const once = (command: Command): Promise<unknown> => {
    const url = (command.input as { QueueUrl?: string }).QueueUrl ?? '';
    const subject = url.slice(url.lastIndexOf('/') + 1);
    const call: Call = { service: 'sqs', region: '', operation: operationOf(command), subject };
    return environment.call(call, () => services.sqs(environment, command));
  };
  return { send: (command: Command) => repeated(() => once(command), backOff) } as unknown as SQSClient;
}

function snsClient(
  environment: Environment,
  services: Services,
  region: string,
  backOff: BackOff,
): SNSClient {
  const once = (command: Command): Promise<unknown> =>
    environment.call({ service: 'sns', region, operation: operationOf(command), subject: '' }, () =>
      services.sns(environment, command),
    );
  return { send: (command: Command) => repeated(() => once(command), backOff) } as unknown as SNSClient;
}

function cloudWatchClient(
  environment: Environment,
  services: Services,
  region: string,
  backOff: BackOff,
): CloudWatchClient {
  const once = (command: Command): Promise<unknown> =>
    environment.call({ service: 'cloudwatch', region, operation: operationOf(command), subject: '' }, () =>
      services.cloudWatch(environment, region, command),
    );
  return {
    send: (command: Command) => repeated(() => once(command), backOff),
  } as unknown as CloudWatchClient;
}

/** As the SDK's standard mode: throttles, 5xx and lost answers are repeated, with full jitter. */
async function repeated(send: () => Promise<unknown>, backOff: BackOff): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isWorthRepeating(error)) throw error;
      const base = THROTTLES.has((error as Error).name) ? 1_000 : 100;
      await backOff.sleep(Math.floor(backOff.random() * Math.min(20_000, base * 2 ** (attempt - 1))));
    }
  }
}

function isWorthRepeating(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return THROTTLES.has(name ?? '') || name === 'TimeoutError' || ($metadata?.httpStatusCode ?? 0) >= 500;
}

/** Asks a retry strategy of the SDK, as its middleware does. */
async function byStrategy(
  send: () => Promise<unknown>,
  strategy: ReturnType<typeof throttleOnlyRetry>,
): Promise<unknown> {
  let token = await strategy.acquireInitialRetryToken('');
  for (;;) {
    try {
      return await send();
    } catch (error) {
      try {
        token = await strategy.refreshRetryTokenForRetry(token, {
          errorType: 'TRANSIENT',
          error: error as never,
        });
      } catch {
        throw error;
      }
    }
  }
}
