import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  CloudWatch,
  type EbsEvent,
  Ec2World,
  ec2Knobs,
  handleCloudWatchRequest,
  handleEc2Request,
  parseFleet,
  Rng,
  type StackModel,
  VirtualClock,
} from '@smart-vault/simulator';
import { startFauxqs } from 'fauxqs';

export const ACCOUNT = '000000000000';

/**
 * EC2, CloudWatch, SQS and SNS as separate servers in real time: nothing of the local cloud, neither its clock nor
 * its one endpoint. Only snapshots need time to pass, by `advance`.
 */
export async function startPlainEndpoints(stacks: (queueEndpoint: string) => readonly StackModel[]) {
  const clock = new VirtualClock(Date.now());
  const events: EbsEvent[] = [];
  const world = new Ec2World({
    clock,
    rng: new Rng(7),
    accountId: ACCOUNT,
    knobs: ec2Knobs(),
    onEvent: (event) => events.push(event),
  });
  const cloudWatch = new CloudWatch({ clock, region: 'us-east-1', accountId: ACCOUNT });
  const ec2 = await serve((request, body) =>
    handleEc2Request(world, { region: regionOf(request), form: new URLSearchParams(body.toString()) }),
  );
  const watch = await serve(({ headers }, body) => handleCloudWatchRequest(cloudWatch, { headers, body }));
  const queues = await startFauxqs({ port: 0, logger: false, messageSpies: { bufferSize: 1_000 } });
  const queueEndpoint = `http://127.0.0.1:${queues.port}`;
  const models = stacks(queueEndpoint);
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: queueEndpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const queue of models.flatMap((model) => model.queues)) {
    const Attributes = {
      VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
      ...(queue.fifo && { FifoQueue: 'true' }),
      ...(queue.contentBasedDeduplication && { ContentBasedDeduplication: 'true' }),
    };
    await sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes }));
  }
  for (const topic of models.flatMap((model) => model.topics)) {
    queues.createTopic(topic.name, { region: topic.region });
  }
  const urlOf = (name: string): string => `${queueEndpoint}/${ACCOUNT}/${name}`;
  return {
    world,
    events,
    cloudWatch,
    models,
    environment: {
      AWS_ENDPOINT_URL: queueEndpoint,
      AWS_ENDPOINT_URL_EC2: ec2.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: watch.url,
    },
    /** Lets this many minutes pass in EC2. */
    advance: (minutes: number) => clock.advanceTo(clock.now() + minutes * 60_000),
    loadInstances: (instances: string, region: string) =>
      world.operator.loadFleet(parseFleet({ instances, region })),
    send: async (queue: string, body: string) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(queue), MessageBody: body }));
    },
    receive: async (queue: string): Promise<readonly string[]> => {
      const answer = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: urlOf(queue), MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
      );
      return (answer.Messages ?? []).map(({ Body = '' }) => Body);
    },
    /** Bodies of everything in a queue, delayed ones too. */
    bodiesIn: (queue: string): readonly string[] => {
      const messages = queues.inspectQueue(queue)?.messages;
      return [...(messages?.ready ?? []), ...(messages?.delayed ?? [])].map(({ body }) => body);
    },
    published: (): readonly string[] =>
      queues.spy.getAllMessages().flatMap((message) => (message.service === 'sns' ? [message.body] : [])),
    stop: async () => {
      await Promise.all([ec2.stop(), watch.stop(), queues.stop()]);
    },
  };
}

/** The region in the signature's credential scope. */
const regionOf = ({ headers }: IncomingMessage): string =>
  /Credential=[^/]+\/\d+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';

type Answer = { status: number; headers: Record<string, string>; body: string | Uint8Array };
async function serve(answer: (request: IncomingMessage, body: Buffer) => Answer) {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { status, headers, body } = answer(request, Buffer.concat(chunks));
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
