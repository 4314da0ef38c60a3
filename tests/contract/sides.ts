import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  type QueueSpec,
  runSnsCommand,
  runSqsCommand,
  SnsService,
  SqsService,
  VirtualClock,
  VirtualDate,
} from '@smart-vault/simulator';
import { startFauxqs } from 'fauxqs';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const START_MS = Date.UTC(2026, 10, 2, 3, 0, 0);

/** SQS and SNS of somebody: the same command objects go to each. */
export interface Side {
  readonly name: 'fauxqs' | 'model';
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  /** Milliseconds since 1970. */
  now(): number;
  /** Lets time pass; nothing waits. */
  advance(seconds: number): void;
  /** @returns its URL */
  createQueue(spec: Partial<QueueSpec> & { readonly name: string }): Promise<string>;
  /** @returns its ARN */
  createTopic(name: string): Promise<string>;
  close(): Promise<void>;
}

export const arnOf = (queue: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;

/** Both. Each test file has a pair of its own, as the time of fauxqs is that of the whole thread. */
export async function openSides(): Promise<readonly Side[]> {
  return [await openFauxqs(), openModel()];
}

/** The real SDK over HTTP to an independent implementation, whose `Date` is set by hand. */
async function openFauxqs(): Promise<Side> {
  const server = await startFauxqs({ port: 0, logger: false, defaultRegion: REGION });
  const date = new VirtualDate(START_MS);
  const settings = {
    region: REGION,
    endpoint: `http://127.0.0.1:${server.port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const sqs = new SQSClient(settings);
  const sns = new SNSClient(settings);
  let now = START_MS;
  return {
    name: 'fauxqs',
    sqs,
    sns,
    now: () => now,
    advance: (seconds) => {
      now += seconds * 1000;
      date.set(now);
    },
    createQueue: async (spec) => {
      const command = new CreateQueueCommand({ QueueName: spec.name, Attributes: attributesOf(spec) });
      const { QueueUrl = '' } = await sqs.send(command);
      return QueueUrl;
    },
    createTopic: async (name) => (await sns.send(new CreateTopicCommand({ Name: name }))).TopicArn ?? '',
    close: async () => {
      sqs.destroy();
      sns.destroy();
      date.close();
      await server.stop();
    },
  };
}

function attributesOf(spec: Partial<QueueSpec>): Record<string, string> {
  const { redrive } = spec;
  const policy = redrive && {
    deadLetterTargetArn: arnOf(redrive.deadLetterName),
    maxReceiveCount: redrive.maxReceiveCount,
  };
  const attributes: Record<string, string | undefined> = {
    FifoQueue: spec.fifo ? 'true' : undefined,
    VisibilityTimeout: spec.visibilityTimeoutSeconds?.toString(),
    MessageRetentionPeriod: spec.retentionSeconds?.toString(),
    DelaySeconds: spec.delaySeconds?.toString(),
    ContentBasedDeduplication: spec.contentBasedDeduplication?.toString(),
    MaximumMessageSize: spec.messageBytesMax?.toString(),
    RedrivePolicy: policy && JSON.stringify(policy),
  };
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function openModel(): Side {
  const clock = new VirtualClock(START_MS);
  const account = { clock, seed: 7, accountId: ACCOUNT };
  const sqs = new SqsService({
    ...account,
    queueUrl: (name) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  });
  const sns = new SnsService(account);
  return {
    name: 'model',
    sqs: clientOf<SQSClient>((command) => runSqsCommand(sqs, command, REGION)),
    sns: clientOf<SNSClient>((command) => runSnsCommand(sns, command)),
    now: () => clock.now(),
    advance: (seconds) => clock.advanceTo(clock.now() + seconds * 1000),
    createQueue: async (spec) =>
      sqs.createQueue({
        region: REGION,
        fifo: false,
        visibilityTimeoutSeconds: 30,
        retentionSeconds: 345_600,
        delaySeconds: 0,
        ...spec,
      }).url,
    createTopic: async (name) => sns.createTopic(name, REGION).arn,
    close: async () => {},
  };
}

/** As much of a client as the adapters use. */
function clientOf<Client>(run: (command: Parameters<typeof runSqsCommand>[1]) => unknown): Client {
  return { send: async (command: Parameters<typeof runSqsCommand>[1]) => run(command) } as Client;
}
