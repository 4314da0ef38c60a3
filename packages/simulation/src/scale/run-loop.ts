import {
  CopySnapshotCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2';
import type { Environment } from '../environment.ts';
import type { AnyHandler } from '../lambda.ts';
import { DESTINATION, SOURCE } from './account.ts';
import { fieldOf, type NaiveClient } from './naive-calls.ts';
import { NaiveWorld } from './naive-world.ts';
import { resultOf, type ScaleResult } from './result.ts';
import type { ScaleOptions } from './run-vault.ts';

const TIMEOUT_MS = 900_000;
const POLL_MS = 15_000;
const POLLS_MAX = 40;
const STEP_MS = 60 * 60_000;

/**
 * The design that Smart Vault replaces: one function goes from volume to volume; it creates a snapshot, waits for it with a
 * waiter of 15 s x 40, copies it and tags the copy, for as long as its 15 minutes last. In reality it is started once a
 * day; here, in its favour, the next invocation starts as soon as one has ended and goes on with the volume it was at.
 */
export async function runLoop({ fleet, seed, progress }: ScaleOptions): Promise<ScaleResult> {
  const world = new NaiveWorld(fleet, seed, () => {});
  const { kernel, volumes } = world;
  let next = 0;
  let doneByFirst: number | undefined;
  const backup = world.addFunction('backup', TIMEOUT_MS, (client, environment) =>
    loop(
      client,
      environment,
      () => volumes[next],
      () => {
        next += 1;
      },
    ),
  );
  const start = (): void =>
    backup.invoke({}, `backup@${kernel.now()}`, () => {
      doneByFirst ??= next;
      if (next < volumes.length) start();
    });
  start();
  while (next < volumes.length || world.ec2.stats.region(DESTINATION).copiesInFlight > 0) {
    await kernel.runUntil(kernel.now() + STEP_MS);
    progress?.(next);
  }
  world.end();
  const notes = [`started over and over; its first 15 minutes did ${doneByFirst ?? next} volumes`];
  return resultOf('original loop', fleet, { ec2: world.ec2, meter: world.meter, deadLetters: 0, notes });
}

function loop(
  client: NaiveClient,
  environment: Environment,
  current: () => string | undefined,
  done: () => void,
): AnyHandler {
  return async () => {
    for (let volumeId = current(); volumeId !== undefined; volumeId = current()) {
      const snapshotId = fieldOf(
        await client.send(SOURCE, new CreateSnapshotCommand({ VolumeId: volumeId })),
        'SnapshotId',
      );
      await waitUntilCompleted(client, environment, snapshotId);
      const copy = new CopySnapshotCommand({ SourceRegion: SOURCE, SourceSnapshotId: snapshotId });
      const copyId = fieldOf(await client.send(DESTINATION, copy), 'SnapshotId');
      const tags = [{ Key: 'CopiedFrom', Value: SOURCE }];
      await client.send(DESTINATION, new CreateTagsCommand({ Resources: [copyId], Tags: tags }));
      done();
    }
  };
}

/** As botocore's waiter: asks at once, then every 15 s, and gives up after 40 times. */
async function waitUntilCompleted(
  client: NaiveClient,
  environment: Environment,
  snapshotId: string,
): Promise<void> {
  for (let poll = 0; poll < POLLS_MAX; poll += 1) {
    if (poll > 0) await environment.sleep(POLL_MS);
    const answer = await client.send(SOURCE, new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
    const { Snapshots = [] } = answer as { Snapshots?: readonly { State?: string }[] };
    if (Snapshots[0]?.State === 'completed') return;
  }
  throw new Error(`WaiterError: ${snapshotId}: max attempts exceeded`);
}
