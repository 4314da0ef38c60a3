import { CopySnapshotCommand, CreateSnapshotCommand } from '@aws-sdk/client-ec2';
import type { EbsEvent } from '@smart-vault/simulator';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ACCOUNT } from '../account.ts';
import { Mapping } from '../mapping.ts';
import { DESTINATION, SLOT_MS, SOURCE } from './account.ts';
import type { NaiveClient } from './naive-calls.ts';
import { NaiveWorld } from './naive-world.ts';
import { resultOf, type ScaleResult } from './result.ts';
import type { ScaleOptions } from './run-vault.ts';

const BATCH = 10;
const MAX_RECEIVE_COUNT = 5;
const VISIBILITY_SECONDS = 60;
const TIMEOUT_MS = 60_000;
const EVENT_MS = 500;
const STEP_MS = 10 * 60_000;
/** So long nothing happens: everything has ended or died. */
const STILL_MS = 2 * 3_600_000;

/** Lambda's pollers of a standard queue: 5 at first, 300 more a minute, 1,000 at most. */
const concurrencyAt = (now: number): number =>
  Math.min(1_000, 5 + Math.floor(((now - SLOT_MS) / 60_000) * 300));

/**
 * The obvious design: a queue of volumes and one of completed snapshots, each mapped to a function that calls EC2 for every
 * message of its batch with the SDK's retries, and reports those that failed; after five receives a message is dead.
 */
export async function runFanOut({ fleet, seed, progress }: ScaleOptions): Promise<ScaleResult> {
  const world = new NaiveWorld(fleet, seed, (event) => snapshotEnded(event));
  const creates = addStage(world, 'creates', (client, volumeId) =>
    client.send(SOURCE, new CreateSnapshotCommand({ VolumeId: volumeId })),
  );
  const copies = addStage(world, 'copies', (client, snapshotId) =>
    client.send(DESTINATION, new CopySnapshotCommand({ SourceRegion: SOURCE, SourceSnapshotId: snapshotId })),
  );
  const snapshotEnded = ({ region, detail }: EbsEvent): void => {
    if (region !== SOURCE) return;
    const { snapshot_id: arn = '' } = detail as { snapshot_id?: string };
    const body = arn.slice(arn.lastIndexOf('/') + 1);
    world.kernel.clock.after(EVENT_MS, 'event', () => {
      copies.queue.send({ body });
      world.meter.onDelivered();
    });
  };
  for (const body of world.volumes) creates.queue.send({ body });
  world.meter.usage.sqsRequests += Math.ceil(world.volumes.length / BATCH);
  await runUntilStill(world, progress);
  world.end();
  const dead = [creates.dead(), copies.dead()] as const;
  return resultOf('plain fan-out', fleet, {
    ec2: world.ec2,
    meter: world.meter,
    deadLetters: dead[0] + dead[1],
    notes: [`dead letters: ${dead[0]} creates, ${dead[1]} copies`],
  });
}

function addStage(
  world: NaiveWorld,
  name: string,
  work: (client: NaiveClient, body: string) => Promise<unknown>,
) {
  const { kernel, chaos, meter, sqs } = world;
  const common = {
    region: SOURCE,
    fifo: false,
    delaySeconds: 0,
    visibilityTimeoutSeconds: VISIBILITY_SECONDS,
  } as const;
  const deadLetters = sqs.createQueue({ ...common, name: `${name}-dlq`, retentionSeconds: 1_209_600 });
  const redrive = { deadLetterName: `${name}-dlq`, maxReceiveCount: MAX_RECEIVE_COUNT };
  const queue = sqs.createQueue({ ...common, name, retentionSeconds: 345_600, redrive });
  const target = world.addFunction(
    name,
    TIMEOUT_MS,
    (client) => (event: SQSEvent) => workAll(event, (body) => work(client, body)),
  );
  new Mapping({
    kernel,
    chaos,
    queue,
    queueArn: `arn:aws:sqs:${SOURCE}:${ACCOUNT}:${name}`,
    target,
    batchSize: BATCH,
    reportsItemFailures: true,
    concurrencyMax: () => concurrencyAt(kernel.now()),
    onReceive: (from, messages) => meter.onReceive(from, messages),
  });
  return { queue, dead: () => deadLetters.counts().visible };
}

async function workAll(
  { Records }: SQSEvent,
  work: (body: string) => Promise<unknown>,
): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of Records) {
    try {
      await work(body);
    } catch {
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

async function runUntilStill(
  { kernel, ec2 }: NaiveWorld,
  progress?: (copied: number) => void,
): Promise<void> {
  let [calls, movedAt] = [-1, kernel.now()];
  while (kernel.now() - movedAt < STILL_MS) {
    await kernel.runUntil(kernel.now() + STEP_MS);
    const now = ec2.stats.apis().reduce((sum, api) => sum + api.calls, 0);
    if (now !== calls || ec2.stats.region(DESTINATION).copiesInFlight > 0) movedAt = kernel.now();
    calls = now;
    progress?.(ec2.stats.region(DESTINATION).completed);
  }
}
